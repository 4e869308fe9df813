"""Fitting: what a message says, lessened step by step until a provider takes it."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from tocsin.message import Fact

Parts = dict[str, Any]
Lessening = Callable[[Parts, str, int], None]

# A text this short says nothing any more: it is left out instead.
WORTH_KEEPING = 40
VALUE_SHORT = 200
# The list of what was shortened needs room, too.
_MARGIN = 120


def fitted(
    parts: Parts,
    steps: Iterable[tuple[str, Lessening]],
    whole: Callable[[Parts], bytes],
    limit: int,
) -> bytes:
    """`whole` of the parts in at most `limit` bytes, if the steps can do that. The
    names of what was lessened are added to the parts, as `shortened`."""
    for name, lessen in steps:
        excess = len(whole(parts)) - limit
        if excess <= 0:
            break
        before = parts.get(name)
        lessen(parts, name, excess + _MARGIN)
        if parts.get(name) != before and name not in parts.get("shortened", ()):
            parts.setdefault("shortened", []).append(name)
    return whole(parts)


def leave_out(parts: Parts, name: str, _excess: int) -> None:
    """All of it."""
    parts.pop(name, None)


def shorten(parts: Parts, name: str, excess: int) -> None:
    """Cut a text by so many bytes of JSON, or leave it out."""
    text = parts.get(name)
    if not text:
        return
    room = size(text) - excess - size("…")
    found = bisect_right(range(len(text)), room, key=lambda end: size(text[:end])) - 1
    if found < WORTH_KEEPING:
        del parts[name]
    else:
        parts[name] = text[:found].rstrip() + "…"


def shorten_values(parts: Parts, name: str, _excess: int) -> None:
    """Cut the `value` of each row."""
    if name in parts:
        parts[name] = [
            {**row, "value": cut(row["value"], VALUE_SHORT)} for row in parts[name]
        ]


def rows_of(facts: Iterable[Fact], name: int, value: int) -> list[Parts]:
    """A row for each fact, its name and value at most so many code points long."""
    return [
        {"name": cut(fact.name, name), "value": cut(fact.value.text, value)}
        for fact in facts
    ]


def from_the_end(parts: Parts, name: str, excess: int) -> None:
    """Leave out the last rows until so many bytes are saved."""
    rows = list(parts.get(name, ()))
    while rows and excess > 0:
        excess -= size(rows.pop()) + 1
    if rows:
        parts[name] = rows
    else:
        parts.pop(name, None)


# What every message has, the least important first.
STEPS: Sequence[tuple[str, Lessening]] = (
    ("code", shorten),
    ("facts", shorten_values),
    ("text", shorten),
    ("links", from_the_end),
    ("facts", from_the_end),
)


def cut(text: str, limit: int) -> str:
    """At most so many code points."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def cut_escaped(text: str, limit: int, escape: Callable[[str], str]) -> str:
    """As much of it as is at most `limit` long when escaped; the rest is a "…"."""
    if len(text) <= limit:
        whole = escape(text)
        if len(whole) <= limit:
            return whole
    kept = min(len(text), limit) - 1
    while kept > 0:
        short = escape(text[:kept].rstrip()) + "…"
        if len(short) <= limit:
            return short
        kept = min(kept - 1, kept * limit // len(short))
    return "…"[:limit]


def shares_of(sizes: Sequence[int], room: int) -> list[int]:
    """How much of the room each gets: who needs less than an equal share leaves the
    rest to the others."""
    shares = [0] * len(sizes)
    order = sorted(range(len(sizes)), key=sizes.__getitem__)
    for position, index in enumerate(order):
        shares[index] = min(sizes[index], room // (len(order) - position))
        room -= shares[index]
    return shares


def size(value: Any) -> int:
    """How many bytes of JSON it takes."""
    return len(encoded(value))


def encoded(value: Any) -> bytes:
    """As compact JSON. Half a character becomes a question mark."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")
