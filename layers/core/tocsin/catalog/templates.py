"""Templates: texts with holes, like "Order {data.number} over {data.amount:money}".

A hole names a value of the event, and after a colon how to write it. A text with a hole
that nothing fills is left out as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from pydantic import JsonValue

from tocsin.catalog import formats
from tocsin.catalog.scene import Scene

_HOLE = re.compile(r"\{([^{}]*)\}")
_INSIDE = re.compile(r"([a-z_]+)((?:\.[\w-]+)*)(?::([a-z]+))?", re.ASCII)
_OWN = (
    "type",
    "title",
    "message",
    "severity",
    "source",
    "branch",
    "fingerprint",
    "thread",
)
_TIMES = ("at", "start", "end")
_ROOTS = ("data", "labels", *_OWN, *_TIMES)
LARGEST = 1e15
Encode = Callable[[str], str]
Maps = Mapping[str, Mapping[str, str]]


def check(template: str) -> str:
    """The template, if every hole can be read. Raises ValueError."""
    rest = _HOLE.sub("", template)
    if "{" in rest or "}" in rest:
        raise ValueError("has a brace without its partner")
    _parts(template)
    return template


def fill(
    template: str,
    scene: Scene,
    *,
    encode: Encode = str,
    maps: Maps | None = None,
    window: int = 60,
) -> str:
    """The text with its holes filled, or "" where one stays empty.

    `maps` replaces values: {"data.environment": {"production": "id"}}; a value that is
    not listed there is none. `window` is the seconds from {start} to {end}.
    """
    told = []
    for literal, name, how in _parts(template):
        told.append(literal)
        if not name:
            continue
        value = _value(name, how, scene, window)
        if maps and name in maps:
            value = maps[name].get(value, "")
        if not value:
            return ""
        told.append(encode(value))
    return "".join(told)


@lru_cache(maxsize=512)
def keys_of(template: str) -> tuple[str, ...]:
    """The keys of `data` without which a hole of this text stays empty."""
    names = [name.split(".") for _, name, _ in _parts(template)]
    return tuple(name[1] for name in names if name[0] == "data")


@lru_cache(maxsize=512)
def _parts(template: str) -> tuple[tuple[str, str, str], ...]:
    """(literal before it, name, format) of each hole; the rest has no name."""
    parts, end = [], 0
    for hole in _HOLE.finditer(template):
        inside = _INSIDE.fullmatch(hole[1])
        if inside is None or not _known(inside[1], inside[2]):
            roots = ", ".join(_OWN + _TIMES)
            raise ValueError(
                f"{hole[0]} is not known; write {{data.x}}, {{labels.x}} or {roots}"
            )
        how = inside[3] or ""
        times = inside[1] in _TIMES
        if how and how not in (_MOMENTS if times else _FORMATS):
            known = ", ".join(_MOMENTS if times else _FORMATS)
            raise ValueError(f"{hole[0]}: there is no format {how!r}; known: {known}")
        parts.append((template[end : hole.start()], inside[1] + inside[2], how))
        end = hole.end()
    return (*parts, (template[end:], "", ""))


def _known(root: str, path: str) -> bool:
    return root in _ROOTS and bool(path) == (root in ("data", "labels"))


def _value(name: str, how: str, scene: Scene, window: int) -> str:
    root, _, path = name.partition(".")
    if root in _TIMES:
        half = timedelta(seconds=window / 2)
        shift = {"start": -half, "end": half}.get(root, timedelta())
        return _MOMENTS[how or "iso"](scene.at + shift)
    if root == "labels":
        return scene.event.labels.get(path, "")
    if root == "severity":
        return scene.severity.value
    if root != "data":
        return str(getattr(scene.event, root))
    return _written(_within(scene.event.data, path), how, scene.event.data)


def _within(data: JsonValue, path: str) -> JsonValue:
    for step in path.split("."):
        if isinstance(data, dict):
            data = data.get(step)
        elif isinstance(data, list) and step.isdigit() and int(step) < len(data):
            data = data[int(step)]
        else:
            return None
    return data


def _written(value: JsonValue, how: str, data: Mapping[str, JsonValue]) -> str:
    """Nothing for what cannot be written so: its text is then left out."""
    if isinstance(value, bool):
        return "" if how else str(value).lower()
    if isinstance(value, int | float):
        if not how:
            return formats.plain(value)
        return _FORMATS[how](value, data) if abs(value) < LARGEST else ""
    return value.strip() if isinstance(value, str) and how in _OF_TEXT else ""


def _money(amount: float, data: Mapping[str, JsonValue]) -> str:
    currency = data.get("currency")
    return formats.money(amount, currency if isinstance(currency, str) else "USD")


_FORMATS: dict[str, Callable[[float, Mapping[str, JsonValue]], str]] = {
    "money": _money,
    "count": lambda number, _: formats.count(number),
    "percent": lambda share, _: formats.percent(share),
    "duration": lambda seconds, _: formats.span(seconds),
}
_OF_TEXT = ("",)
_MOMENTS: dict[str, Callable[[datetime], str]] = {
    "iso": lambda at: f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
    "ms": lambda at: str(round(at.timestamp() * 1000)),
    "s": lambda at: str(round(at.timestamp())),
    "day": formats.day,
    "time": formats.stamp,
}
