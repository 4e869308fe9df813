"""A message as a plain text of at most 480 characters, the most important first.

SNS takes 1,600 bytes in one call and sends them as parts, each paid for: 160 signs of
GSM's alphabet, or 70 where a single one is of another. So icons stay away, and signs
that only typography wants are written as telephones do.
https://docs.aws.amazon.com/sns/latest/dg/sms_publish-to-phone.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tocsin import washing
from tocsin.channels import _marks
from tocsin.message import Message, Text

# Three parts, or seven; in UTF-8 1,440 bytes at most.
LIMIT = 480
TITLE = 140
STATE = 100
BODY = 200
URL = 160
NAME = 30
VALUE = 80
BETWEEN = "\n\n"
_READ = 2_000
_SHORTEST = 20
_CUT = "..."
_TYPED = str.maketrans(
    {
        "…": "...",
        "–": "-",
        "—": "-",
        "·": "-",
        "•": "-",
        "→": "->",
        "×": "x",
        "‘": "'",
        "’": "'",
        "“": '"',
        "”": '"',
        "`": "'",
    }
)


def units(text: str) -> int:
    """How many characters a telephone counts: an emoji is two."""
    return len(text.encode("utf-16-le")) // 2


def text_of(message: Message) -> str:
    """Title, state, words, facts and link; facts go from the end, then words."""
    title = _cut(_line(message.title), TITLE) or "Notification"
    state = _cut(_line(message.state_line or ""), STATE)
    body = _cut(_words(message.body), BODY) if message.body else ""
    link = next(filter(_fit, _addresses(message)), "")
    above = [part for part in (title, state) if part]
    left = LIMIT - units("\n".join([*above, link])) - 2
    body = _cut(body, left) if left >= _SHORTEST else ""
    left -= units(body) + 1
    rows = []
    for row in _facts(message):
        left -= units(row) + 1
        if left < 0:
            break
        rows.append(row)
    return "\n".join(part for part in (*above, body, *rows, link) if part)


def joined(messages: Sequence[Message]) -> str:
    """Several in one."""
    return BETWEEN.join(map(text_of, messages))


def fits(messages: Sequence[Message]) -> int:
    """How many of the first have room in one text, at least one."""
    size = count = 0
    for message in messages:
        size += units(text_of(message)) + (len(BETWEEN) if count else 0)
        if count and size > LIMIT:
            break
        count += 1
    return max(count, 1)


def _facts(message: Message) -> Iterator[str]:
    for fact in message.facts:
        name, value = _line(fact.name), " ".join(_words(fact.value).split())
        if name and value:
            yield f"{_cut(name, NAME)}: {_cut(value, VALUE)}"


def _addresses(message: Message) -> Iterator[str]:
    """Where to read more; where there is nothing to read, where to act."""
    yield message.url or ""
    yield from (link.url for link in message.links if not link.acts)
    yield from (link.url for link in message.links if link.acts)


def _fit(url: str) -> bool:
    web = url.startswith(("https://", "http://")) and len(url) <= URL
    return web and url.isascii() and url.isprintable() and " " not in url


def _line(text: str) -> str:
    return washing.line(text[:_READ]).translate(_TYPED)


def _words(text: Text) -> str:
    words = text.text[:_READ]
    words = _marks.unmarked(words) if text.markup else words
    return washing.block(words).translate(_TYPED)


def _cut(text: str, room: int) -> str:
    if units(text) <= room:
        return text
    kept = text.encode("utf-16-le")[: 2 * (room - len(_CUT))]
    return kept.decode("utf-16-le", "ignore").rstrip(" \n\u200d") + _CUT
