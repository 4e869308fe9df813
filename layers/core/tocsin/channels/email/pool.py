"""Connections to mail servers: opened within the budget, kept while they are fresh."""

from __future__ import annotations

import ssl
import time
from dataclasses import field
from functools import lru_cache
from threading import Lock

from tocsin.channels._addresses import is_public
from tocsin.channels._wire import connect
from tocsin.channels.email.session import Session
from tocsin.channels.email.settings import Login, Settings
from tocsin.values import dataclass

CONNECT = 2.5
TOTAL = 5.0
# A frozen process wakes with connections that died meanwhile; and servers hang up on
# who is silent, or who sends too much over one connection.
IDLE_KEPT = 50.0
MAILS = 50
KEPT = 8


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail is handed over, and by whom. Shows no password in a repr."""

    host: str
    port: int
    security: str
    username: str
    password: str = field(repr=False)

    @classmethod
    def of(cls, settings: Settings, login: Login) -> Server:
        """The server of a destination."""
        return cls(
            settings.host,
            settings.port,
            settings.security,
            login.username,
            login.password,
        )


@dataclass(slots=True)
class Idle:
    """A connection that waits; `since` is epoch seconds."""

    server: Server
    session: Session
    since: float


class Pool:
    """Connections by server. One instance serves many threads.

    `redirect` (host and port; local stacks and tests) is called instead of every
    server, without encryption.
    """

    def __init__(
        self, redirect: tuple[str, int] | None = None, *, total: float = TOTAL
    ) -> None:
        self._redirect = redirect
        self._total = total
        self._idle: list[Idle] = []
        self._lock = Lock()

    def deadline(self) -> float:
        """When a call that begins now must be over, in monotonic seconds."""
        return time.monotonic() + self._total

    def take(self, server: Server, deadline: float) -> Session:
        """A kept connection that still lives, or a new one; see `open` for errors."""
        while (idle := self._kept(server)) is not None:
            session = idle.session
            session.wire.deadline = deadline
            fresh = time.time() - idle.since < IDLE_KEPT and session.mails < MAILS
            if fresh and not session.wire.ended() and session.alive():
                return session
            session.close()
        return self.open(server, deadline)

    def give(self, server: Server, session: Session) -> None:
        """Keep it for the next mail; the one that waits longest goes for it."""
        with self._lock:
            self._idle.append(Idle(server, session, time.time()))
            surplus = [self._idle.pop(0)] if len(self._idle) > KEPT else []
        for idle in surplus:
            idle.session.close()

    def open(self, server: Server, deadline: float) -> Session:
        """Connect, encrypt, log in. Raises OSError, `RejectedError`, `UnfitError`."""
        host, port = self._redirect or (server.host, server.port)
        within = min(CONNECT, max(0.0, deadline - time.monotonic()))
        tls = None if self._redirect else _tls()
        wire = connect(
            host,
            port,
            within,
            tls if server.security == "tls" else None,
            None if self._redirect else is_public,
        )
        wire.deadline = deadline
        session = Session(wire)
        try:
            self._prepare(session, server, tls)
        except BaseException:
            session.close()
            raise
        return session

    def _prepare(
        self, session: Session, server: Server, tls: ssl.SSLContext | None
    ) -> None:
        session.greet()
        if tls is not None and server.security == "starttls":
            session.ask_for_tls()
            session.secure(session.wire.upgraded(tls, server.host))
        if server.username:
            session.log_in(server.username, server.password)

    def _kept(self, server: Server) -> Idle | None:
        with self._lock:
            for position in range(len(self._idle) - 1, -1, -1):
                if self._idle[position].server == server:
                    return self._idle.pop(position)
        return None


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    """Loading the trust store takes long: once per process."""
    return ssl.create_default_context()
