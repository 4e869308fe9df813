"""The one HTTP seam: every outbound call of every channel passes through `Http`.

It keeps connections and the TLS context, follows no redirect, repeats nothing, calls
only the hosts it was made for, and is back within `TOTAL` seconds whatever the other
side does: connecting has a budget over all addresses, and every read of the answer is
given what is left. What it says of a failure never holds a path, so never a secret.
"""

from __future__ import annotations

import http.client
import io
import re
import socket
import ssl
import time
from collections.abc import Iterable, Mapping
from dataclasses import field
from email.utils import parsedate_to_datetime
from functools import lru_cache
from json import loads
from math import ceil, isfinite
from threading import Lock
from types import MappingProxyType
from typing import Any
from urllib.parse import SplitResult, urlsplit

from tocsin.channels._wire import NotPermitted, Wire, connect
from tocsin.ports import Kind
from tocsin.values import dataclass

CONNECT = 2.0
TOTAL = 5.0
BODY_KEPT = 64 * 1024
ONE_PIECE = 64 * 1024
CONNECTIONS_KEPT = 8
# A frozen process wakes with connections that died meanwhile: old ones are not trusted,
# since a request lost on them would count as possibly sent.
IDLE_KEPT = 50.0
LONGEST_WAIT = 86_400_000
_PLAIN = re.compile(r"[!-~]+")

Place = tuple[str, str, int]
"""Scheme, host and port of a connection."""


@dataclass(frozen=True, slots=True)
class Response:
    """An answer: header names in lower case; of the body what the seam keeps."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False, default=b"")

    def json(self) -> object:
        """The body as JSON, None when it is not."""
        try:
            return loads(self.body)
        except (ValueError, RecursionError):
            return None


@dataclass(frozen=True, slots=True)
class NetworkFault:
    """No answer. `kind` says whether the request may have been acted upon:
    TRANSIENT it never left whole, UNKNOWN it left, PERMANENT it must not leave."""

    kind: Kind
    reason: str


class Connection(http.client.HTTPConnection):
    """Sends head and body in one piece, where the body is small: every piece is a
    system call, and a packet."""

    _pieces: list[Any] | None = None

    def request(
        self,
        method: str,
        url: str,
        body: Any = None,
        headers: Mapping[str, Any] = MappingProxyType({}),
        *,
        encode_chunked: bool = False,
    ) -> None:
        """See `HTTPConnection.request`."""
        small = isinstance(body, bytes) and len(body) <= ONE_PIECE
        self._pieces = [] if small else None
        super().request(method, url, body, headers, encode_chunked=encode_chunked)
        if self._pieces is not None:
            whole, self._pieces = b"".join(self._pieces), None
            self.send(whole)

    def send(self, data: Any) -> None:
        """See `HTTPConnection.send`."""
        if self._pieces is None:
            super().send(data)
        else:
            self._pieces.append(data)


@dataclass(slots=True)
class Idle:
    """A connection that waits for its next request; `since` is epoch seconds."""

    connection: http.client.HTTPConnection
    wire: Wire
    since: float


class Http:
    """Calls to the hosts of one channel. One instance serves many threads.

    `hosts` are the only ones called, over https. `base` (local stacks and tests) takes
    the place of scheme and host: `http://127.0.0.1:9000`. Of an answer's body `largest`
    bytes are kept.
    """

    def __init__(
        self,
        hosts: Iterable[str],
        base: str | None = None,
        *,
        connect_within: float = CONNECT,
        total: float = TOTAL,
        largest: int = BODY_KEPT,
    ) -> None:
        self._hosts = frozenset(hosts)
        self._base = urlsplit(base.rstrip("/")) if base else None
        self._connect_within = connect_within
        self._total = total
        self._largest = largest
        self._idle: dict[Place, list[Idle]] = {}
        self._lock = Lock()

    def call(
        self,
        method: str,
        url: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        deadline: float | None = None,
    ) -> Response | NetworkFault:
        """One request, one answer. `url` is the official one, with its query. Calls
        that belong together share one `deadline()`."""
        deadline = self.deadline() if deadline is None else deadline
        target = _parsed(url)
        if target is None or not self._allowed(target):
            return NetworkFault(
                Kind.PERMANENT, "the address is not one of the channel's"
            )
        place, prefix = self._place(target)
        query = f"?{target.query}" if target.query else ""
        path = prefix + (target.path or "/") + query
        try:
            connection, wire = self._connected(place, deadline)
        except NotPermitted:
            return NetworkFault(
                Kind.PERMANENT, "the host's address is not a public one"
            )
        except OSError as error:
            return NetworkFault(Kind.TRANSIENT, f"no connection: {_words(error)}")
        wire.deadline = deadline
        try:
            connection.request(method, path, body=body, headers=dict(headers or {}))
        except (OSError, http.client.HTTPException) as error:
            # The last bytes never left, so the other side cannot have acted.
            connection.close()
            return NetworkFault(Kind.TRANSIENT, f"not sent whole: {_words(error)}")
        return self._answer(place, connection, wire)

    def deadline(self) -> float:
        """When a call that begins now must be over, in monotonic seconds."""
        return time.monotonic() + self._total

    def _answer(
        self,
        place: Place,
        connection: http.client.HTTPConnection,
        wire: Wire,
    ) -> Response | NetworkFault:
        try:
            answer = connection.getresponse()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            return NetworkFault(Kind.UNKNOWN, f"sent, but no answer: {_words(error)}")
        body, whole = _read(answer, self._largest)
        answer.close()
        if whole and not answer.will_close:
            self._keep(place, Idle(connection, wire, time.time()))
        else:
            connection.close()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return Response(answer.status, headers, body)

    def _allowed(self, url: SplitResult) -> bool:
        """The channel's own host over https, and nothing odd about the address."""
        try:
            plain = url.port in (None, 443)
        except ValueError:
            return False
        named = url.username is None and url.password is None
        return url.scheme == "https" and plain and named and url.hostname in self._hosts

    def _place(self, url: SplitResult) -> tuple[Place, str]:
        """((scheme, host, port), what comes before the path)."""
        if self._base is None:
            return ("https", url.hostname or "", 443), ""
        scheme = self._base.scheme
        port = self._base.port or (443 if scheme == "https" else 80)
        return (scheme, self._base.hostname or "", port), self._base.path

    def _connected(
        self, place: Place, deadline: float
    ) -> tuple[http.client.HTTPConnection, Wire]:
        """A kept connection that still lives, or a new one. Raises OSError."""
        while (idle := self._kept(place)) is not None:
            if time.time() - idle.since < IDLE_KEPT and not idle.wire.ended():
                return idle.connection, idle.wire
            idle.connection.close()
        scheme, host, port = place
        within = min(self._connect_within, max(0.0, deadline - time.monotonic()))
        wire = self._dial(host, port, within, _tls() if scheme == "https" else None)
        connection = Connection(host, port)
        connection.default_port = 443 if scheme == "https" else 80
        connection.sock = wire
        connection.auto_open = 0
        return connection, wire

    def _dial(
        self, host: str, port: int, within: float, tls: ssl.SSLContext | None
    ) -> Wire:
        return connect(host, port, within, tls)

    def _kept(self, place: Place) -> Idle | None:
        with self._lock:
            waiting = self._idle.get(place)
            return waiting.pop() if waiting else None

    def _keep(self, place: Place, idle: Idle) -> None:
        with self._lock:
            waiting = self._idle.setdefault(place, [])
            if len(waiting) < CONNECTIONS_KEPT:
                waiting.append(idle)
                return
        idle.connection.close()


