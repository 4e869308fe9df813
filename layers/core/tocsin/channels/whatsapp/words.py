"""Words as WhatsApp shows them: strangers' marks inert, the sender's own translated.

https://faq.whatsapp.com/539178204879377
"""

from __future__ import annotations

import re

from tocsin.channels._marks import in_code as in_code
from tocsin.channels._marks import inert as inert

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
