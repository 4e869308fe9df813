"""Plain: any Python value as JSON that the API reads, whatever it holds."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timezone
from enum import Enum
from typing import Any

DEEPEST = 24  # The API reads 32 levels; an event in a list has two above its own.
_LEAVES = frozenset({str, int, float, bool, type(None)})
_LONGEST_NUMBER = 10**4000  # The API reads 4,300 digits.


def encode(value: object) -> bytes:
    """`value` as JSON. What has no form there becomes text: an event that is told a
    little wrong is worth more than one that is lost."""
    try:
        if _is_keyed_by_text(value):
            text = _ENCODER.encode(value)
            return text.encode()
        text = _ENCODER.encode(plain(value))
        return text.encode("utf-8", "replace")
    except (TypeError, ValueError, RecursionError):  # UnicodeEncodeError is the second
        text = _ENCODER.encode(plain(value))
        return text.encode("utf-8", "replace")


def plain(value: object, depth: int = 0) -> Any:
    """Nothing but dicts, lists, texts, finite numbers, truth values and None."""
    if depth >= DEEPEST:
        return "…"
    if isinstance(value, Mapping):
        return {_named(name): plain(each, depth + 1) for name, each in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(each, depth + 1) for each in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [each.name for each in dataclasses.fields(value)]
        return {name: plain(getattr(value, name), depth + 1) for name in names}
    for kinds, form in _FORMS:
        if isinstance(value, kinds):
            return form(value)
    return said(value)


def _is_keyed_by_text(value: object) -> bool:
    """JSON knows no other keys: 1 and "1" would be one key told twice, which the API
    refuses. Leaves are passed over here, since a call for each costs more than all the
    rest."""
    if isinstance(value, dict):
        for name, each in value.items():
            if type(name) is not str:
                return False
            if type(each) not in _LEAVES and not _is_keyed_by_text(each):
                return False
    elif isinstance(value, (list, tuple)):
        for each in value:
            if type(each) not in _LEAVES and not _is_keyed_by_text(each):
                return False
    return True


def _named(name: object) -> str:
    """A key as it will be sent, so that two that look the same there become one."""
    return said(name).encode("utf-8", "replace").decode()


def said(value: object) -> str:
    """`str(value)`, even of an object whose own fails."""
    try:
        return str(value)
    except Exception:  # noqa: BLE001 - the object is the caller's, the event is ours
        return f"<{type(value).__name__}>"


def now() -> str:
    """The present moment, in UTC, as the API reads it."""
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds")


def clip(text: str, limit: int) -> str:
    """At most `limit` characters, with a sign that more was there."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _whole(value: int) -> object:
    short = -_LONGEST_NUMBER < value < _LONGEST_NUMBER
    return int(value) if short else "a number too large to tell"


def _moment(value: datetime) -> str:
    return (value if value.tzinfo else value.astimezone()).isoformat()


# The first that fits: an enumeration may be a number too, a datetime is a date.
_FORMS: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    ((type(None), bool), lambda value: value),
    (Enum, lambda value: plain(value.value)),
    (str, str),
    (int, _whole),
    (float, lambda value: float(value) if math.isfinite(value) else str(value)),
    (datetime, _moment),
    ((date, time), lambda value: value.isoformat()),
    ((bytes, bytearray), lambda value: bytes(value).decode("utf-8", "replace")),
)
# One for all calls: making an encoder costs more than encoding an event.
_ENCODER = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=plain
)
