"""A message as an adaptive card, in at most 20 KB.

What came from outside goes into text runs, which know no Markdown; only the sender's
own Markdown goes into a text block. Nobody is mentioned: that would take an entity.
https://adaptivecards.io/explorer/
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC
from itertools import chain
from typing import Any

from tocsin.channels import _fitting
from tocsin.channels._fitting import Parts, cut, rows_of
from tocsin.message import Message

# 28 KB are documented, counted on what Teams makes of a card: 24 KB were refused.
LIMIT = 20_000
TITLE = 300
LINE = 500
NAME = 100
VALUE = 1_000
URL = 2_000
ACTIONS = 6
LINES = 40
_STYLES = {
    "critical": "attention",
    "high": "attention",
    "medium": "warning",
    "low": "warning",
    "info": "accent",
    "success": "good",
    "debug": "emphasis",
}
_STEPS = (
    ("picture", _fitting.leave_out),
    ("footer", _fitting.leave_out),
    *_fitting.STEPS,
)
_LEADS_ELSEWHERE = re.compile(r"\]\s*\((?!\s*https?://)[^)]*\)?", re.IGNORECASE)
# A card computes these; in somebody's words they are words.
_FUNCTION = re.compile(r"\{\{(?=\s*(?:DATE|TIME)\s*\()", re.IGNORECASE)


def encoded(message: Message) -> bytes:
    """The body of the call, with the least important shortened first."""

    def whole(parts: Parts) -> bytes:
        return _fitting.encoded(_envelope(parts, message))

    return _fitting.fitted(dict(_parts(message)), _STEPS, whole, LIMIT)


def _parts(one: Message) -> Iterator[tuple[str, Any]]:
    """What may be shortened, as far as there is any."""
    parts = {
        "text": one.body.text if one.body else "",
        "code": one.code,
        "facts": rows_of(one.facts, NAME, VALUE),
        "links": [
            {"title": cut(title, NAME), "url": url}
            for title, url in chain(
                [("Open", one.url)], ((link.label, link.url) for link in one.links)
            )
            if _web(url) and title
        ][:ACTIONS],
        "picture": one.picture if _web(one.picture) else "",
        "footer": cut(one.footer, LINE),
    }
    yield from ((name, value) for name, value in parts.items() if value)


def _envelope(parts: Parts, message: Message) -> dict[str, Any]:
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "fallbackText": cut(f"{message.icon} {message.title}", TITLE),
        "msteams": {"width": "Full"},
        "body": list(_elements(parts, message)),
    }
    if "links" in parts:
        card["actions"] = [{"type": "Action.OpenUrl", **one} for one in parts["links"]]
    kind = "application/vnd.microsoft.card.adaptive"
    attachment = {"contentType": kind, "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def _elements(parts: Parts, message: Message) -> Iterator[dict[str, Any]]:
    title = cut(f"{message.icon} {message.title}".strip(), TITLE) or "(no title)"
    yield {
        "type": "Container",
        "style": _style(message),
        "bleed": True,
        "items": [_runs(_run(title, weight="Bolder", size="Medium"))],
    }
    if message.state_line:
        yield _runs(_run(cut(message.state_line, LINE), weight="Bolder"))
    if "text" in parts:
        yield from _text(parts["text"], message)
    for fact in parts.get("facts", ()):
        name = _run(f"{fact['name']}: ", weight="Bolder")
        yield {**_runs(name, _run(fact["value"])), "spacing": "Small"}
    if "code" in parts:
        mono = [_runs(_run(row, fontType="Monospace")) for row in _rows(parts["code"])]
        yield {
            "type": "Container",
            "style": "emphasis",
            "items": [{**row, "spacing": "None"} for row in mono],
        }
    if "picture" in parts:
        yield {"type": "Image", "url": parts["picture"], "altText": "picture"}
    if "shortened" in parts:
        words = f"Shortened: {', '.join(parts['shortened'])}"
        yield _runs(_run(words, isSubtle=True, size="Small"))
    yield _when(message)
    if "footer" in parts:
        footer = _run(parts["footer"], isSubtle=True, size="Small")
        yield {**_runs(footer), "spacing": "None"}


def _text(text: str, message: Message) -> Iterator[dict[str, Any]]:
    if message.body and message.body.markup:
        words = _FUNCTION.sub("{ {", _LEADS_ELSEWHERE.sub("]", text))
        yield {"type": "TextBlock", "text": words, "wrap": True}
        return
    for row in _rows(text):
        yield {**_runs(_run(row)), "spacing": "None"}


def _rows(text: str) -> list[str]:
    """Lines stand one below the other; from the fortieth on they share a block."""
    rows = text.split("\n")
    return [*rows[: LINES - 1], "\n".join(rows[LINES - 1 :])] if rows[LINES:] else rows


def _when(message: Message) -> dict[str, Any]:
    """Each reader's own time: the client computes it."""
    at = message.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    words = f"{{{{DATE({at}, SHORT)}}}} {{{{TIME({at})}}}}"
    return {"type": "TextBlock", "text": words, "isSubtle": True, "size": "Small"}


def _runs(*runs: dict[str, Any]) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": list(runs)}


def _run(text: str, **look: Any) -> dict[str, Any]:
    return {"type": "TextRun", "text": _FUNCTION.sub("{ {", text) or " ", **look}


def _style(message: Message) -> str:
    if message.state == "resolved":
        return "good"
    return _STYLES.get(message.severity, "accent")


def _web(url: str | None) -> bool:
    return (
        bool(url)
        and str(url).startswith(("https://", "http://"))
        and len(str(url)) <= URL
    )
