"""The issuer: where people sign in, and the keys it signs with, asked for when they are
needed and remembered for an hour."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any, Final
from urllib.parse import urlsplit

from tocsin.errors import Unavailable
from tocsin.ports import Clock
from tocsin.values import dataclass

KEPT_MS: Final = 3_600_000
# However many tokens name keys that there are not, the issuer is asked this often.
APART_MS: Final = 60_000
# The page's policy names it, where a space or a semicolon would begin something else.
_PLACE: Final = re.compile(r"[\w.:\[\]-]+", re.ASCII)
_WELL_KNOWN: Final = "/.well-known/openid-configuration"
Fetch = Callable[[str], bytes]
"""The body of a page. Raises `Unavailable`."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """What the issuer says of itself. `leave` is "" where it does not say."""

    keys: str
    authorize: str
    token: str
    leave: str


class Provider:
    """One issuer. `loopback`: addresses without TLS are taken, for stand-ins."""

    def __init__(
        self, issuer: str, fetch: Fetch, clock: Clock, *, loopback: bool = False
    ) -> None:
        self._issuer = issuer
        self._fetch = fetch
        self._clock = clock
        self._schemes = ("https", "http") if loopback else ("https",)
        self._lock = Lock()
        self._addresses: Addresses | None = None
        self._keys: dict[str, Mapping[str, Any]] = {}
        self._read_at = self._tried_at = -KEPT_MS
        self._failure: Unavailable | None = None

    def addresses(self) -> Addresses:
        """Where people and programs go. Raises `Unavailable`."""
        with self._lock:
            self._refresh(stale=self._addresses is None)
            if self._addresses is None:
                raise self._failed()
            return self._addresses

    def key(self, name: str) -> Mapping[str, Any] | None:
        """The key of that name, None when there is none. Raises `Unavailable` while
        nothing is known of it because the issuer does not answer."""
        with self._lock:
            self._refresh(stale=name not in self._keys)
            if name not in self._keys and self._failure is not None:
                raise self._failed()
            return self._keys.get(name)

    def _refresh(self, *, stale: bool) -> None:
        now = self._clock.now()
        if now - self._tried_at < APART_MS:
            return
        if not stale and now - self._read_at < KEPT_MS:
            return
        self._tried_at = now
        try:
            self._addresses = self._discovered()
            self._keys = _named(self._read(self._addresses.keys))
            self._read_at, self._failure = now, None
        except Unavailable as error:
            # What was known goes on to count: an issuer that is down for a while
            # signs nothing new, and takes nothing back either.
            self._failure = error

    def _discovered(self) -> Addresses:
        told = self._read(self._issuer.rstrip("/") + _WELL_KNOWN)
        if told.get("issuer") != self._issuer:
            raise Unavailable("the issuer's document is another issuer's")
        return Addresses(
            keys=self._address(told, "jwks_uri"),
            authorize=self._address(told, "authorization_endpoint"),
            token=self._address(told, "token_endpoint"),
            leave=self._optional(told, "end_session_endpoint"),
        )

    def _address(self, told: Mapping[str, Any], name: str) -> str:
        if not (found := self._optional(told, name)):
            raise Unavailable(f"the issuer's {name} is no address")
        return found

    def _optional(self, told: Mapping[str, Any], name: str) -> str:
        """Nothing where it is not told, or is no address."""
        found = str(told.get(name, ""))
        try:
            parts = urlsplit(found)
        except ValueError:
            return ""
        fits = parts.hostname and _PLACE.fullmatch(parts.netloc)
        return found if fits and parts.scheme in self._schemes else ""

    def _read(self, url: str) -> Mapping[str, Any]:
        try:
            found = json.loads(self._fetch(url))
        except (ValueError, RecursionError) as error:
            raise Unavailable("the issuer answers no JSON") from error
        if not isinstance(found, dict):
            raise Unavailable("the issuer answers no JSON object")
        return found

    def _failed(self) -> Unavailable:
        return Unavailable(f"signing in: {self._failure}")


def _named(told: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    keys = told.get("keys")
    listed = keys if isinstance(keys, list) else []
    return {
        each["kid"]: each
        for each in listed
        if isinstance(each, dict) and isinstance(each.get("kid"), str)
    }
