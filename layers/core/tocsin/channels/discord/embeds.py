"""Embeds: one message as one embed, and what goes first when room runs out.

Dropped in the order of least loss: footer, code, body, facts from the end, links from
the end, the local time. Title and state line stay, whatever happens.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from tocsin.channels._fitting import shares_of
from tocsin.channels.discord import limits, markdown
from tocsin.message import Message
from tocsin.values import dataclass

STATE = 300  # with it and a full title, ten embeds still hold: 10 * 558 < 6000
SHORT_FACT = 80
SHORT_CODE = 400
WORTH_SHOWING = 40
FENCES = 8
ENOUGH = 5000
FAIR = limits.EMBED_SUM // limits.EMBEDS  # as little as this fits, whatever it is
FIXED = 80  # icon, emphasis, local time, line ends


@dataclass(slots=True)
class Draft:
    """An embed before its JSON: every part escaped, and each within its own limit."""

    message: Message
    at: datetime | None
    title: str
    state: str
    when: str
    body: str
    code: str
    footer: str
    links: list[str]
    facts: list[dict[str, Any]]
    description: str = field(init=False)
    size: int = field(init=False)

    def __post_init__(self) -> None:
        self._measure()

    def squeezed(self, budget: int) -> Draft:
        """The same, within `budget` (and Discord's limit of a description)."""
        if self.size <= budget and len(self.description) <= limits.DESCRIPTION:
            return self
        self._footer_dropped(budget)
        self._code_shortened(self._over(budget))
        self._body_shortened(self._over(budget))
        while self.facts and self.size > budget:
            self.facts.pop()
            self._measure()
        while self.links and self._over(budget) > 0:
            self.links.pop()
            self._measure()
        self._when_dropped(budget)
        return self

    def embed(self, url: str | None) -> dict[str, Any]:
        """As Discord wants it; the title leads to `url`."""
        embed: dict[str, Any] = {"title": self.title, "color": self.message.colour}
        if url:
            embed["url"] = url
        if self.description:
            embed["description"] = self.description
        if self.facts:
            embed["fields"] = self.facts
        if self.footer:
            embed["footer"] = {"text": self.footer}
        if self.at:
            embed["timestamp"] = self.at.isoformat()
        if picture := markdown.linkable(self.message.picture, limits.URL):
            embed["image"] = {"url": picture}
        return embed

    def _measure(self) -> None:
        """The description: body, state, links, local time; the code block last. The
        size: what Discord counts towards the sum over all embeds."""
        rows = [self.body, self.state, " · ".join(self.links), self.when]
        if self.code:
            rows.append(f"```\n{self.code}\n```")
        self.description = "\n".join(filter(None, rows))
        facts = sum([len(fact["name"]) + len(fact["value"]) for fact in self.facts])
        self.size = len(self.title) + len(self.footer) + len(self.description) + facts

    def _over(self, budget: int) -> int:
        return max(self.size - budget, len(self.description) - limits.DESCRIPTION)

    def _footer_dropped(self, budget: int) -> None:
        if self.size > budget:
            self.footer = ""
            self._measure()

    def _code_shortened(self, over: int) -> None:
        if over > 0 and self.code:
            room = len(self.code) - over
            text = self.message.code or ""
            fits = room >= WORTH_SHOWING
            self.code = markdown.fitted(text, room, markdown.code) if fits else ""
            self._measure()

    def _body_shortened(self, over: int) -> None:
        if over > 0 and self.body and self.message.body:
            room = len(self.body) - over
            fits = room >= WORTH_SHOWING
            self.body = markdown.worded(self.message.body, room) if fits else ""
            self._measure()

    def _when_dropped(self, budget: int) -> None:
        if self.size > budget:
            self.when = ""
            self._measure()


def draft(message: Message, *, linked: bool, compact: bool = False) -> Draft:
    """`linked`: links stand in the text (not as buttons). `compact`: facts and code
    are shortened, so that more messages share one call."""
    at = _universal(message.at)
    return Draft(
        message,
        at=at,
        title=_title(message),
        state=_state(message.state_line),
        when=_when(at),
        body=_body(message),
        code=_code(message.code, SHORT_CODE if compact else limits.DESCRIPTION),
        footer=_footer(message, timed=at is not None),
        links=[markdown.linked(link.label, link.url) for link in message.links]
        if linked
        else [],
        facts=_facts(message, SHORT_FACT if compact else limits.FIELD_VALUE),
    ).squeezed(limits.EMBED_SUM)


def drafts(messages: Sequence[Message], *, linked: bool) -> list[Draft]:
    """One embed each, all together within the limit: whole if they fit so, else
    compact, else each within a fair share of the room."""
    whole = [draft(message, linked=linked) for message in messages]
    if sum([one.size for one in whole]) <= limits.EMBED_SUM:
        return whole
    if len(messages) > 1:
        whole = [draft(message, linked=linked, compact=True) for message in messages]
    shares = shares_of([one.size for one in whole], limits.EMBED_SUM)
    return [one.squeezed(share) for one, share in zip(whole, shares, strict=True)]


def weight(message: Message) -> int:
    """At most so many code points as a compact embed: counted, not built."""
    links = sum([len(link.label) + len(link.url) + 8 for link in message.links])
    fixed = FIXED + len(message.footer) + links
    lines = [message.title, message.state_line or ""]
    lines += [fact.name for fact in message.facts]
    values = [fact.value.text for fact in message.facts]
    body = message.body.text if message.body else ""
    code = f"```\n{message.code}\n```" if message.code else ""
    whole = fixed + markdown.at_most(*lines, *values, body, code)
    if whole <= FAIR:
        return whole
    cut = [min(SHORT_FACT, markdown.at_most(value)) for value in values]
    cut.append(min(SHORT_CODE, markdown.at_most(code)))
    cut.append(min(limits.DESCRIPTION, markdown.at_most(body)))
    return fixed + markdown.at_most(*lines) + sum(cut)


def _title(message: Message) -> str:
    room = limits.TITLE - len(message.icon) - 1
    title = markdown.fitted(_flat(message.title), room)
    return f"{message.icon} {title}".strip() or "Notification"


def _state(line: str | None) -> str:
    if not line:
        return ""
    return f"*{text}*" if (text := markdown.fitted(_flat(line), STATE)) else ""


def _flat(text: str) -> str:
    text = text.strip()[:ENOUGH]
    return text if text.isprintable() else " ".join(text.split())


def _body(message: Message) -> str:
    if message.body is None or not message.body.text.strip():
        return ""
    return markdown.worded(message.body, limits.DESCRIPTION).strip()


def _code(text: str | None, room: int) -> str:
    if not text or not text.strip():
        return ""
    return markdown.fitted(text, room - FENCES, markdown.code)


def _footer(message: Message, *, timed: bool) -> str:
    """Plain text to Discord, so nothing is escaped. The time is in the configured zone;
    Discord itself adds each reader's own."""
    parts = [_flat(message.footer)[: limits.FOOTER - 60]]
    if timed:
        at = message.at
        parts.append(_clock(at.hour, at.minute, at.tzname() or ""))
    return " · ".join(filter(None, parts))


@lru_cache(maxsize=1440)
def _clock(hour: int, minute: int, zone: str) -> str:
    return f"{hour:02}:{minute:02} {zone}".strip()


def _facts(message: Message, room: int) -> list[dict[str, Any]]:
    facts = []
    for fact in message.facts[: limits.FIELDS]:
        name = _fact_name(fact.name)
        value = markdown.worded(fact.value, room).strip()
        if name and value:
            facts.append({"name": name, "value": value, "inline": fact.inline})
    return facts


@lru_cache(maxsize=512)
def _fact_name(name: str) -> str:
    """Kept, since every event of a kind has the same names."""
    return markdown.fitted(_flat(name), limits.FIELD_NAME)


def _when(at: datetime | None) -> str:
    """How long ago, kept current by Discord; each reader's own time on a touch. The
    time itself stands in the footer already."""
    return f"<t:{int(at.timestamp())}:R>" if at else ""


def _universal(at: datetime) -> datetime | None:
    """The same in UTC; None if Discord cannot show that year."""
    return at.astimezone(UTC) if 1970 < at.year < 3000 else None
