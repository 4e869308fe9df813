"""Prose: the title, the body and the preview line out of what a sender wrote."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tocsin import washing, wording
from tocsin.events import Event
from tocsin.message import Message, Text

TITLE = 120
NAMED = 2
NAME = 60
LINES_OPEN = 3
LINES_KEPT = 5
_CODE = re.compile(
    r"Traceback \(most recent call last\)|Exception in thread |\s+at \S|\s*File \""
    r"|goroutine \d+ \[|```|[{\[]\s*$|[{\[]\s*[\"{\[]"
)
_ALARMING = ("critical", "high")
_SAYS_SO = re.compile(
    r"\b(resolved|recovered|recovery|ok|closed|over|back|healthy|normal|fixed|up)\b",
    re.IGNORECASE,
)
_VERDICT = re.compile(r" (?:is|are) (?:in|back|now|OK|over|down|up)\b.*")


def headline_of(event: Event) -> tuple[str, str]:
    """(title, what is left for the body), washed.

    Without a title, the message's first line is one; without that, the type is.
    A title too long to be one is cut, and stands whole at the head of the body.
    """
    markdown = event.format == "markdown"
    title, body = washing.line(event.title), washing.block(event.message)
    if not title:
        first, _, rest = body.partition("\n")
        title = _plain(first) if markdown else first.strip()
        if title and len(title) <= TITLE:
            body = rest.strip("\n")
    elif len(title) > TITLE and not body.startswith(title):
        body = f"{title}\n{body}".rstrip()
    title = title or wording.humanised(event.type)
    return washing.shortened(title, TITLE), body


def resolved_title(title: str) -> str:
    """The title of a problem that is over, unless it says so already."""
    return title if _SAYS_SO.search(title) else f"Resolved: {title}"


def body_of(text: str, *, markdown: bool) -> tuple[Text | None, str | None]:
    """(words, code): stack traces, JSON and long lists of lines go into the code.

    Markdown is left whole: its sender has decided what is code.
    """
    if not text.strip():
        return None, None
    if markdown:
        return Text(text, markup=True), None
    if "\n" not in text and text[0] not in "{[":
        return Text(text), None
    rows = text.split("\n")
    cut = _code_starts(rows)
    words = "\n".join(rows[:cut]).strip("\n")
    code = "\n".join(rows[cut:]).strip("\n")
    return (Text(words) if words else None), code or None


def preview_of(messages: Sequence[Message]) -> str | None:
    """One plain line for all: "🚨 3 alarms: checkout-5xx, db-cpu, +1".

    None when none of them asks for a preview. The messages come most severe first.
    """
    asking = [message for message in messages if message.preview]
    if not asking:
        return None
    if len(messages) == 1:
        return messages[0].preview
    names = ", ".join(_subject(message.title) for message in messages[:NAMED])
    more = f", +{len(messages) - NAMED}" if len(messages) > NAMED else ""
    alarms = all(each.preview and each.severity in _ALARMING for each in messages)
    noun = "alarms" if alarms else "notifications"
    return f"{messages[0].icon} {len(messages)} {noun}: {names}{more}"


def _subject(title: str) -> str:
    return washing.shortened(_VERDICT.sub("", title) or title, NAME)


def _plain(markdown: str) -> str:
    return markdown.strip().lstrip("#>*- ").replace("**", "").replace("`", "").strip()


def _code_starts(rows: Sequence[str]) -> int:
    for index, row in enumerate(rows):
        if _CODE.match(row):
            return index
    return len(rows) if len(rows) <= LINES_KEPT else LINES_OPEN
