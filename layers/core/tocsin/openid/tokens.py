"""Tokens: JSON Web Tokens in their compact form, read and not yet believed."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import Any, Final, NoReturn

from tocsin.errors import Unauthorized
from tocsin.values import dataclass

LARGEST: Final = 16 * 1024
_FORM: Final = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Token:
    """What a token says of itself: nothing of it is shown to be true."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    signed: bytes
    signature: bytes


def read_token(text: str) -> Token:
    """Raises `Unauthorized` for what is no signed token, such as an unsigned one."""
    if len(text) > LARGEST or not _FORM.fullmatch(text):
        raise Unauthorized("this is neither a key nor a signed token")
    header, claims, signature = text.split(".")
    return Token(
        header=_object(header),
        claims=_object(claims),
        signed=f"{header}.{claims}".encode(),
        signature=_bytes(signature),
    )


def unpacked(text: str) -> bytes:
    """Base64 for addresses, without padding. Raises ValueError."""
    return base64.b64decode(
        text + "=" * (-len(text) % 4), altchars=b"-_", validate=True
    )


def _bytes(part: str) -> bytes:
    try:
        return unpacked(part)
    except (binascii.Error, ValueError) as error:
        raise Unauthorized("this token cannot be read") from error


def _object(part: str) -> Mapping[str, Any]:
    try:
        found = json.loads(_bytes(part), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Unauthorized("this token cannot be read") from error
    if not isinstance(found, dict):
        raise Unauthorized("this token cannot be read")
    return found


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
