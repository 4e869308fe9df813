"""The gateway's envelope: the body of an HTTP API event (payload 2.0), as sent."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from tocsin.errors import Fault, Malformed, Unsupported

REPLACED = "\N{REPLACEMENT CHARACTER}"
CODING = "content-encoding"


def body_of(event: Mapping[str, Any]) -> bytes:
    """The bytes of the body. Raises `Malformed` when they are not UTF-8, or not base64,
    and `Unsupported` when they are compressed.

    A gateway that passes text on puts a replacement character where the bytes were not
    UTF-8: what it replaced shows in the length, which is no longer the one announced.
    """
    body = event.get("body") or ""
    headers = event.get("headers") or {}
    if body and headers.get(CODING, "").strip().lower() not in ("", "identity"):
        reason = "a compressed body is not read here; send it as it is"
        raise Unsupported(reason, [Fault(CODING, reason)])
    if event.get("isBase64Encoded"):
        try:
            return base64.b64decode(body, validate=True)
        except (binascii.Error, ValueError) as error:
            raise _malformed("the body cannot be decoded") from error
    content = str(body).encode("utf-8", "surrogatepass")
    size = str(len(content))
    if REPLACED in body and headers.get("content-length", size) != size:
        raise _malformed("the body is not UTF-8")
    return content


def _malformed(reason: str) -> Malformed:
    return Malformed(reason, [Fault("", reason)])
