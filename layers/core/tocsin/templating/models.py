"""Templates as the routing file writes them, by type of event and by channel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, ValidationError

from tocsin.events import Frozen
from tocsin.templating.runtime import Fault
from tocsin.values import dataclass

SOURCE = 4_000
FACTS = 25
CHANNELS = 12
OWN_TYPES = "tocsin."

Source = Annotated[str, Field(max_length=SOURCE)]
Label = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Place = tuple[str | int, ...]


class FactPart(Frozen):
    """A fact; it is left out where its value comes out empty."""

    name: Label
    value: Source
    inline: bool = True


class Parts(Frozen):
    """What is told in other words; the built-in look says the rest. `format` is that
    of the body and of the facts."""

    title: Source | None = None
    body: Source | None = None
    facts: Annotated[tuple[FactPart, ...], Field(max_length=FACTS)] | None = None
    preview: Source | None = None
    format: Literal["text", "markdown"] | None = None


class Template(Parts):
    """For a type; what a channel says of its own stands before the rest."""

    channels: Annotated[dict[Label, Parts], Field(max_length=CHANNELS)] = {}


@dataclass(frozen=True, slots=True)
class Chosen:
    """The parts for one type and channel, and the glob that named them."""

    name: str
    parts: Parts


def chosen_for(
    templates: Mapping[str, Mapping[str, Any]], event_type: str, channel: str
) -> Chosen | None:
    """The template of this very type, else the first whose glob takes it. What Tocsin
    tells of itself has a form of its own: a template must name it to change that.

    Raises `Fault` for one that is none."""
    glob = glob_for(templates, event_type)
    if glob is None:
        return None
    try:
        parts = _merged(Template.model_validate(templates[glob]), channel)
    except ValidationError:
        raise Fault("", 0, "is not a template") from None
    return Chosen(glob, parts)


def glob_for(templates: Mapping[str, Any], event_type: str) -> str | None:
    """The name under which the template for this type stands."""
    if event_type in templates:
        return event_type
    own = event_type.startswith(OWN_TYPES)
    for glob in templates:
        if fnmatchcase(event_type, glob) and (not own or glob.startswith(OWN_TYPES)):
            return glob
    return None


def blocks_of(template: Template) -> Iterator[tuple[Place, Parts]]:
    """(where they stand, what is said there): for all channels, then for each."""
    yield (), template
    for name, parts in template.channels.items():
        yield ("channels", name), parts


def sources_of(parts: Parts) -> Iterator[tuple[Place, str]]:
    """(where it stands, its text) of each text in it."""
    for name in ("title", "body", "preview"):
        source = getattr(parts, name)
        if source is not None:
            yield (name,), source
    for index, fact in enumerate(parts.facts or ()):
        yield ("facts", index, "value"), fact.value


def _merged(template: Template, channel: str) -> Parts:
    own = template.channels.get(channel)
    if own is None:
        return template
    said = {
        name: value
        for name in Parts.model_fields
        if (value := getattr(own, name)) is not None
    }
    return template.model_copy(update=said)
