"""Hooks: a foreign tool's call as it came, and the adapter that reads its body."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module

from pydantic import JsonValue

from tocsin.errors import Fault, NotFound
from tocsin.intake.batch import Batch
from tocsin.intake.reading import read_body, shown


@dataclass(frozen=True)
class Call:
    """One call of `POST /v1/hooks/{adapter}`; header names are in lower case.

    `options` are what the operator set for this source and adapter (a mapping, a
    severity), already checked by the adapter.
    """

    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    options: Mapping[str, JsonValue] = field(default_factory=dict)

    @cached_property
    def value(self) -> JsonValue:
        """The body as JSON. Raises `Malformed` or `TooLarge`."""
        return read_body(self.body)


Reader = Callable[[Call], Batch]
# Adding an adapter: its module, its payloads in `events/`, and a line here.
ADAPTERS: dict[str, str] = {}


def reader_of(name: str) -> Reader:
    """The `read` of the adapter of this name, imported only when it is used.

    Raises `NotFound`.
    """
    module = ADAPTERS.get(name)
    if module is None:
        known = ", ".join(sorted(ADAPTERS))
        reason = f'no adapter is called "{shown(name)}"; there are {known}'
        raise NotFound(reason, [Fault("adapter", reason)])
    read: Reader = import_module(f"tocsin.intake.{module}").read
    return read
