"""A message as title and text, for services of which nothing else is known.

Mentions are broken up by a joiner that nobody sees; where a service shows Markdown, so
are marks, addresses in angle brackets, and links with a label.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator

from tocsin import washing
from tocsin.channels import _marks
from tocsin.message import Message
from tocsin.values import dataclass

TITLE = 200
LINE = 300
FACTS = 25
NAME = 60
VALUE = 300
LINKS = 10
URL = 1_000
SHORTEST = 80
LONGEST = 20_000
_JOINER = "\u2060"
_MENTION = re.compile(r"@(?=\w)|<(?=[!@#&])")
_LABELLED = re.compile(r"\](?=[(\[:])")


def in_bytes(text: str) -> int:
    """A size for who counts bytes, or half of those that JSON's escapes take."""
    return max(len(text.encode("utf-8", "replace")), len(json.dumps(text)) // 2)


@dataclass(frozen=True, slots=True)
class Form:
    """What a service takes: `title` and `body` by `size`, no title where that is 0."""

    title: int
    body: int
    marked_up: bool = False
    size: Callable[[str], int] = len


def title_of(message: Message, form: Form) -> str:
    """Icon and title, on one line; "" for a service without titles."""
    return _cut(_title(message, form), form.title, form.size)


def body_of(message: Message, form: Form) -> str:
    """What there is to say, the least important left out until it has room."""
    parts = [
        (name, _inert(text, marked_up=form.marked_up) if name != "links" else text)
        for name, text in _parts(message)
    ]
    if not form.title:
        parts.insert(0, ("title", _title(message, form)))
    for name in ("footer", "code", "text", "facts", "links"):
        excess = form.size(_joined(parts)) - form.body
        if excess <= 0:
            break
        parts = [_lessened(part, name, excess, form.size) for part in parts]
    return _cut(_joined(parts), form.body, form.size) or "–"


def look_of(message: Message) -> str:
    """Apprise's word for how bad it is."""
    if message.state == "resolved" or message.severity == "success":
        return "success"
    if message.severity in ("critical", "high"):
        return "failure"
    return "warning" if message.severity in ("medium", "low") else "info"


def _title(message: Message, form: Form) -> str:
    words = _inert(washing.line(message.title[:TITLE]), marked_up=form.marked_up)
    return f"{washing.line(message.icon[:16])} {words or 'Notification'}".strip()


def _parts(message: Message) -> Iterator[tuple[str, str]]:
    yield "state", washing.line((message.state_line or "")[:LINE])
    body = message.body.text[:LONGEST] if message.body else ""
    markup = message.body is not None and message.body.markup
    yield "text", washing.block(_marks.unmarked(body) if markup else body)
    yield "facts", "\n".join(_facts(message))
    yield "code", washing.block((message.code or "")[:LONGEST])
    yield "links", "\n".join(_links(message))
    at = message.at
    when = f"{at.day} {at:%b} {at:%H:%M} {at.tzname() or ''}".strip()
    footer = washing.line(message.footer[:LINE])
    yield "footer", " · ".join(filter(None, (footer, when)))


def _facts(message: Message) -> Iterator[str]:
    for fact in message.facts[:FACTS]:
        name = washing.shortened(washing.line(fact.name[:LINE]), NAME)
        value = washing.shortened(washing.line(fact.value.text[:1_000]), VALUE)
        if name and value:
            yield f"{name}: {value}"


def _links(message: Message) -> Iterator[str]:
    pairs = [("Open", message.url or "")]
    pairs += [(link.label, link.url) for link in message.links]
    for label, url in pairs[:LINKS]:
        web = url.startswith(("https://", "http://")) and len(url) <= URL
        if web and url.isascii() and url.isprintable() and " " not in url:
            words = _inert(washing.line(label[:NAME]), marked_up=True) or "Link"
            yield f"{words}: {url}"


def _inert(text: str, *, marked_up: bool) -> str:
    text = _MENTION.sub(lambda found: found[0] + _JOINER, text)
    if not marked_up:
        return text
    return _LABELLED.sub(f"]{_JOINER}", _marks.inert(text)).replace("<", "‹")


def _joined(parts: list[tuple[str, str]]) -> str:
    return "\n\n".join(text for _, text in parts if text)


def _lessened(
    part: tuple[str, str], name: str, excess: int, size: Callable[[str], int]
) -> tuple[str, str]:
    if part[0] != name:
        return part
    if name in ("links", "facts"):
        rows = part[1].split("\n")
        while rows and excess > 0:
            excess -= size(rows.pop()) + 1
        return name, "\n".join(rows)
    room = size(part[1]) - excess
    keeps = name != "footer" and room >= SHORTEST
    return name, _cut(part[1], room, size) if keeps else ""


def _cut(text: str, room: int, size: Callable[[str], int]) -> str:
    """Within `room`, the last sign "…" when something was cut."""
    if room <= 0 or size(text) <= room:
        return text if room > 0 else ""
    if size is len:
        return washing.shortened(text, room)
    left = room - size("…")
    end = bisect_right(range(len(text)), left, key=lambda at: size(text[:at])) - 1
    return text[: max(end, 0)].rstrip() + "…"
