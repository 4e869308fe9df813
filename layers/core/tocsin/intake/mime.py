"""MIME: a mail's text, the names of its attachments, its headers in words.

The standard library parses; nothing that is attached is opened.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from html.parser import HTMLParser

from tocsin.intake.trimming import line

PARTS = 50
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
    except (ValueError, LookupError):
        return told


def parts_of(raw: bytes) -> tuple[str, list[str]]:
    """(text, names of attachments): the plain part, or the page's words.

    On hostile mail the parser fails in its own ways: any exception may come.
    """
    mail = message_from_bytes(raw)
    plain, html, files = "", "", list[str]()
    for part in _leaves(mail):
        name = part.get_filename()
        kind = part.get_content_type()
        if name or part.get_content_disposition() == "attachment":
            files.append(decoded(name) or kind)
        elif kind == "text/plain" and not plain:
            plain = _text(part)
        elif kind == "text/html" and not html:
            html = _text(part)
    return (plain or _words(html[:MARKUP])).strip(), files


def _leaves(mail: Message) -> Iterator[Message]:
    for count, part in enumerate(mail.walk()):
        if count == PARTS:
            return
        if not part.is_multipart():
            yield part


def _text(part: Message) -> str:
    raw = part.get_payload(decode=True)
    if not isinstance(raw, bytes):
        return ""
    try:
        told = raw.decode(part.get_content_charset() or "utf-8", "replace")
    except LookupError:
        told = raw.decode("utf-8", "replace")
    return told.replace("\r\n", "\n")


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
