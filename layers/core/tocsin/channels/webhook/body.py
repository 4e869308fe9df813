"""The body of a webhook call: version 1 of its shape, in less than 20 kB.

docs/channels/webhook.md describes it. Fields are added, never renamed or removed,
without a new version.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_right
from collections.abc import Callable, Iterator
from datetime import UTC
from typing import Any

from tocsin.message import Message

VERSION = 1
LIMIT = 20_000
# What is never left out has a length of its own, so that all of it fits together.
TITLE = 300
LINE = 500
URL = 2_000
FACT_NAME = 100
FACT_VALUE = 1_000
FACT_VALUE_SHORT = 200
# A text this short says nothing any more: it is left out instead.
WORTH_KEEPING = 40

Data = dict[str, Any]


def id_of(message: Message, body: bytes) -> str:
    """The `webhook-id`: the same at every attempt. A test has none but its content."""
    return message.id or f"test-{hashlib.sha256(body).hexdigest()[:26]}"


def encoded(message: Message) -> bytes:
    """The body, with the least important shortened first."""
    envelope = _envelope(message)
    data: Data = envelope["data"]
    for name, lessen in _LESSENINGS:
        excess = len(_json(envelope)) - LIMIT
        if excess <= 0:
            break
        before = data.get(name)
        lessen(data, name, excess + _MARGIN)
        if data.get(name) != before and name not in data.get("shortened", ()):
            data.setdefault("shortened", []).append(name)
    return _json(envelope)


def _envelope(message: Message) -> Data:
    return {
        "type": f"notification.{message.state or 'notice'}",
        "timestamp": message.at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "data": dict(_data(message)),
    }


def _data(one: Message) -> Iterator[tuple[str, Any]]:
    """What there is; what is empty is left out."""
    yield "version", VERSION
    parts = {
        "event_type": one.type,
        "key": one.key,
        "severity": one.severity,
        "title": _cut(one.title, TITLE),
        "icon": one.icon,
        "colour": f"#{one.colour:06X}",
        "url": _address(one.url),
        "preview": _cut(one.preview or "", LINE),
        "state_line": _cut(one.state_line or "", LINE),
        "text": one.body.text if one.body else "",
        "text_format": ("markdown" if one.body.markup else "plain") if one.body else "",
        "code": one.code,
        "facts": [
            {"name": _cut(fact.name, FACT_NAME), "value": _cut(fact.value.text)}
            for fact in one.facts
        ],
        "links": [
            {"label": _cut(link.label, FACT_NAME), "url": link.url}
            for link in one.links
            if _address(link.url)
        ],
        "picture": _address(one.picture),
        "thread": _cut(one.thread, FACT_NAME),
        "footer": _cut(one.footer, LINE),
    }
    yield from ((name, value) for name, value in parts.items() if value)


# --- shortening -------------------------------------------------------------

_MARGIN = 120  # the list of what was shortened needs room, too


def _leave_out(data: Data, name: str, _excess: int) -> None:
    data.pop(name, None)


def _shorten(data: Data, name: str, excess: int) -> None:
    """Cut a text by so many bytes of JSON, or leave it out."""
    text = data.get(name)
    if not text:
        return
    room = _size(text) - excess - _size("…")
    found = bisect_right(range(len(text)), room, key=lambda end: _size(text[:end])) - 1
    if found < WORTH_KEEPING:
        del data[name]
    else:
        data[name] = text[:found].rstrip() + "…"


def _from_the_end(data: Data, name: str, excess: int) -> None:
    """Leave out the last ones until so many bytes are saved."""
    rows = list(data.get(name, ()))
    while rows and excess > 0:
        excess -= _size(rows.pop()) + 1
    if rows:
        data[name] = rows
    else:
        data.pop(name, None)


def _shorten_values(data: Data, name: str, _excess: int) -> None:
    if name in data:
        data[name] = [
            {**row, "value": _cut(row["value"], FACT_VALUE_SHORT)} for row in data[name]
        ]


_LESSENINGS: tuple[tuple[str, Callable[[Data, str, int], None]], ...] = (
    ("picture", _leave_out),
    ("footer", _leave_out),
    ("code", _shorten),
    ("facts", _shorten_values),
    ("text", _shorten),
    ("links", _from_the_end),
    ("facts", _from_the_end),
    ("thread", _leave_out),
    ("url", _leave_out),
)


def _cut(text: str, limit: int = FACT_VALUE) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _address(url: str | None) -> str | None:
    """An address cut off leads nowhere: a long one is left out."""
    return url if url and len(url) <= URL else None


def _size(value: Any) -> int:
    return len(_json(value))


def _json(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")
