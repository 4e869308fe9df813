"""Filters and tests: what a template may do to a value. Each pays for what it does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from tocsin import washing
from tocsin.catalog import formats
from tocsin.templating.runtime import (
    NUMBER,
    Missing,
    Refused,
    Work,
    allowed,
    is_missing,
    items_of,
    looked_up,
    number_of,
    paid,
    written,
)

Filter = Callable[..., Any]
_LEAST = (0, "", 0)  # sorts before everything


def _of_text(change: Callable[[str], str]) -> Filter:
    def changed(value: object, work: Work) -> str:
        return change(written(value, work))

    return changed


def _of_number(tell: Callable[[float], Any]) -> Filter:
    """Nothing for what is no number, as in the holes of `types`."""

    def told(value: object, _: Work) -> Any:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return Missing()
        return tell(value) if -NUMBER < value < NUMBER else Missing()

    return told


def _of_time(tell: Callable[[datetime], str]) -> Filter:
    def told(value: object, _: Work) -> Any:
        return tell(value) if isinstance(value, datetime) else Missing()

    return told


def _replace(value: object, work: Work, old: object, new: object) -> str:
    text, gone, come = (written(each, work) for each in (value, old, new))
    if not gone:
        return text
    allowed(len(text) + text.count(gone) * (len(come) - len(gone)), work)
    return text.replace(gone, come)


def _truncate(value: object, work: Work, length: object = 80) -> str:
    return washing.shortened(written(value, work), int(number_of(length)))


def _default(value: object, _: Work, other: object = "", empty: object = False) -> Any:
    return other if is_missing(value) or (empty and not value) else value


def _join(
    value: object, work: Work, between: object = "", attribute: object = None
) -> str:
    items = _map(value, work, attribute) if attribute is not None else value
    told = [written(each, work) for each in items_of(items, work)]
    glue = written(between, work)
    allowed(sum(map(len, told)) + len(glue) * len(told), work)
    return glue.join(told)


def _map(value: object, work: Work, attribute: object) -> list[Any]:
    return [_at(each, attribute) for each in items_of(value, work)]


def _first(value: object, work: Work) -> Any:
    return next(iter(items_of(value, work, 0)), Missing())


def _last(value: object, work: Work) -> Any:
    return next(iter(items_of(value, work, 0)[-1:]), Missing())


def _reverse(value: object, work: Work) -> list[Any]:
    return items_of(value, work)[::-1]


def _items(value: object, work: Work) -> list[tuple[str, Any]]:
    work.spend(len(value) if isinstance(value, dict) else 1)
    return list(value.items()) if isinstance(value, dict) else []


def _sort(
    value: object, work: Work, reverse: object = False, attribute: object = None
) -> list[Any]:
    items = items_of(value, work, 4)
    keys = [_key(_at(each, attribute) if attribute else each, work) for each in items]
    order = sorted(range(len(items)), key=keys.__getitem__, reverse=bool(reverse))
    return [items[index] for index in order]


def _key(value: object, work: Work) -> tuple[int, str, float]:
    """Numbers before texts, what is missing first."""
    if is_missing(value):
        return _LEAST
    if isinstance(value, int | float):
        return 1, "", number_of(value + 0)
    return 2, written(value, work).casefold(), 0


def _sum(value: object, work: Work, attribute: object = None) -> Any:
    items = _map(value, work, attribute) if attribute else items_of(value, work)
    return number_of(sum(number_of(each) for each in items if not is_missing(each)))


def _length(value: object, _: Work) -> int:
    return len(value) if isinstance(value, str | list | tuple | dict | Missing) else 0


def _round(value: object, _: Work, digits: object = 0) -> Any:
    if is_missing(value):
        return Missing()
    places = int(number_of(digits))
    if not 0 <= places <= 10:
        raise Refused("rounds to 0 to 10 digits")
    return round(number_of(value), places) if places else round(number_of(value))


def _int(value: object, _: Work) -> Any:
    """Nothing for what is no number."""
    try:
        found = float(value) if isinstance(value, str | int | float) else None
    except (ValueError, OverflowError):
        return Missing()
    return Missing() if found is None or not abs(found) < NUMBER else int(found)


def _money(value: object, work: Work, currency: object = "USD") -> Any:
    code = written(currency, work)[:8]
    return _of_number(lambda amount: formats.money(amount, code))(value, work)


def _urlencode(value: object, work: Work) -> str:
    """Nothing in it ends an address, or a link in Markdown."""
    text = quote(written(value, work), safe="", errors="replace")
    return paid(text.replace("_", "%5F").replace("~", "%7E"), work)


def _at(value: object, path: object) -> Any:
    for step in str(path).split(".")[:10]:
        value = looked_up(value, int(step) if step.isdigit() else step)
    return value


FILTERS: Mapping[str, Filter] = {
    "upper": _of_text(str.upper),
    "lower": _of_text(str.lower),
    "title": _of_text(str.title),
    "capitalize": _of_text(str.capitalize),
    "trim": _of_text(str.strip),
    "replace": _replace,
    "truncate": _truncate,
    "urlencode": _urlencode,
    "default": _default,
    "d": _default,
    "join": _join,
    "map": _map,
    "first": _first,
    "last": _last,
    "reverse": _reverse,
    "sort": _sort,
    "items": _items,
    "sum": _sum,
    "length": _length,
    "round": _round,
    "int": _int,
    "abs": _of_number(abs),
    "money": _money,
    "count": _of_number(formats.count),
    "percent": _of_number(formats.percent),
    "duration": _of_number(formats.span),
    "day": _of_time(formats.day),
    "time": _of_time(formats.stamp),
    "iso": _of_time(lambda at: f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"),
}

TESTS: Mapping[str, Callable[[Any], bool]] = {
    "defined": lambda value: not is_missing(value),
    "undefined": is_missing,
    "none": is_missing,
    "string": lambda value: isinstance(value, str),
    "number": lambda value: (
        isinstance(value, int | float) and not isinstance(value, bool)
    ),
    "boolean": lambda value: isinstance(value, bool),
    "sequence": lambda value: isinstance(value, list | tuple),
    "mapping": lambda value: isinstance(value, dict),
}
