"""Washing: strangers' words made fit for a terminal, which obeys what it is shown.

An escape sequence can rewrite the screen, rename the window or fill the clipboard; a
bidirectional override can turn words around. None of them gets through.
"""

from __future__ import annotations

import re

_ENDS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_UNSEEN = re.compile(
    "[\x7f-\x9f\xad\u034f\u061c\u180b-\u180e\u200b\u200c\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\ufeff\ufff0-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f]")
_UNSAFE_IN_JSON = re.compile(f"{_UNSEEN.pattern}|[\u2028\u2029]")


def line(text: object) -> str:
    """One clean line: every run of white space is one space."""
    return " ".join(_cleaned(str(text)).split())


def row(text: object) -> str:
    """One clean line of a document, spaced as it was."""
    return _cleaned(str(text)).replace("\n", " ").rstrip()


def block(text: object) -> str:
    """Clean lines, with their indentation."""
    rows = _cleaned(str(text)).split("\n")
    return "\n".join(row.rstrip() for row in rows).strip("\n")


def json_text(text: str) -> str:
    """The same JSON, with what a terminal could obey written as escapes."""
    return _UNSAFE_IN_JSON.sub(lambda found: _escaped(found[0]), text)


def _cleaned(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    text = _ENDS.sub("\n", text).replace("\t", "    ")
    # A control is shown as its picture (␛): who looks shall see that it was there.
    text = _CONTROL.sub(lambda found: chr(0x2400 + ord(found[0])), text)
    return _UNSEEN.sub("", text)


def _escaped(letter: str) -> str:
    units = letter.encode("utf-16-be", "surrogatepass")
    pairs = (units[at : at + 2].hex() for at in range(0, len(units), 2))
    return "".join(f"\\u{pair}" for pair in pairs)
