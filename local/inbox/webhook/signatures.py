"""Signatures as a receiver checks them: written apart from the code that signs.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from local.inbox.calls_in import Refusal

TOLERANCE: Final = 300.0
NAMES: Final = ("webhook-id", "webhook-timestamp", "webhook-signature")
_ID: Final = re.compile(r"[!-\-/-~]{1,256}")  # no dot: it divides what is signed
_ONE: Final = re.compile(r"v1,[A-Za-z0-9+/]{43}=|v1a,[A-Za-z0-9+/]{86}==")


@dataclass(frozen=True, slots=True)
class Signed:
    """What the three headers say."""

    id: str
    at: int
    signatures: tuple[str, ...]


def read(headers: Mapping[str, str]) -> Signed:
    """Read the headers. Raises Refusal when one is missing or out of form."""
    values = [headers.get(name, "") for name in NAMES]
    for name, value in zip(NAMES, values, strict=True):
        if not value:
            raise Refusal(400, f"the header {name} is missing")
    identity, at, listed = values
    if not _ID.fullmatch(identity):
        raise Refusal(400, "webhook-id is not of the form of an id, or has a dot in it")
    if not (at.isascii() and at.isdigit()):
        raise Refusal(400, "webhook-timestamp is not a whole number of seconds")
    signatures = tuple(listed.split(" "))
    if not all(_ONE.fullmatch(one) for one in signatures):
        raise Refusal(400, "webhook-signature is not a list of v1,<base64>")
    return Signed(identity, int(at), signatures)


def check(signed: Signed, body: bytes, secrets: Sequence[str], now: float) -> None:
    """Check time and signature. `now` in epoch seconds. Raises Refusal."""
    if abs(now - signed.at) > TOLERANCE:
        raise Refusal(401, "webhook-timestamp is more than 5 minutes from now")
    head = f"{signed.id}.{signed.at}.".encode()
    for secret in secrets:
        key = base64.b64decode(secret.removeprefix("whsec_"))
        digest = hmac.new(key, head + body, hashlib.sha256).digest()
        expected = "v1," + base64.b64encode(digest).decode()
        if any(hmac.compare_digest(expected, one) for one in signed.signatures):
            return
    raise Refusal(401, "no signature fits: the body, or the secret, is another")
