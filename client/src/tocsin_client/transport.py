"""Transport: one HTTP call to the API."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from tocsin_client import lifetime
from tocsin_client.answers import Answer as Answer
from tocsin_client.answers import Fault as Fault
from tocsin_client.answers import Problem as Problem
from tocsin_client.reasons import reason_of

if TYPE_CHECKING:
    import urllib3

VERSION = "0.1.0"
LARGEST_ANSWER = 64 * 1024 * 1024
_CHUNK = 65_536


class Unreachable(Exception):
    """No answer came, or only a part of one; `reason` never holds the key."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Secret:
    """A text that no repr, traceback or log shows."""

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)"

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError("a secret is not written down")


class Transport:
    """Calls the API at `url` with `key`. Safe for threads, and for forks: a child
    makes connections of its own. Redirects are not followed, nothing is repeated.

    `timeout` (seconds) bounds connecting, and the rest of the call once more. Behind a
    proxy, or with an own set of certificates, give a `pool` that knows it.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        timeout: float = 5.0,
        pool: urllib3.PoolManager | None = None,
    ) -> None:
        """Raises ValueError for an address or a key that could never work."""
        self.url = _root(url)
        self.timeout = timeout
        self._key = Secret(_checked(key))
        self._given = pool
        self._pool: urllib3.PoolManager | None = None
        self._owner = 0

    def __repr__(self) -> str:
        return f"Transport({self.url!r})"

    def call(
        self,
        method: str,
        path: str,
        *,
        body: object = None,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> Answer:
        """One call of `path` ("/v1/..."). A `body` of bytes goes as it is, any other
        as JSON. Raises `Unreachable` where no whole answer comes."""
        sent = {
            "Accept": "application/json",
            "User-Agent": f"tocsin-client/{VERSION}",
            "Authorization": f"Bearer {self._key.reveal()}",
        }
        if body is not None:
            sent["Content-Type"] = "application/json"
            if not isinstance(body, bytes):
                body = json.dumps(body, separators=(",", ":")).encode()
        sent.update(headers or {})
        address = self.url + path + (f"?{urlencode(query)}" if query else "")
        allowed = self.timeout if timeout is None else timeout
        return self._request(method, address, body, sent, allowed)

    def _request(
        self, method: str, address: str, body: Any, sent: dict[str, str], allowed: float
    ) -> Answer:
        urllib3 = _urllib3()
        deadline = time.monotonic() + allowed
        try:
            response = self._connections().request(
                method,
                address,
                body=body,
                headers=sent,
                timeout=urllib3.Timeout(connect=allowed, read=allowed),
                retries=False,
                redirect=False,
                preload_content=False,
            )
            try:
                told = _read(response, deadline + allowed)
            except BaseException:
                response.close()  # What is left of it would be the next one's answer.
                raise
            response.release_conn()
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            reason = reason_of(error, allowed)
        else:
            names = {name.lower(): value for name, value in response.headers.items()}
            return Answer(response.status, names, told)
        # Outside of `except`: no frame with the key in it hangs on the exception.
        raise Unreachable(reason)

    def _connections(self) -> urllib3.PoolManager:
        """The pool of this process: shared over a fork, it would mix up answers."""
        urllib3 = _urllib3()
        if self._pool is None or self._owner != os.getpid():
            if self._given is None:
                self._pool = urllib3.PoolManager(num_pools=2, maxsize=8)
            else:
                if self._owner:
                    self._given.clear()
                self._pool = self._given
            self._owner = os.getpid()
        return self._pool


def _urllib3() -> Any:
    """Imported when it is needed: that takes longer than all the rest together."""
    with lifetime.importing():
        import urllib3  # noqa: PLC0415

        "a.b".encode("idna")  # What looking up a name imports.
    return urllib3


def _read(response: Any, deadline: float) -> bytes:
    """The whole body, unless it drips or never ends."""
    read = getattr(response, "read1", response.read)  # urllib3 1 has no `read1`
    chunks: list[bytes] = []
    size = 0
    while chunk := read(_CHUNK):
        chunks.append(chunk)
        size += len(chunk)
        if size > LARGEST_ANSWER:
            raise ValueError("the answer is too large")
        if time.monotonic() > deadline:
            raise ValueError("the answer took too long")
    promised = response.headers.get("content-length", "")
    coded = "content-encoding" in response.headers
    if promised.isdigit() and not coded and size < int(promised):
        # The first major version of urllib3 does not look.
        raise ValueError(f"the answer broke off: {size} of {promised} bytes")
    return b"".join(chunks)


def _root(url: str) -> str:
    told = url.strip().rstrip("/")
    if told.endswith("/v1"):
        told = told[:-3].rstrip("/")
    parts = urlsplit(told)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("the URL should look like https://tocsin.example.com")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("the URL should have no user, password, query or fragment")
    return told


def _checked(key: str) -> str:
    told = key.strip()
    if not told:
        raise ValueError("the key is empty; give an ingest key (see TOCSIN_KEY)")
    if not told.isascii() or not told.isprintable() or " " in told:
        raise ValueError("the key holds a character that no key has")
    return told
