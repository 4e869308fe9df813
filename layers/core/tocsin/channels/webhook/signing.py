"""Signing, as Standard Webhooks has it: HMAC-SHA256 over id, time and body.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64decode, b64encode
from collections.abc import Iterable

PREFIX = "whsec_"
SHORTEST_KEY, LONGEST_KEY = 24, 64
HOW_TO_MAKE = 'make one with: echo "whsec_$(openssl rand -base64 32)"'


def key_of(secret: str) -> bytes:
    """The key in a `whsec_` secret. Raises ValueError, which never repeats it."""
    if not secret.startswith(PREFIX):
        raise ValueError(f"not a secret of the form whsec_<base64>; {HOW_TO_MAKE}")
    text = secret.removeprefix(PREFIX)
    try:
        key = b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError:
        raise ValueError(f"what follows whsec_ is not base64; {HOW_TO_MAKE}") from None
    if not SHORTEST_KEY <= len(key) <= LONGEST_KEY:
        raise ValueError(
            f"a secret holds {SHORTEST_KEY} to {LONGEST_KEY} bytes, not {len(key)}; "
            f"{HOW_TO_MAKE}"
        )
    return key


def signature(key: bytes, message_id: str, at: int, body: bytes) -> str:
    """`v1,` and the signature in base64. `at` in seconds since the epoch."""
    signed = b".".join((message_id.encode(), str(at).encode(), body))
    digest = hmac.new(key, signed, hashlib.sha256).digest()
    return f"v1,{b64encode(digest).decode()}"


def headers(
    message_id: str, at: int, body: bytes, keys: Iterable[bytes]
) -> dict[str, str]:
    """The three headers; every key signs, so that a receiver may change in its time."""
    signed = (signature(key, message_id, at, body) for key in keys)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(signed),
    }
