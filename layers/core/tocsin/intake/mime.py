"""MIME: a mail's text, the names of its attachments, its headers in words.

Nothing that is attached is opened.
"""

from __future__ import annotations

import re
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from html.parser import HTMLParser

from tocsin.intake.mail_parts import leaves_of
from tocsin.intake.trimming import line

MARKUP = 200_000
_BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
_UNSHOWN = {"script", "style", "head", "title"}
_BREAKS = {"br", "p", "div", "tr", "li", "h1", "h2", "h3", "h4", "table"}


def decoded(value: object) -> str:
    """A header in words, where it still is in the encoding of RFC 2047."""
    told = line(value, 1000)
    if "=?" not in told:
        return told
    try:
        return line(str(make_header(decode_header(told))), 1000) or told
    except (ValueError, LookupError, HeaderParseError):
        return told


def parts_of(raw: bytes) -> tuple[str, list[str]]:
    """(text, names of attachments): the plain part, or the page's words.

    On hostile names the standard library fails in its own ways: any exception may come.
    """
    plain, html, files = "", "", list[str]()
    for part in leaves_of(raw):
        name = part.filename
        if name or part.is_attachment:
            files.append(decoded(name) or part.kind)
        elif part.kind == "text/plain" and not plain:
            plain = part.text
        elif part.kind == "text/html" and not html:
            html = part.text
    return (plain or _words(html[:MARKUP])).strip(), files


class _Words(HTMLParser):
    """What a reader of the page would see, without its looks."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, _: object) -> None:
        """A block begins on a new line."""
        self.hidden += tag in _UNSHOWN
        if tag in _BREAKS:
            self.told.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """What was hidden ends."""
        self.hidden -= tag in _UNSHOWN and self.hidden > 0

    def handle_data(self, data: str) -> None:
        """Words outside of scripts and styles."""
        if not self.hidden:
            self.told.append(" ".join(data.split()) + (" " if data[-1:] == " " else ""))


def _words(html: str) -> str:
    if not html:
        return ""
    reader = _Words()
    reader.feed(html)
    return _BLANK_LINES.sub("\n\n", "".join(reader.told))