def _parsed(url: str) -> SplitResult | None:
    try:
        return urlsplit(url) if _PLAIN.fullmatch(url) else None
    except ValueError:
        return None


def retry_after_ms(response: Response) -> int:
    """`Retry-After` in ms, as seconds or as a date; 0 when absent or unreadable.
    https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3"""
    text = response.headers.get("retry-after", "").strip()
    if not text:
        return 0
    try:
        return milliseconds(float(text))
    except ValueError:
        pass
    try:
        until = parsedate_to_datetime(text)
        since = parsedate_to_datetime(response.headers.get("date", ""))
    except (TypeError, ValueError):
        return 0
    return milliseconds((until - since).total_seconds())


def milliseconds(seconds: object) -> int:
    """Seconds as a provider states them, in whole ms, rounded up; 0 for nonsense."""
    try:
        value = float(seconds)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return 0
    if value == float("inf"):
        return LONGEST_WAIT
    return min(LONGEST_WAIT, ceil(value * 1000)) if isfinite(value) and value > 0 else 0


def _read(answer: http.client.HTTPResponse, largest: int) -> tuple[bytes, bool]:
    """(body, whether it was read to its end). The status is known by now, so that a
    body which breaks off, or never ends, is no reason to forget the answer."""
    parts, size = [], 0
    try:
        while part := answer.read1(largest - size):
            parts.append(part)
            size += len(part)
    except (OSError, http.client.HTTPException, ValueError):
        return b"".join(parts), False
    return b"".join(parts), answer.isclosed() or answer.length == 0


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    """Loading the trust store takes longer than a call: once per process."""
    return ssl.create_default_context()


def _words(error: Exception) -> str:
    """What went wrong, from the error's kind only: its text may hold the address."""
    for kind, words in _FAILURES:
        if isinstance(error, kind):
            return words
    return "the connection failed"


_FAILURES: tuple[tuple[type[Exception], str], ...] = (
    (TimeoutError, "no answer in time"),
    (socket.gaierror, "the host name was not found"),
    (ssl.SSLCertVerificationError, "the certificate is not trusted"),
    (ssl.SSLError, "the TLS handshake failed"),
    (ConnectionRefusedError, "the connection was refused"),
    (ConnectionResetError, "the connection was reset"),
    (BrokenPipeError, "the connection was closed"),
    (http.client.BadStatusLine, "the answer is not HTTP"),
    (http.client.HTTPException, "the answer is not HTTP"),
    (io.UnsupportedOperation, "the connection was closed"),
)
