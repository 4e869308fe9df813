"""Stored events: read without asking again what was asked when they came in."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict
from pydantic_core import from_json

from tocsin.events import Attachment, Event, Fact, Link
from tocsin.look import Look
from tocsin.severity import Severity

T = TypeVar("T", bound=BaseModel)
Told = dict[str, Any]


class _OtherEvent(Event):
    """Keys that only another version of this code knows are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")


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
        return _OtherEvent.model_validate(told)


def _restoring(kind: type[T]) -> Callable[[Told], T]:
    """A reader of what was checked before it was stored, and is now made as pydantic
    unpickles it. Raises KeyError for keys of another version."""
    usual = {name: field.default for name, field in kind.model_fields.items()}
    names, put = set(usual), object.__setattr__

    def restored(told: Told) -> T:
        if not told.keys() <= names:
            raise KeyError(kind.__name__)
        made = kind.__new__(kind)
        put(made, "__dict__", usual | told)
        put(made, "__pydantic_fields_set__", names)
        put(made, "__pydantic_extra__", None)
        put(made, "__pydantic_private__", None)
        return made

    return restored


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
