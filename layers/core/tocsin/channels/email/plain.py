"""The text of a mail, for programs that show no HTML, and for search."""

from __future__ import annotations

from collections.abc import Iterator

from tocsin import washing
from tocsin.channels.email import limits
from tocsin.channels.email.links import shows
from tocsin.message import Message


def text(message: Message) -> str:
    """Title, state, body, facts, links, code, footer: each under an empty line."""
    return "\n\n".join(part for part in _parts(message) if part) + "\n"


def _parts(message: Message) -> Iterator[str]:
    title = _cut(washing.line(message.title), limits.TITLE)
    yield f"{washing.line(message.icon)} {title or 'Notification'}".strip()
    yield _cut(washing.line(message.state_line or ""), limits.STATE)
    if message.body:
        yield _cut(washing.block(message.body.text), limits.BODY)
    yield "\n".join(_facts(message))
    yield "\n".join(_links(message))
    yield _cut(washing.block(message.code or ""), limits.CODE)
    # By the convention of mail, what follows "-- " is a signature.
    yield f"-- \n{footer(message)}"


def _facts(message: Message) -> Iterator[str]:
    for fact in message.facts[: limits.FACTS]:
        name = _cut(washing.line(fact.name), limits.FACT_NAME)
        value = _cut(washing.block(fact.value.text), limits.FACT_VALUE)
        if name and value:
            yield f"{name}: {value}"


def _links(message: Message) -> Iterator[str]:
    if message.url and shows(message.url):
        yield f"Open: {message.url}"
    for link in message.links[: limits.LINKS]:
        label = _cut(washing.line(link.label), limits.LINK_LABEL)
        if shows(link.url):
            yield f"{label or 'Link'}: {link.url}"


def _cut(text: str, limit: int) -> str:
    """At most so many bytes."""
    whole = text[:limit].encode("utf-8", "replace")
    if len(text) <= limit and len(whole) <= limit:
        return text
    return whole[: limit - 3].decode("utf-8", "ignore").rstrip() + "…"


def footer(message: Message) -> str:
    """Where it is from, and when that was, in the configured zone."""
    at = message.at
    when = f"{at.day} {at:%b} {at.year}, {at:%H:%M} {at.tzname() or ''}".rstrip()
    words = _cut(washing.line(message.footer), limits.FOOTER)
    return f"{words} · {when}" if words else when
