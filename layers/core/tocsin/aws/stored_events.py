"""Stored events: read without asking again what was asked when they came in."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from types import UnionType
from typing import Any, TypeVar, get_origin

from pydantic import BaseModel
from pydantic_core import from_json

from tocsin.events import Attachment, Event, Fact, Link
from tocsin.look import Look
from tocsin.severity import Severity

T = TypeVar("T", bound=BaseModel)
Told = dict[str, Any]


def parsed(line: str | bytes) -> Any:
    """JSON as we store it, by a reader that takes a fifth of the standard library's
    time. Raises ValueError."""
    try:
        return from_json(line)
    except ValueError:
        return json.loads(line)  # Half a character, escaped.


def event_of(line: bytes) -> Event:
    """The event of a row. Raises ValueError for what is not one."""
    told = parsed(line)
    try:
        made = {name: make(told[name]) for name, make in _MADE.items() if name in told}
        return _event(told | made)
    except (AttributeError, KeyError, TypeError):
        # Keys that only another version of this code knows are passed over.
        return Event.model_validate(told, extra="ignore")


def _restoring(kind: type[T]) -> Callable[[Told], T]:
    """A reader of what was checked before it was stored, and is now made as pydantic
    unpickles it. Raises KeyError or TypeError for what another version wrote: unknown
    keys, values of other types, or without what ours always has."""
    fields, put = kind.model_fields, object.__setattr__
    usual = {name: field.default for name, field in fields.items()}
    types = {name: _plain_type(field.annotation) for name, field in fields.items()}
    needed = {name for name, field in fields.items() if field.is_required()}
    names = set(usual)

    def restored(told: Told) -> T:
        for name, value in told.items():
            wanted = types[name]
            if wanted is not None and type(value) is not wanted:
                raise TypeError(name)
        if not told.keys() >= needed:
            raise KeyError(kind.__name__)
        made = kind.__new__(kind)
        put(made, "__dict__", usual | told)
        put(made, "__pydantic_fields_set__", names)
        put(made, "__pydantic_extra__", None)
        put(made, "__pydantic_private__", None)
        return made

    return restored


def _plain_type(annotation: Any) -> type | None:
    """What its values are made of, None where they may be of several kinds."""
    found = get_origin(annotation) or annotation
    return found if isinstance(found, type) and found is not UnionType else None


def _all(kind: type[T]) -> Callable[[list[Told]], tuple[T, ...]]:
    restored = _restoring(kind)
    return lambda told: tuple([restored(each) for each in told])


_event = _restoring(Event)
_MADE: dict[str, Callable[[Any], Any]] = {
    "severity": Severity,
    "fields": _all(Fact),
    "links": _all(Link),
    "attachments": _all(Attachment),
    "mentions": tuple,
    "look": _restoring(Look),
    "occurred_at": datetime.fromisoformat,
}
