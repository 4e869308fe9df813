"""Drafts: one message as the lines of a text, and what goes first when room runs out.

Dropped in the order of least loss: footer, code, body, facts from the end, links from
the end. Title and state line stay, whatever happens.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field

from tocsin import washing
from tocsin.channels._fitting import shares_of
from tocsin.channels.whatsapp import limits, words
from tocsin.message import Message, Text
from tocsin.values import dataclass

_WORTH_SHOWING = 40
_FENCE = "```"


@dataclass(slots=True)
class Draft:
    """A message before it is one text: every part inert and within its own limit."""

    title: str
    state: str = ""
    body: str = ""
    code: str = ""
    footer: str = ""
    facts: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """As it is read: parts under each other, code last but the footer."""
        head = "\n".join(filter(None, (words.bold(self.title), self.state)))
        code = f"{_FENCE}{self.code}{_FENCE}" if self.code else ""
        facts, links = "\n".join(self.facts), "\n".join(self.links)
        parts = (head, self.body, facts, code, links, self.footer)
        return "\n\n".join(filter(None, parts))

    def squeezed(self, room: int) -> str:
        """Its text within `room` units."""
        for name in ("footer", "code", "body"):
            over = words.units(self.text) - room
            if over > 0:
                setattr(self, name, _shortened(getattr(self, name), over, name))
        for rows in (self.facts, self.links):
            while rows and words.units(self.text) > room:
                rows.pop()
        return words.cut(self.text, room)


def draft(message: Message) -> Draft:
    """A message, each part within what is shown of it at the most."""
    return Draft(
        title=title_of(message),
        state=_line(message.state_line or "", limits.STATE),
        body=_words(message.body, limits.TEXT) if message.body else "",
        code=words.in_code(washing.block((message.code or "")[: limits.TEXT])),
        footer=footer_of(message),
        facts=[
            f"{words.bold(f'{name}:')} {value}"
            for fact in message.facts[: limits.FACTS]
            if (name := _line(fact.name, limits.FACT_NAME))
            and (value := _words(fact.value, limits.FACT_VALUE))
        ],
        links=[f"{label}: {url}" for label, url in links_of(message)],
    )


def text_of(messages: Sequence[Message]) -> str:
    """All of them as one text, the most severe first, each in a fair share of room."""
    drafts = [draft(one) for one in ordered(messages)]
    room = limits.TEXT - len(_APART) * (len(drafts) - 1)
    shares = shares_of([words.units(one.text) for one in drafts], room)
    return _APART.join(
        one.squeezed(share) for one, share in zip(drafts, shares, strict=True)
    )


def ordered(messages: Sequence[Message]) -> list[Message]:
    """The most severe first."""
    return sorted(messages, key=lambda message: -message.rank)


def title_of(message: Message) -> str:
    """Icon and title, on one line."""
    title = _line(message.title, limits.TITLE) or "Notification"
    return f"{washing.line(message.icon[:16])} {title}".strip()


def footer_of(message: Message) -> str:
    """Where it is from, and when it was, in the configured zone."""
    at = message.at
    when = f"{at.day} {at:%b} {at:%H:%M} {at.tzname() or ''}".strip()
    return " · ".join(filter(None, (_line(message.footer, limits.FOOTER), when)))


def links_of(message: Message) -> list[tuple[str, str]]:
    """(label, address) of what leads to the web."""
    pairs = [("Open", message.url or "")]
    pairs += [(link.label, link.url) for link in message.links]
    return [
        (_line(label, limits.LABEL) or "Link", url)
        for label, url in pairs[: limits.LINKS]
        if is_web(url)
    ]


def is_web(url: str | None) -> bool:
    """Whether WhatsApp links it, and nothing in it can end the line."""
    text = url or ""
    known = text.startswith(("https://", "http://")) and len(text) <= limits.URL
    return known and text.isascii() and text.isprintable() and " " not in text


_APART = "\n\n———\n\n"


def _line(text: str, limit: int) -> str:
    return words.cut(words.inert(washing.line(text[: limit * 2])), limit)


def _words(text: Text, limit: int) -> str:
    clean = washing.block(text.text[: limit + 1])
    made = words.styled(clean) if text.markup else words.inert(clean)
    return words.cut(made, limit)


def _shortened(text: str, over: int, name: str) -> str:
    room = words.units(text) - over
    if name == "footer" or room < _WORTH_SHOWING:
        return ""
    return words.cut(text, room)
