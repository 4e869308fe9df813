"""Quoting: a value within an author's Markdown, so that none of the Markdown is its.

Channels read Markdown each in its own way, and not all of them know an escape: a sign
that could begin or end a look becomes another that looks like it. Addresses stay good.
"""

from __future__ import annotations

import re

from tocsin.washing import cleaned

_SPECIAL = re.compile(
    r"(?P<url>https?://[^\s<>()\[\]\"|\\`]+)"
    r"|(?P<start>^[ \t]*)(?P<head>#+|>+|-(?=[\s#-])|[+*](?=\s)|\d{1,9}[.)](?=\s))"
    r"|(?P<mark>[*~`|\[\]]|(?<![^\W_])_|_(?![^\W_])|\A\s*\(|<(?=\S)"
    r"|\\(?![^\W_]))",
    re.MULTILINE | re.IGNORECASE,
)
_IN_URL = re.compile(r"[*~]|(?<![^\W_])_|_(?![^\W_])")
_ALIKE = str.maketrans(
    {
        "*": "∗",
        "_": "ˍ",
        "~": "∼",
        "`": "ˋ",
        "|": "∣",
        "[": "(",
        "]": ")",
        "(": "❨",
        "<": "‹",
        "\\": "⧵",
        "#": "♯",
        ">": "›",
        "-": "–",
        "+": "＋",
        ".": "․",
        ")": "❩",
    }
)


def inert(text: str) -> str:
    """The same words, without anything that Markdown would take for a look.

    Washed first: what washing takes away later must not hide a sign from us.
    """
    return _SPECIAL.sub(_dulled, cleaned(text))


def _dulled(match: re.Match[str]) -> str:
    if match["url"]:
        return _IN_URL.sub(lambda sign: f"%{ord(sign[0]):02X}", match["url"])
    if match["head"]:
        return match["start"] + match["head"].translate(_ALIKE)
    return match["mark"].translate(_ALIKE)
