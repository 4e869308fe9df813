"""Words as WhatsApp shows them: strangers' marks inert, the sender's own translated.

WhatsApp knows no escape. A mark that could begin or end a look becomes a sign that
looks like it; one between two letters or digits (`db_main_1`) is none, and stays.
https://faq.whatsapp.com/539178204879377
"""

from __future__ import annotations

import re

_MARKS = str.maketrans("*_~", "∗ˍ∼")  # U+2217, U+02CD, U+223C
_RUN = re.compile(r"[*_~]+")
_INSIDE = re.compile(r"[A-Za-z0-9]")
_TICK = "ˋ"  # U+02CB
_LINE_START = re.compile(r"^([ \t]*)([>*-]|\d+\.)(?=[ \t])", re.MULTILINE)
_STARTS = {">": "›", "-": "–", "*": "∗"}
_BOLD = "\x02"
_TRANSLATED: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"^#{1,6}[ \t]+(.+?)[ \t]*#*$", re.MULTILINE), rf"{_BOLD}\1{_BOLD}"),
    (
        re.compile(r"!?\[([^\[\]\n]{1,300})\]\((https?://[^\s()<>]{1,2000})\)"),
        r"\1 (\2)",
    ),
    (re.compile(r"(\*\*|__)(?=\S)([^\n]{1,500}?)(?<=\S)\1"), rf"{_BOLD}\2{_BOLD}"),
    (re.compile(r"~~(?=\S)([^\n]{1,500}?)(?<=\S)~~"), r"~\1~"),
    (re.compile(r"(?<![*\w])\*(?=[^\s*])([^\n*]{1,500}?)(?<=\S)\*(?!\w)"), r"_\1_"),
)


def inert(text: str) -> str:
    """The same words without anything that WhatsApp would take for a look."""
    text = _LINE_START.sub(_started, text).replace("`", _TICK)
    return _RUN.sub(_dulled, text)


def in_code(text: str) -> str:
    """What stands between three backticks, where only these are live."""
    return text.replace("`", _TICK)


def styled(text: str) -> str:
    """The sender's own Markdown in WhatsApp's marks; links to the web in words."""
    text = text.replace(_BOLD, "")
    for pattern, replacement in _TRANSLATED:
        text = pattern.sub(replacement, text)
    return text.replace(_BOLD, "*")


def bold(text: str) -> str:
    """Inert words in bold: one line, since the look ends with it."""
    return f"*{text}*" if text else ""


def units(text: str) -> int:
    """How many UTF-16 units."""
    return len(text) if text.isascii() else len(_encoded(text)) // 2


def cut(text: str, limit: int) -> str:
    """At most so many units, the last one "…" when something was cut."""
    if len(text) * 2 <= limit or units(text) <= limit:
        return text
    if limit <= 0:
        return ""
    kept = _encoded(text[:limit])[: 2 * (limit - 1)]
    return kept.decode("utf-16-le", "ignore").rstrip() + "…"


def _encoded(text: str) -> bytes:
    return text.encode("utf-16-le", "surrogatepass")


def _started(match: re.Match[str]) -> str:
    return match[1] + _STARTS.get(match[2], match[2])


def _dulled(match: re.Match[str]) -> str:
    text, start, end = match.string, match.start(), match.end()
    before, after = text[max(start - 1, 0) : start], text[end : end + 1]
    if _INSIDE.match(before) and _INSIDE.match(after):
        return match[0]
    return match[0].translate(_MARKS)
