"""Washing: what strangers wrote, made fit to be shown to people.

Removed: control characters (except the newline), zero-width characters, bidirectional
overrides, invisible tag characters, lone surrogates. A tab becomes a space, other line
ends become newlines, piled-up accents are thinned, and what remains is NFC.
"""

from __future__ import annotations

import re
import unicodedata

_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_SPACES = re.compile("[\t\xa0\u115f\u1160\u2000-\u200a\u202f\u205f\u3000\u3164\uffa0]")
_UNSEEN = (
    "\x00-\x09\x0b-\x1f\x7f-\x9f"  # controls, without the newline
    "\xad\u034f\u061c\u180b-\u180e"
    "\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb"
    "\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_ACCENTS = (
    "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
)
_INVISIBLE = re.compile(
    f"[{_UNSEEN}]"
    # the joiner stays only where it joins two emoji into one
    "|(?<![\u2190-\u2bff\U0001f000-\U0001faff\ufe0f])\u200d"
    "|\u200d(?![\u2190-\u2bff\U0001f000-\U0001faff])"
)
_PILED = re.compile(f"([{_ACCENTS}]{{3}})[{_ACCENTS}]+")
_SUSPECT = re.compile(
    f"[{_UNSEEN}{_ACCENTS}\u200d\xa0\u115f\u1160\u2000-\u200a\u2028\u2029\u202f\u205f"
    "\u3000\u3164\uffa0]"
)
_BLANK_LINES = re.compile(r"\n\s*\n\s*\n")


def line(text: str) -> str:
    """One clean line: every run of white space is one space."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split()) if "  " in text else text.strip()
    return " ".join(cleaned(text).split())


def block(text: str) -> str:
    """Clean lines: indentation kept, never more than one empty line in a row."""
    if text.isascii() and text.isprintable():
        return text.strip()
    rows = "\n".join(row.rstrip() for row in cleaned(text).split("\n"))
    return _BLANK_LINES.sub("\n\n", rows).strip("\n").rstrip()


def shortened(text: str, limit: int) -> str:
    """At most `limit` code points, the last one "…" when something was cut."""
    if len(text) <= limit:
        return text
    if limit <= 0:
        return ""
    return text[: limit - 1].rstrip(" \n\u200d") + "…"


def cleaned(text: str) -> str:
    """Without what cannot be seen, indentation and empty lines as they are. Spaces are
    made plain before controls go."""
    if _SUSPECT.search(text) is not None:
        text = _SPACES.sub(" ", _LINE_ENDS.sub("\n", text))
        text = _PILED.sub(r"\1", _INVISIBLE.sub("", text))
    return text if text.isascii() else unicodedata.normalize("NFC", text)
