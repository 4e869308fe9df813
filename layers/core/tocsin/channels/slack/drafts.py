"""Drafts: one message as blocks, and what goes first when room runs out.

Dropped in the order of least loss: footer, code, body, facts from the end, links from
the end. Title and state line stay, whatever happens. A picture is a link: should Slack
fail to fetch it, it would refuse the whole message.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import field, replace
from typing import Any

from tocsin.channels._fitting import shares_of
from tocsin.channels.slack import limits, mrkdwn
from tocsin.message import Fact, Link, Message, Press
from tocsin.values import dataclass

Json = dict[str, Any]

TITLE = 200
TITLE_URL = 400  # of each, where several share a call
STATE = 250  # with it and a full title, ten still hold: 10 * 870 < 12,000 - 1,500
FACT_NAME = 200
FACTS = 30
WIDE_FACTS = 4
SHORT_FACT = 80
SHORT_CODE = 400
FOOTER = 400
TIME = 60
WORTH_SHOWING = 40
FENCES = 8
FIXED = 80  # bold, line ends, commas
ENOUGH = 5000
PER_LINK = 8


@dataclass(slots=True)
class Draft:
    """A message before its JSON: every part escaped, and each within its limit.

    `alone`: its title stands above the bar, its links are buttons. Together with
    others the title stands beside the bar and the links are text. `presses` are buttons
    that act.
    """

    message: Message
    alone: bool
    title: str
    body: str
    state: str
    code: str
    footer: str
    facts: list[tuple[str, bool]] = field(default_factory=list)
    presses: list[Json] = field(default_factory=list)
    buttons: list[Json] = field(default_factory=list)
    links: list[str] = field(default_factory=list)

    @property
    def size(self) -> int:
        """What counts towards the sum over all blocks."""
        texts = (self.title, self.body, self.state, self.code, self.footer)
        facts = sum([len(text) for text, _ in self.facts])
        links = sum([len(text) + PER_LINK for text in self.links])
        buttons = sum([len(b["url"]) + len(b["text"]["text"]) for b in self.buttons])
        presses = sum([len(b["text"]["text"]) for b in self.presses])
        return sum(map(len, texts)) + facts + links + buttons + presses + FIXED

    def squeezed(self, budget: int) -> Draft:
        """The same, within `budget`."""
        if self.size <= budget:
            return self
        self.footer = ""
        self._code_shortened(self.size - budget)
        self._body_shortened(self.size - budget)
        while self.facts and self.size > budget:
            self.facts.pop()
        while (self.links or self.buttons) and self.size > budget:
            (self.links or self.buttons).pop()
        return self

    def blocks(self) -> list[Json]:
        """What stands beside the coloured bar."""
        return list(self._alone() if self.alone else self._beside_others())

    def _alone(self) -> Iterator[Json]:
        if self.body:
            yield section(self.body)
        yield from self._fact_blocks()
        if notes := "\n".join(filter(None, (self.state, " · ".join(self.links)))):
            yield _context(notes)
        if elements := [*self.presses, *self.buttons]:
            yield {"type": "actions", "elements": elements}
        if self.code:
            yield section(f"```\n{self.code}\n```")
        if self.footer:
            yield _context(self.footer)

    def _beside_others(self) -> Iterator[Json]:
        yield section("\n".join(filter(None, (self.title, self.body))))
        if self.facts:
            yield _fields([text for text, _ in self.facts[: limits.FIELDS]])
        if self.code:
            yield section(f"```\n{self.code}\n```")
        rows = (self.state, " · ".join(self.links), self.footer)
        if notes := "\n".join(filter(None, rows)):
            yield _context(notes)

    def _fact_blocks(self) -> Iterator[Json]:
        """Short ones side by side; those that ask for it, across the whole width."""
        row: list[str] = []
        wide = WIDE_FACTS
        for text, inline in self.facts:
            if inline or not wide:
                row.append(text)
            else:
                wide -= 1
                if row:
                    yield _fields(row)
                    row = []
                yield section(text)
            if len(row) == limits.FIELDS:
                yield _fields(row)
                row = []
        if row:
            yield _fields(row)

    def _code_shortened(self, over: int) -> None:
        if over > 0 and self.code:
            room = len(self.code) - over
            text = self.message.code or ""
            fits = room >= WORTH_SHOWING
            self.code = mrkdwn.fitted(text, room, mrkdwn.code) if fits else ""

    def _body_shortened(self, over: int) -> None:
        if over > 0 and self.body and self.message.body:
            room = len(self.body) - over
            fits = room >= WORTH_SHOWING
            self.body = mrkdwn.worded(self.message.body, room) if fits else ""


def drafts(
    messages: Sequence[Message], room: int, *, buttons: bool, hears: bool = False
) -> list[Draft]:
    """One each, all together within the room: whole if they fit so, else compact,
    else each within a fair share. `hears`: buttons that act may be shown."""
    if len(messages) == 1:
        return [_alone(messages[0], buttons=buttons, hears=hears).squeezed(room)]
    if sum(map(_said, messages)) <= room:
        whole = [_together(message, compact=False) for message in messages]
        if sum([one.size for one in whole]) <= room:
            return whole
    compact = [_together(message, compact=True) for message in messages]
    shares = shares_of([one.size for one in compact], room)
    return [one.squeezed(share) for one, share in zip(compact, shares, strict=True)]


def weight(message: Message) -> int:
    """At most so many code points as a compact draft: counted, not built."""
    facts = message.facts[: limits.FIELDS]
    total = FIXED + mrkdwn.at_most(message.footer) + len(message.url or "")
    total += mrkdwn.at_most(message.title) + mrkdwn.at_most(message.state_line or "")
    total += sum([mrkdwn.at_most(fact.name) for fact in facts])
    values = [mrkdwn.at_most(fact.value.text) for fact in facts]
    total += sum([min(SHORT_FACT, value) + PER_LINK for value in values])
    total += sum([len(one.label) + len(one.url) + PER_LINK for one in message.links])
    if message.body:
        total += min(limits.SECTION, mrkdwn.at_most(message.body.text))
    return total + min(SHORT_CODE, 2 * len(message.code or ""))


def _said(message: Message) -> int:
    """How much it says: escaped, it becomes longer still."""
    body, code = message.body, message.code or ""
    facts = sum([len(fact.value.text) for fact in message.facts[: limits.FIELDS]])
    words = min(len(body.text), limits.SECTION) if body else 0
    return words + min(len(code), limits.SECTION) + facts


def section(text: str) -> Json:
    """A block of text."""
    return {"type": "section", "text": _mrkdwn(text)}


def flat(text: str) -> str:
    """One line, of a length that escaping can bear."""
    text = text.strip()[:ENOUGH]
    return text if text.isprintable() else " ".join(text.split())


def _alone(message: Message, *, buttons: bool, hears: bool) -> Draft:
    presses = [_press(press) for press in message.presses] if hears else []
    if presses:  # they stand for the links that act
        kept = tuple(link for link in message.links if not link.acts)
        message = replace(message, links=kept)
    links = _links(message)[: limits.ACTIONS - len(presses)]
    made = [_button(link) for link in links] if buttons else []
    whole = bool(made) and all(button is not None for button in made)
    draft = _draft(message, alone=True, compact=False)
    draft.presses = presses
    draft.buttons = [button for button in made if button] if whole else []
    draft.links = [] if whole else _in_text(links)
    return draft


def _together(message: Message, *, compact: bool) -> Draft:
    draft = _draft(message, alone=False, compact=compact)
    draft.links = _in_text(_links(message))
    return draft


def _draft(message: Message, *, alone: bool, compact: bool) -> Draft:
    title = _title(message, limits.URL - 1000 if alone else TITLE_URL)
    return Draft(
        message,
        alone,
        title=title,
        body=_body(message, limits.SECTION - (0 if alone else len(title) + 1)),
        state=mrkdwn.fitted(flat(message.state_line or ""), STATE),
        code=_code(message.code, SHORT_CODE if compact else limits.SECTION),
        footer=_footer(message),
        facts=_facts(
            message.facts[: FACTS if alone else limits.FIELDS],
            SHORT_FACT if compact else limits.FIELD - FACT_NAME - 8,
        ),
    )


def _title(message: Message, url_room: int) -> str:
    words = flat(f"{message.icon} {message.title}") or "Notification"
    words = mrkdwn.fitted(words, TITLE, mrkdwn.label)
    url = mrkdwn.linkable(message.url, url_room)
    return f"*<{mrkdwn.plain(url)}|{words}>*" if url else f"*{words}*"


def _body(message: Message, room: int) -> str:
    if message.body is None or not message.body.text.strip():
        return ""
    return mrkdwn.worded(message.body, room).strip()


def _code(text: str | None, room: int) -> str:
    if not text or not text.strip():
        return ""
    return mrkdwn.fitted(text, room - FENCES, mrkdwn.code)


def _facts(given: Sequence[Fact], room: int) -> list[tuple[str, bool]]:
    facts = []
    for fact in given:
        name = mrkdwn.fitted(flat(fact.name), FACT_NAME)
        value = mrkdwn.worded(fact.value, room).strip()
        if name and value:
            facts.append((f"*{name}*\n{value}", fact.inline))
    return facts


def _footer(message: Message) -> str:
    """With the time, which Slack shows in each reader's own zone."""
    words = mrkdwn.fitted(flat(message.footer), FOOTER)
    at = message.at
    if not 1970 < at.year < 2100:
        return words
    told = mrkdwn.fitted(
        f"{at:%Y-%m-%d %H:%M} {at.tzname() or ''}".strip(), TIME, mrkdwn.label
    )
    when = f"<!date^{int(at.timestamp())}^{{date_short_pretty}} {{time}}|{told}>"
    return " · ".join(filter(None, (words, when)))


