"""Claims: what a token must say to be for us, whom it names, what that one may do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from tocsin.errors import Unauthorized
from tocsin.settings import Scope, Source
from tocsin.values import dataclass

LEEWAY_S: Final = 60
EVERYONE: Final = "*"
# Words with spaces between (RFC 8693, section 4.2). A group's name may have spaces.
_WORDS: Final = ("scope", "scp")
_EMAIL: Final = re.compile(r"[^\s@<>]{1,64}@[\w.-]{1,190}", re.ASCII)
_LONGEST_SUBJECT: Final = 255


@dataclass(frozen=True, slots=True)
class Terms:
    """Whose tokens are taken, for whom, and what they give.

    audiences  one of them must be named by the token
    claim      holds the groups: a list, one name, or words where it is a scope; a path
               of names with dots between
    operators  groups that give the scope operate
    admins     groups that give every scope, as the first admin key has
    """

    issuer: str
    audiences: frozenset[str]
    claim: str
    operators: frozenset[str]
    admins: frozenset[str]


def check(claims: Mapping[str, Any], terms: Terms, now: int) -> None:
    """Raises `Unauthorized` for what is not meant for us, or not now (ms)."""
    if claims.get("iss") != terms.issuer:
        raise Unauthorized("this token is of another issuer")
    # Cognito says what a token is for. One that gives access names no address, and is
    # for the pool's own calls.
    if claims.get("token_use", "id") != "id":
        raise Unauthorized("this is no ID token; send the one that says who you are")
    told = claims.get("aud")
    audiences = told if isinstance(told, list) else [told]
    if not any(each in terms.audiences for each in audiences if isinstance(each, str)):
        raise Unauthorized("this token is for another audience")
    seconds = now // 1000
    if _time(claims, "exp") + LEEWAY_S <= seconds:
        raise Unauthorized("this sign-in has expired; sign in again")
    if max(_time(claims, "nbf", 0), _time(claims, "iat", 0)) > seconds + LEEWAY_S:
        raise Unauthorized("this token is not valid yet")


def person(claims: Mapping[str, Any], terms: Terms) -> Source:
    """Who it is, and what they may do. Raises `Unauthorized` when nobody is named."""
    return Source(_name(claims), _scopes(claims, terms), ())


def _time(claims: Mapping[str, Any], name: str, missing: int | None = None) -> int:
    found = claims.get(name, missing)
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise Unauthorized(f"this token has no {name} that is a time")
    return int(min(max(found, 0), 2**53))


def _name(claims: Mapping[str, Any]) -> str:
    """The address that the issuer has verified, else the subject: neither can be taken
    for the name of a key, and nobody can choose one for the audit trail."""
    email, verified = str(claims.get("email")), claims.get("email_verified")
    if verified in (True, "true") and email.isprintable() and _EMAIL.fullmatch(email):
        return email.lower()
    subject = claims.get("sub")
    if not isinstance(subject, str) or not subject.isprintable():
        raise Unauthorized("this token names nobody")
    if not 0 < len(subject) <= _LONGEST_SUBJECT:
        raise Unauthorized("this token names nobody")
    return f"sub:{subject}"


def _scopes(claims: Mapping[str, Any], terms: Terms) -> frozenset[Scope]:
    groups = {*_groups(claims, terms.claim), EVERYONE}
    if groups & terms.admins:
        return frozenset(Scope)
    return frozenset({Scope.OPERATE} if groups & terms.operators else ())


def _groups(claims: Mapping[str, Any], path: str) -> list[str]:
    found: Any = claims.get(path)
    if found is None:
        found = claims
        for name in path.split("."):
            found = found.get(name) if isinstance(found, dict) else None
    if isinstance(found, str):
        return found.split() if path in _WORDS else [found]
    listed = found if isinstance(found, list) else []
    return [each for each in listed if isinstance(each, str)]
