"""The body of a webhook call: version 1 of its shape, in at most 20 kB.

docs/channels/webhook.md describes it. Fields are added, never renamed or removed,
without a new version.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC
from typing import Any

from tocsin.channels import _fitting
from tocsin.channels._fitting import Parts, cut, rows_of
from tocsin.message import Message

VERSION = 1
LIMIT = 20_000
# What is never left out has a length of its own, so that all of it fits together.
TITLE = 300
LINE = 500
URL = 2_000
NAME = 100
VALUE = 1_000
_STEPS = (
    ("picture", _fitting.leave_out),
    ("footer", _fitting.leave_out),
    *_fitting.STEPS,
    ("thread", _fitting.leave_out),
    ("url", _fitting.leave_out),
)


def id_of(message: Message, body: bytes) -> str:
    """The `webhook-id`: the same at every attempt. A test has none but its content."""
    return message.id or f"test-{hashlib.sha256(body).hexdigest()[:26]}"


def encoded(message: Message) -> bytes:
    """The body, with the least important shortened first."""
    head = {
        "type": f"notification.{message.state or 'notice'}",
        "timestamp": message.at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
    }

    def whole(parts: Parts) -> bytes:
        return _fitting.encoded({**head, "data": parts})

    return _fitting.fitted(dict(_parts(message)), _STEPS, whole, LIMIT)


def _parts(one: Message) -> Iterator[tuple[str, Any]]:
    """What there is; what is empty is left out."""
    yield "version", VERSION
    parts = {
        "event_type": one.type,
        "key": one.key,
        "severity": one.severity,
        "title": cut(one.title, TITLE),
        "icon": one.icon,
        "colour": f"#{one.colour:06X}",
        "url": _address(one.url),
        "preview": cut(one.preview or "", LINE),
        "state_line": cut(one.state_line or "", LINE),
        "text": one.body.text if one.body else "",
        "text_format": ("markdown" if one.body.markup else "plain") if one.body else "",
        "code": one.code,
        "facts": rows_of(one.facts, NAME, VALUE),
        "links": [
            {"label": cut(link.label, NAME), "url": link.url}
            for link in one.links
            if _address(link.url)
        ],
        "picture": _address(one.picture),
        "thread": cut(one.thread, NAME),
        "footer": cut(one.footer, LINE),
    }
    yield from ((name, value) for name, value in parts.items() if value)


def _address(url: str | None) -> str | None:
    """An address cut off leads nowhere: a long one is left out."""
    return url if url and len(url) <= URL else None
