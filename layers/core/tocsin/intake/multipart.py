"""Multipart: the one field of a form that is read; files beside it are passed over.

https://www.rfc-editor.org/rfc/rfc7578. Parts within parts are not: no browser and no
tool sends them any more.
"""

from __future__ import annotations

import re

from tocsin.errors import Fault, Malformed

MEDIA_TYPE = "multipart/form-data"
PARTS = 50
_HEAD = 2000
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
    mark = f"\r\n--{found[1] or found[2]}".encode("utf-8", "replace")
    for part in (b"\r\n" + body).split(mark, PARTS)[1:]:
        if part.startswith(b"--"):
            break
        # The line of the boundary ends, then come headers and an empty line.
        head, _, held = part.partition(b"\r\n\r\n")
        told = _NAME.search(head[:_HEAD])
        if told and (told[1] or told[2]) == name.encode():
            return held
    return None
