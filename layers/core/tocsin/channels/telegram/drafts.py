"""Drafts: one message as lines of runs, and what goes first when room runs out.

Dropped in the order of least loss: footer, code, body, facts from the end, links from
the end. Title and state line stay, whatever happens.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field

from tocsin import washing
from tocsin.channels._fitting import shares_of
from tocsin.channels.telegram import limits, links, markdown, runs
from tocsin.channels.telegram.runs import Run, Runs
from tocsin.message import Fact, Message
from tocsin.values import dataclass

TITLE = 240
STATE = 300
SHORT_TITLE = 120  # these two are what ten messages must have room for
SHORT_STATE = 240
FACTS = 25
FACT_NAME = 60
FACT_VALUE = 400
FOOTER = 200
FOLD_LINES = 3
FOLD_UNITS = 280
WORTH_SHOWING = 40
AIR: Runs = (Run(""),)


@dataclass(slots=True)
class Draft:
    """A message before its HTML: every part inert, and each within its own limit."""

    message: Message
    title: Runs
    state: str
    body: Runs
    code: str
    footer: str
    facts: list[Runs] = field(default_factory=list)
    links: list[Runs] = field(default_factory=list)
    airy: bool = False

    @property
    def size(self) -> int:
        """UTF-16 units, line ends included."""
        return runs.size(runs.joined(self.rows(), "\n"))

    def rows(self) -> list[Runs]:
        """Line by line, with air between the parts if it stands alone; code last."""
        facts = [*self.facts, runs.joined(self.links, " · ")]
        state: Runs = (Run(self.state, "i"),) if self.state else ()
        footer: Runs = (Run(self.footer),) if self.footer else ()
        code: Runs = (Run(self.code, "pre"),) if self.code else ()
        rows: list[Runs] = []
        for part in ([self.title, self.body], facts, [state, footer]):
            shown = [row for row in part if row]
            rows += [AIR] if self.airy and rows and shown else []
            rows += shown
        return [*rows, code] if code else rows

    def squeezed(self, budget: int) -> Draft:
        """The same, within `budget`."""
        if self.size <= budget:
            return self
        self.footer = ""
        self._code_shortened(self.size - budget)
        self._body_shortened(self.size - budget)
        while self.facts and self.size > budget:
            self.facts.pop()
        while self.links and self.size > budget:
            self.links.pop()
        if self.size > budget:
            self.title = runs.cut(self.title, SHORT_TITLE)
            self.state = runs.shortened(self.state, SHORT_STATE)
        return self

    def _code_shortened(self, over: int) -> None:
        if over > 0 and self.code:
            room = runs.units(self.code) - over
            self.code = runs.shortened(self.code, room) if room >= WORTH_SHOWING else ""

    def _body_shortened(self, over: int) -> None:
        if over > 0 and self.body:
            room = runs.size(self.body) - over
            self.body = runs.cut(self.body, room) if room >= WORTH_SHOWING else ()


def draft(message: Message, *, alone: bool) -> Draft:
    """`alone`: there is room for air, and links that can be buttons are none of the
    text's business."""
    return Draft(
        message,
        title=_title(message),
        state=_data(_line(message.state_line or "", STATE), STATE),
        body=_body(message),
        code=_code(message.code),
        footer=_footer(message),
        facts=[row for fact in message.facts[:FACTS] if (row := _fact(fact))],
        links=_links(message, buttons=alone),
        airy=alone,
    )


def drafts(messages: Sequence[Message], room: int) -> list[Draft]:
    """One each, all together within `room`: whole if they fit so, else each within a
    fair share."""
    whole = [draft(message, alone=False) for message in messages]
    sizes = [one.size for one in whole]
    if sum(sizes) <= room:
        return whole
    shares = shares_of(sizes, room)
    return [one.squeezed(share) for one, share in zip(whole, shares, strict=True)]


def weight(message: Message) -> int:
    """At most so many units as a draft without buttons: counted, not built."""
    words = [message.title, message.icon, message.state_line or "", message.footer]
    if message.body:
        words.append(message.body.text)
    for fact in message.facts[:FACTS]:
        words += [fact.name, fact.value.text]
    for link in message.links:
        words += [link.label, link.url]
    words += [message.url or "", message.code or ""]
    live = sum([word.count("@") + word.count("/") for word in words])
    rows = 8 + len(words)
    return sum([runs.units(word) for word in words]) + live + 3 * rows + 40


def _title(message: Message) -> Runs:
    words = _data(_line(message.title, TITLE), TITLE) or "Notification"
    icon = washing.line(message.icon[:16])
    title = Run(words, "b", links.linkable(message.url) or "")
    return (Run(f"{icon} "), title) if icon else (title,)


def _body(message: Message) -> Runs:
    if message.body is None or not message.body.text.strip():
        return ()
    text = message.body.text.strip()[: limits.TEXT + 1]
    if message.body.markup:
        return markdown.styled(text)
    text = _data(text, limits.TEXT)
    long = text.count("\n") >= FOLD_LINES or runs.units(text) > FOLD_UNITS
    return (Run(text, "fold" if long else ""),)


def _code(text: str | None) -> str:
    """As it is: inside of <pre> nothing is live."""
    code = (text or "")[: limits.TEXT + 1].strip("\n").rstrip()
    return runs.shortened(code, limits.TEXT) if code.strip() else ""


def _fact(fact: Fact) -> Runs:
    name = _data(_line(fact.name, FACT_NAME), FACT_NAME)
    value = fact.value.text.strip()[: FACT_VALUE + 1]
    if not name or not value:
        return ()
    row: Runs = (Run(f"{name}:", "b", light=True), Run(" "))
    if fact.value.markup:
        return row + runs.cut(markdown.styled(value), FACT_VALUE)
    return (*row, Run(_data(value, FACT_VALUE)))


def _links(message: Message, *, buttons: bool) -> list[Runs]:
    """Those that are no buttons; and where the title cannot lead, in words."""
    found: list[Runs] = []
    url = message.url or ""
    if url.startswith(("http://", "https://")) and not links.linkable(url):
        found.append((Run(links.shown("Open", url)),))
    for link in message.links[: limits.BUTTONS]:
        address = links.linkable(link.url)
        if address and not buttons:
            words = runs.inert(links.label_of(link.label))
            found.append((Run(f"↗ {words}", url=address, light=True),))
        elif not address:
            found.append((Run(links.shown(link.label, link.url)),))
    return found


def _footer(message: Message) -> str:
    """With the time in the configured zone; Telegram adds each reader's own only to
    the moment of sending."""
    at = message.at
    time = f"{at.day} {at:%b} {at.hour:02}:{at.minute:02} {at.tzname() or ''}".strip()
    words = _data(_line(message.footer, FOOTER), FOOTER)
    return " · ".join(filter(None, (words, time)))


def _line(text: str, room: int) -> str:
    """One clean line of what can matter of it: most of what is washed away is rare."""
    return washing.line(text[: 4 * room])


def _data(text: str, room: int) -> str:
    return runs.shortened(text, room, runs.inert)
