"""Marks: strangers' words without anything that a chat takes for bold or code.

For chats that know no escape. A mark that could begin or end a look becomes a sign that
looks like it; one between two letters or digits (`db_main_1`) is none, and stays.
"""

from __future__ import annotations

import re

_MARKS = str.maketrans("*_~", "∗ˍ∼")  # U+2217, U+02CD, U+223C
_RUN = re.compile(r"[*_~]+")
_INSIDE = re.compile(r"[A-Za-z0-9]")
_TICK = "ˋ"  # U+02CB
_LINE_START = re.compile(r"^([ \t]*)([>*-]|\d+\.)(?=[ \t])", re.MULTILINE)
_STARTS = {">": "›", "-": "–", "*": "∗"}
_STRONG = re.compile(r"(\*\*|__|~~)(?=\S)([^\n]{1,500}?)(?<=\S)\1")
_LINK = re.compile(r"!?\[([^\[\]\n]{1,300})\]\((https?://[^\s()<>]{1,2000})\)")


def inert(text: str) -> str:
    """The same words without anything that would be taken for a look."""
    text = _LINE_START.sub(_started, text).replace("`", _TICK)
    return _RUN.sub(_dulled, text)


def in_code(text: str) -> str:
    """What stands between three backticks, where only these are live."""
    return text.replace("`", _TICK)


def unmarked(text: str) -> str:
    """The sender's own Markdown as plain words, with the addresses of its links."""
    return _STRONG.sub(r"\2", _LINK.sub(r"\1 (\2)", text))


def _started(match: re.Match[str]) -> str:
    return match[1] + _STARTS.get(match[2], match[2])


def _dulled(match: re.Match[str]) -> str:
    text, start, end = match.string, match.start(), match.end()
    before, after = text[max(start - 1, 0) : start], text[end : end + 1]
    if _INSIDE.match(before) and _INSIDE.match(after):
        return match[0]
    return match[0].translate(_MARKS)
