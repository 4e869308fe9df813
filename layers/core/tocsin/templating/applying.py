"""Applying: a message with its parts in other words, or as it was and why.

All parts or none: half a template would tell half of what its author meant.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from tocsin import washing
from tocsin.delivery import Delivery, Purpose
from tocsin.message import Fact, Message, Text
from tocsin.notification import Notification
from tocsin.prose import TITLE, body_of, resolved_title
from tocsin.templating.language import compiled, run
from tocsin.templating.models import Parts, chosen_for
from tocsin.templating.runtime import Fault, Work
from tocsin.templating.view import view_of

_LOG = logging.getLogger(__name__)
PREVIEW = 300
VALUE = 1_000
TOLD = 160

Templates = Mapping[str, Mapping[str, Any]]


def applied(
    message: Message, notification: Notification, delivery: Delivery, **how: Any
) -> Message:
    """The message in the words of its template, if it has one; see `replaced`. That of
    one that breaks is logged."""
    made, fault = attempted(message, notification, delivery, **how)
    if fault is not None:
        _LOG.warning(
            "a template fell back to the built-in look: notification %s, destination"
            " %s, type %s: %s",
            notification.id, delivery.destination, notification.event.type, fault,
        )  # fmt: skip
    return made


def attempted(
    message: Message, notification: Notification, delivery: Delivery, **how: Any
) -> tuple[Message, Fault | None]:
    """The same, and what went wrong: one that breaks changes nothing but the state
    line, which says so."""
    try:
        return replaced(message, notification, delivery, **how), None
    except Fault as fault:
        told = f"Built-in look, as its template failed: {fault}"
        lines = filter(None, (message.state_line, washing.shortened(told, TOLD)))
        return replace(message, state_line=" · ".join(lines)), fault


def replaced(
    message: Message,
    notification: Notification,
    delivery: Delivery,
    *,
    templates: Templates,
    channel: str,
    application: str,
) -> Message:
    """The parts in the words of the template for this type and channel. Raises `Fault`,
    naming part and line."""
    if delivery.purpose is Purpose.AUDIT:
        return message
    chosen = chosen_for(templates, notification.event.type, channel)
    if chosen is None:
        return message
    seen = view_of(
        notification, delivery, message, channel=channel, application=application
    )
    author = _Author(chosen.parts, seen, Work())
    return replace(message, **author.changes(message, over=notification.is_over))


class _Author:
    """Writes one message; all of its parts share what it may cost."""

    def __init__(self, parts: Parts, seen: Mapping[str, Any], work: Work) -> None:
        self._parts, self._seen, self._work = parts, seen, work
        self._markdown = parts.format == "markdown"

    def changes(self, message: Message, *, over: bool) -> dict[str, Any]:
        """What becomes of the message. A title is never empty, a preview line is there
        when it would be anyway."""
        parts = self._parts
        changed: dict[str, Any] = {}
        title = washing.line(self._told("title", parts.title))
        if title:
            title = resolved_title(title) if over else title
            changed["title"] = washing.shortened(title, TITLE)
        if message.preview:
            changed["preview"] = self._preview(message, changed.get("title", ""))
        if parts.body is not None:
            told = washing.block(
                self._told("body", parts.body, markdown=self._markdown)
            )
            body, code = body_of(told, markdown=self._markdown)
            changed |= {"body": body, "code": code}
        if parts.facts is not None:
            changed["facts"] = tuple(self._facts())
        return changed

    def _preview(self, message: Message, title: str) -> str | None:
        line = washing.line(self._told("preview", self._parts.preview))
        if line:
            line = line if line.startswith(message.icon) else f"{message.icon} {line}"
            return washing.shortened(line, PREVIEW)
        known = message.preview or ""
        return known.replace(message.title, title, 1) if title else known

    def _facts(self) -> Iterator[Fact]:
        for index, part in enumerate(self._parts.facts or ()):
            place = f"facts.{index}"
            told = self._told(place, part.value, markdown=self._markdown)
            wash = washing.line if part.inline else washing.block
            value = washing.shortened(wash(told), VALUE)
            if value:
                name = washing.line(part.name)
                yield Fact(name, Text(value, markup=self._markdown), part.inline)

    def _told(self, part: str, source: str | None, *, markdown: bool = False) -> str:
        if not source:
            return ""
        try:
            return run(compiled(source, markdown=markdown), self._seen, self._work)
        except Fault as fault:
            raise Fault(part, fault.line, fault.reason) from None