def _links(message: Message) -> list[Link]:
    links = list(message.links)
    known = {link.url for link in links}
    if message.picture not in known and mrkdwn.linkable(message.picture):
        links.append(Link("🖼 Picture", message.picture or ""))
    return links[: limits.ACTIONS]


def _in_text(links: Sequence[Link]) -> list[str]:
    """As many as one context block holds beside a state line and a footer."""
    made, room = [], limits.CONTEXT - STATE - FOOTER - 200
    for link in links:
        text = mrkdwn.linked(link.label, link.url)
        room -= len(text) + PER_LINK
        if room < 0:
            break
        made.append(text)
    return made


def _button(link: Link) -> Json | None:
    url = mrkdwn.public(link.url)
    label = flat(link.label)[: limits.BUTTON_LABEL].strip()
    if url is None or not label:
        return None
    words = {"type": "plain_text", "text": label, "emoji": False}
    return {"type": "button", "text": words, "url": url}


def _press(press: Press) -> Json:
    """By its value it is known again; a button that leads somewhere has none."""
    words = {"type": "plain_text", "text": press.label, "emoji": False}
    name = press.name
    return {"type": "button", "text": words, "action_id": name, "value": name}


def _context(text: str) -> Json:
    return {"type": "context", "elements": [_mrkdwn(text)]}


def _fields(texts: Sequence[str]) -> Json:
    return {"type": "section", "fields": [_mrkdwn(text) for text in texts]}


def _mrkdwn(text: str) -> Json:
    """`verbatim`: Slack looks for no addresses, channels and mentions by itself."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}
