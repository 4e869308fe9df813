"""Declared: types and links of the operator's own, as `tocsin.yaml` writes them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Annotated
from urllib.parse import quote

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

from tocsin.catalog.scene import Scene, link
from tocsin.catalog.templates import check, fill, keys_of
from tocsin.events import Event, Fact, Frozen, Link, Seconds
from tocsin.look import Look
from tocsin.severity import Severity, parse_severity

_PLACE = re.compile(r"https?://[^/{}\s?#]+(?=[/?#]|$)")


def _address(template: str) -> str:
    """Data never chooses the host that people are led to."""
    if _PLACE.match(template) is None:
        raise ValueError("should begin with https:// and a host that has no braces")
    return check(template)


def _severity(value: object) -> Severity:
    return parse_severity(str(value))


Template = Annotated[str, Field(max_length=2000), AfterValidator(check)]
Address = Annotated[str, Field(max_length=2000), AfterValidator(_address)]
Glob = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Label = Annotated[str, StringConstraints(min_length=1, max_length=80)]


class _Part(Frozen):
    """A part of the routing file: built with the whole, never by itself."""

    model_config = ConfigDict(defer_build=True)


class FactTemplate(_Part):
    """A fact of a declared type; it is left out where its value has a hole."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    value: Template
    inline: bool = True


class DeclaredType(_Part):
    """How events of a type look. What the sender says wins; what is not said here, the
    catalogue says, if it knows the type."""

    title: Template = ""
    message: Template = ""
    severity: Annotated[Severity, BeforeValidator(_severity)] | None = None
    look: Look = Look()
    facts: Annotated[tuple[FactTemplate, ...], Field(max_length=25)] = ()
    fingerprint: Template = ""
    ttl: Seconds | None = None
    # Numbers in `data` that must be reached, or the event is kept and not sent.
    threshold: Annotated[dict[str, float], Field(max_length=5)] = {}
    # The name in `links` to which the title leads.
    link: Annotated[str, Field(max_length=80)] = ""

    def facts_for(self, scene: Scene) -> Iterable[Fact]:
        """The facts whose values are there."""
        for each in self.facts:
            value = fill(each.value, scene)
            if value:
                yield Fact(name=each.name, value=value[:4000], inline=each.inline)


class LinkTemplate(_Part):
    """A link for every event that has its values.

    `map` replaces values before they are put in; `window` is the time from {start} to
    {end}, with the event in its middle.
    """

    url: Address
    label: Annotated[str, Field(max_length=80)] = ""
    type: Annotated[tuple[Glob, ...], Field(min_length=1, max_length=50)] = ("*",)
    map: dict[str, dict[str, str]] = {}
    window: Seconds = 60

    def may_fit(self, event: Event) -> bool:
        """Whether it is of a type and has the keys; most events end here."""
        for key in keys_of(self.url):
            if key not in event.data:
                return False
        return any(glob == "*" or fnmatchcase(event.type, glob) for glob in self.type)

    def link_for(self, name: str, scene: Scene) -> Link | None:
        """The link, or None where the type or a value is missing."""
        if not self.may_fit(scene.event):
            return None
        url = fill(self.url, scene, encode=_encoded, maps=self.map, window=self.window)
        return link(self.label or name.replace("_", " ").capitalize(), url)


def _encoded(value: str) -> str:
    return quote(value, safe="", errors="replace")


def _from_text(value: object) -> object:
    return {"url": value} if isinstance(value, str) else value


Types = Annotated[dict[Glob, DeclaredType], Field(max_length=200)]
Links = Annotated[
    dict[Label, Annotated[LinkTemplate, BeforeValidator(_from_text)]],
    Field(max_length=50),
]


def declared_for(types: Mapping[str, DeclaredType], name: str) -> DeclaredType | None:
    """The declaration of this very type, else the first whose glob takes it."""
    if not types:
        return None
    found = types.get(name)
    if found is not None:
        return found
    return next((each for glob, each in types.items() if fnmatchcase(name, glob)), None)
