"""Runs: text, and what it looks like, side by side. Text is shortened while it is still
text, and tags come last: so no limit can ever cut markup in two.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

ZERO = "\u2060"  # parts what Telegram would read as one, and never breaks a line

# What clients make live by themselves: @names, and /commands that a touch would send.
# What stands at the end of a run may go on in the next.
_LIVE = re.compile(
    r"(?<![A-Za-z0-9_])@(?=[A-Za-z0-9_]|\Z)"
    r"|(?<![\w/<>])/(?=\w+(?![\w/<>])|\Z)"
)
_MARKUP = re.compile(r'[&<>"]')
_ENTITY = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}
_TAGS = {
    "": ("", ""),
    "b": ("<b>", "</b>"),
    "i": ("<i>", "</i>"),
    "s": ("<s>", "</s>"),
    "code": ("<code>", "</code>"),
    "pre": ("<pre>", "</pre>"),
    "fold": ("<blockquote expandable>", "</blockquote>"),
}


class Run(NamedTuple):
    """A stretch of text of one look. `light` ones lose it when there are too many."""

    text: str
    tag: str = ""
    url: str = ""
    light: bool = False


Runs = tuple[Run, ...]


def units(text: str) -> int:
    """The length as Telegram counts it: characters beyond the first plane are two."""
    if text.isascii():
        return len(text)
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def size(runs: Iterable[Run]) -> int:
    """The length of all of them."""
    return units("".join([run.text for run in runs]))


def inert(text: str) -> str:
    """Data, in which no name is a mention and no word a command."""
    if "@" not in text and "/" not in text:
        return text
    return _LIVE.sub(rf"\g<0>{ZERO}", text)


def shortened(text: str, room: int, treat: Callable[[str], str] | None = None) -> str:
    """At most `room` units after `treat`; "…" stands for what was cut."""
    if len(text) <= room:
        whole = treat(text) if treat else text
        if 2 * len(whole) <= room or units(whole) <= room:
            return whole
    kept = min(len(text), room) - 1
    while kept > 0:
        cut = text[:kept].rstrip(f" \n\u200d{ZERO}") + "…"
        short = treat(cut) if treat else cut
        length = units(short)
        if length <= room:
            return short
        kept = min(kept - 1, kept * room // length)
    return "…" if room > 0 else ""


def joined(rows: Iterable[Runs], between: str) -> Runs:
    """All of them in a row, with plain text between."""
    made: list[Run] = []
    for row in rows:
        made += [Run(between)] if made else []
        made += row
    return tuple(made)


def cut(runs: Sequence[Run], room: int) -> Runs:
    """The leading runs that fit; the one that does not is shortened, not its tag."""
    if size(runs) <= room:
        return tuple(runs)
    kept: list[Run] = []
    for run in runs:
        length = units(run.text)
        if length >= room:
            kept.append(run._replace(text=shortened(run.text + "…", room)))
            break
        kept.append(run)
        room -= length
    return tuple(run for run in kept if run.text)


def html(runs: Iterable[Run], light: int) -> str:
    """Telegram's HTML. At most `light` of the light runs get their look."""
    made = []
    for run in runs:
        if run.tag or run.url:
            light -= run.light
            if light >= 0 or not run.light:
                made.append(_tagged(run))
                continue
        made.append(escaped(run.text))
    return "".join(made)


def plain(runs: Iterable[Run]) -> str:
    """The words alone, none of them live."""
    return "".join([inert(run.text) for run in runs])


def escaped(text: str) -> str:
    """Safe between tags and between quotes."""
    if _MARKUP.search(text) is None:
        return text
    return _MARKUP.sub(lambda match: _ENTITY[match[0]], text)


def _tagged(run: Run) -> str:
    opening, closing = _TAGS[run.tag]
    text = escaped(run.text)
    if run.url:
        text = f'<a href="{escaped(run.url)}">{text}</a>'
    return f"{opening}{text}{closing}"
