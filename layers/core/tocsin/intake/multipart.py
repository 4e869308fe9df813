"""Multipart: what stands between boundaries; of a form, the one field that is read.

https://www.rfc-editor.org/rfc/rfc7578. A form's files are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from tocsin.errors import Fault, Malformed

MEDIA_TYPE = "multipart/form-data"
PARTS = 50
_HEAD = 2000
_NEWLINE = 10
_AFTER = (b"", b"\r", b"\n", b" ", b"\t")
# As RFC 2046 has it: at most 70 characters, in quotes if it holds a separator.
_BOUNDARY = re.compile(r'(?i);\s*boundary=(?:"([^"]{1,70})"|([^\s;",]{1,70}))')
_NAME = re.compile(rb'(?i);[ \t]*name=(?:"([^"]{0,100})"|([^\s;"]{1,100}))')


def field_of(content_type: str, body: bytes, name: str) -> bytes | None:
    """What the form's field of this name holds; None when it has none. Raises
    `Malformed` where no parts can be told apart."""
    found = _BOUNDARY.search(content_type)
    if found is None:
        reason = "names no boundary between the parts of the form"
        raise Malformed(f"content-type: {reason}", [Fault("content-type", reason)])
    boundary = (found[1] or found[2]).encode("utf-8", "replace")
    for part in islice(pieces_of(body, boundary), PARTS):
        head, _, held = part.partition(b"\r\n\r\n")
        told = _NAME.search(head[:_HEAD])
        if told and (told[1] or told[2]) == name.encode():
            return held
    return None


def pieces_of(body: bytes, boundary: bytes) -> Iterator[bytes]:
    """What stands between the lines that a boundary makes, to the one that closes, or
    to the end of what was cut off (RFC 2046, 5.1.1)."""
    mark, at, start = b"--" + boundary, 0, -1
    while (found := body.find(mark, at)) >= 0:
        at = found + len(mark)
        rest = body[at : at + 2]
        begins = found == 0 or body[found - 1] == _NEWLINE
        if not begins or (rest != b"--" and rest[:1] not in _AFTER):
            continue  # The text only looks like it, or another boundary begins so.
        if start >= 0:
            yield body[start:found].removesuffix(b"\n").removesuffix(b"\r")
        line_end = body.find(b"\n", at)
        if rest == b"--" or line_end < 0:
            return
        start = at = line_end + 1
    if start >= 0:
        yield body[start:]
