"""Hooks: a foreign tool's call as it came, and the adapter that reads its body."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from functools import cached_property
from importlib import import_module
from types import ModuleType
from urllib.parse import parse_qs

from pydantic import JsonValue

from tocsin.errors import Fault, Malformed, NotFound, Unsupported
from tocsin.events import Frozen
from tocsin.intake.batch import Batch
from tocsin.intake.multipart import MEDIA_TYPE, field_of
from tocsin.intake.options import Options, read_options
from tocsin.intake.reading import check_size, read_body, read_json, read_text, shown
from tocsin.values import dataclass

# Tools cannot know our limits: a stack trace from Sentry, or a group of a hundred
# alerts, has more than a sender of our own form needs. Lambda takes 6 MB, in its own
# envelope. What is large is kept apart from the event (`sizing`).
LIMIT = 5 * 1024 * 1024
KEYS = 50_000
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Call:
    """One call of `POST /v1/hooks/{adapter}`; header names are in lower case.

    `options` are what the operator set for this source and adapter (a mapping, a
    severity), already checked by `check_options`.
    """

    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    options: Mapping[str, JsonValue] = field(default_factory=dict)

    @property
    def media(self) -> str:
        """What the caller says that the body is."""
        told = self.headers.get("content-type", "")
        return told.partition(";")[0].strip().lower()

    @cached_property
    def value(self) -> JsonValue:
        """The body as JSON. Raises `Malformed`, `TooLarge`, or `Unsupported` for what
        was cut into parts."""
        if self.media.startswith("multipart/"):
            reason = f'"{shown(self.media)}" is not read here; send application/json'
            raise Unsupported(reason, [Fault("content-type", reason)])
        return read_body(self.body, LIMIT, KEYS)

    def form(self, name: str) -> JsonValue:
        """The JSON in a form's field of this name; a body that is no form is taken
        as JSON itself. Raises as `value` does."""
        if self.media == MEDIA_TYPE:
            return self._part(name)
        if self.media != FORM:
            return self.value
        told = read_text(self.body, LIMIT)
        if told.lstrip().startswith(("{", "[")):
            return self.value  # What `curl -d` calls a form is often none.
        try:
            fields = parse_qs(told, errors="strict", max_num_fields=100)
        except ValueError:
            fields = {}
        if name not in fields:
            raise _missing(name)
        return read_json(fields[name][0], KEYS)

    def _part(self, name: str) -> JsonValue:
        check_size(self.body, LIMIT)
        found = field_of(self.headers["content-type"], self.body, name)
        if found is None:
            raise _missing(name)
        return read_body(found, LIMIT, KEYS)


def _missing(name: str) -> Malformed:
    reason = "is missing in the form"
    return Malformed(f"{name}: {reason}", [Fault(name, reason)])


Reader = Callable[[Call], Batch]
# Adding an adapter: its module, its payloads in `events/`, and a line here.
ADAPTERS: dict[str, str] = {
    "alertmanager": "alertmanager",
    "discord": "discord",
    "email": "email",
    "eventbridge": "eventbridge",
    "generic": "generic",
    "github": "github",
    "grafana": "grafana",
    "healthchecks": "healthchecks",
    "sentry": "sentry",
    "slack": "slack",
    "standard": "standard",
    "stripe": "stripe",
    "uptime-kuma": "uptime_kuma",
}
# Whose webhooks are no events (`hearing`): it has options, and reads nothing here.
_HEARD = {"whatsapp": "whatsapp"}


def reader_of(name: str) -> Reader:
    """The `read` of the adapter of this name, imported only when it is used.

    Raises `NotFound`.
    """
    read: Reader = _module(name).read
    return read


def check_options(name: str, options: Mapping[str, JsonValue]) -> None:
    """Refuse options that this adapter does not take. Raises `Invalid` or `NotFound`.

    An adapter says what it takes by a model called `Options` of its own.
    """
    module = _module(name, ADAPTERS | _HEARD)
    kind: type[Frozen] = getattr(module, "Options", Options)
    read_options(kind, options)


def _module(name: str, among: Mapping[str, str] = ADAPTERS) -> ModuleType:
    module = among.get(name)
    if module is None:
        known = ", ".join(sorted(among))
        reason = f'no adapter is called "{shown(name)}"; there are {known}'
        raise NotFound(reason, [Fault("adapter", reason)])
    return import_module(f"tocsin.intake.{module}")
