"""Mail parts: what a mail is made of, as far as somebody reads it (RFC 2045, 2046).

The standard library's parser keeps every header of every part and takes three times as
long; it is asked for names of files only, which are written in many ways.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator, Mapping
from email.message import Message
from itertools import islice

from tocsin.intake.multipart import pieces_of
from tocsin.values import dataclass

PARTS = 50
# What parses names of files takes the square of a header's length.
_VALUE = 4_000
# These take the square of a text's length; no mail is written in them.
_NO_CHARSETS = ("idna", "punycode")
_PLAIN = "text/plain"
_HEADER = re.compile(rb"(?im)^(content-[a-z-]{1,40})[ \t]*:(.*(?:\n[ \t].*)*)")
_BOUNDARY = re.compile(r'(?i)\bboundary="?([^";]{1,70})')
_CHARSET = re.compile(r'(?i)\bcharset="?([^";\s]{1,40})')
_FOLD = re.compile(r"\r?\n[ \t]+")


@dataclass(frozen=True, slots=True)
class Part:
    """One part: its media type, its headers about content by names in lower case."""

    kind: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_attachment(self) -> bool:
        """Whether it is not to be shown in line."""
        told = self.headers.get("content-disposition", "")
        return told.partition(";")[0].strip().lower() == "attachment"

    @property
    def filename(self) -> str:
        """Its file's name; "" = it has none."""
        if not any("name" in told.lower() for told in self.headers.values()):
            return ""
        header = Message()
        for name in ("content-disposition", "content-type"):
            if name in self.headers:
                header[name] = self.headers[name]
        return header.get_filename() or ""

    @property
    def text(self) -> str:
        """What it says, whatever it is encoded in."""
        found = _CHARSET.search(self.headers.get("content-type", ""))
        raw = _decoded(self.body, self.headers.get("content-transfer-encoding", ""))
        return _read_as(found[1].lower() if found else "utf-8", raw)

    @property
    def inner(self) -> list[bytes]:
        """The parts that it holds; none for most."""
        if self.kind == "message/rfc822":
            return [self.body]
        found = _BOUNDARY.search(self.headers.get("content-type", ""))
        if found is None or not self.kind.startswith("multipart/"):
            return []
        boundary = found[1].strip().encode("utf-8", "surrogateescape")
        return list(islice(pieces_of(self.body, boundary), PARTS))


def leaves_of(mail: bytes) -> Iterator[Part]:
    """The parts that hold no others, in order; of all parts the first fifty."""
    waiting = [mail]
    for _ in range(PARTS):
        if not waiting:
            return
        part = _read(waiting.pop())
        inner = part.inner
        waiting += reversed(inner)
        if not inner:
            yield part


def _read(raw: bytes) -> Part:
    """Headers, an empty line, the body."""
    if raw.startswith((b"\n", b"\r\n")):
        return Part(_PLAIN, {}, raw.partition(b"\n")[2])
    ends = [at for end in (b"\n\n", b"\n\r\n") if (at := raw.find(end)) >= 0]
    at = min(ends, default=len(raw))
    headers: dict[str, str] = {}
    for name, told in _HEADER.findall(raw[:at]):
        text = told[:_VALUE].decode("utf-8", "surrogateescape")
        value = _FOLD.sub(" ", text).strip()
        headers.setdefault(name.decode().lower(), value)
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    kind = kind if kind.count("/") == 1 else _PLAIN
    return Part(kind, headers, raw[at + 1 :].partition(b"\n")[2])


def _read_as(charset: str, raw: bytes) -> str:
    """What is no charset of a text is read as UTF-8."""
    try:
        known = charset not in _NO_CHARSETS
        told = raw.decode(charset if known else "utf-8", "replace")
    except (LookupError, UnicodeError):
        told = raw.decode("utf-8", "replace")
    return told.replace("\r\n", "\n")


def _decoded(body: bytes, encoding: str) -> bytes:
    told = encoding.strip().lower()
    try:
        if told == "quoted-printable":
            return binascii.a2b_qp(body)
        if told == "base64":
            return binascii.a2b_base64(body)
    except binascii.Error:
        return body
    return body
