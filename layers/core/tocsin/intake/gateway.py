"""The gateway's envelope: the body of an HTTP API event (payload 2.0), as sent."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from tocsin.errors import Fault, Malformed

REPLACED = "\N{REPLACEMENT CHARACTER}"


def body_of(event: Mapping[str, Any]) -> bytes:
    """The bytes of the body. Raises `Malformed` when they are not UTF-8, or not base64.

    A gateway that passes text on puts a replacement character where the bytes were not
    UTF-8: what it replaced shows in the length, which is no longer the one announced.
    """
    body = event.get("body") or ""
    if event.get("isBase64Encoded"):
        try:
            return base64.b64decode(body, validate=True)
        except (binascii.Error, ValueError) as error:
            raise _malformed("the body cannot be decoded") from error
    content = str(body).encode("utf-8", "surrogatepass")
    if REPLACED in body:
        headers = event.get("headers") or {}
        if headers.get("content-length", str(len(content))) != str(len(content)):
            raise _malformed("the body is not UTF-8")
    return content


def _malformed(reason: str) -> Malformed:
    return Malformed(reason, [Fault("", reason)])
