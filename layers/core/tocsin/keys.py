"""Keys: how they are made, kept as hashes, presented, found again, and what they allow.

A key is random enough (160 bits) that a plain SHA-256 hides it; a slow password hash
would cost every request and protect nothing.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping

from tocsin.errors import Forbidden, Unauthorized
from tocsin.settings import Key, Scope, Source

PREFIX = "toc_"
_HINT = 8


def make_key(entropy: bytes, now: int) -> tuple[str, Key]:
    """(the key's text, shown once; what is kept of it). `entropy`: 20 random bytes."""
    text = PREFIX + base64.b32encode(entropy).decode().rstrip("=").lower()
    return text, kept_key(text, now)


def kept_key(text: str, now: int) -> Key:
    """What is kept of a key."""
    return Key(digest(text), text[:_HINT], now)


def digest(text: str) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def bearer(headers: Mapping[str, str]) -> str:
    """The key out of `Authorization: Bearer <key>`. Raises `Unauthorized`."""
    given = next(
        (value for name, value in headers.items() if name.lower() == "authorization"),
        "",
    )
    scheme, _, text = given.strip().partition(" ")
    if scheme.lower() != "bearer" or not text.strip():
        raise Unauthorized("give a key: Authorization: Bearer <key>")
    return text.strip()


def find(sources: Iterable[Source], text: str) -> Source | None:
    """Whose key this is. Always compares with all keys, each in constant time."""
    wanted = digest(text)
    found = None
    for source in sources:
        for key in source.keys:
            if hmac.compare_digest(key.digest, wanted):
                found = source
    return found


def allows(source: Source, scope: Scope) -> bool:
    """Whether the source has the scope; `admin` includes `operate`."""
    if scope is Scope.OPERATE and Scope.ADMIN in source.scopes:
        return True
    return scope in source.scopes


def administered(sources: Iterable[Source]) -> bool:
    """Whether anyone can administer. The last admin cannot be deleted, so that this is
    false only while a new stack has not adopted its generated keys."""
    return any(Scope.ADMIN in source.scopes for source in sources)


def require(source: Source, scope: Scope) -> None:
    """Raises `Forbidden` unless the source may."""
    if not allows(source, scope):
        has = ", ".join(sorted(source.scopes)) or "none"
        way = "key" if source.keys else "sign-in"
        raise Forbidden(f"this {way} has the scopes {has}; the call needs {scope}")
