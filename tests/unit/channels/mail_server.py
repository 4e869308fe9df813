"""Mail servers on loopback: one that follows the rules, one that does as it is told."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP as SMTP_POLICY
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

Answer = bytes | Callable[[socket.socket], None]
Table = Mapping[str, Answer]
PASSWORD = "app-password-0815"
USERNAME = "alerts@example.com"
GIVEN: Mapping[str, Any] = {
    "host": "smtp.example.com",
    "username": USERNAME,
    "password": PASSWORD,
    "from": "Tocsin <alerts@example.com>",
    "to": ["ops@example.org", "oncall@example.org"],
}


@dataclass
class Rules:
    """What an aiosmtpd server answers; `mails` is what it took."""

    replies: Mapping[str, str] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    mails: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)
    port: int = 0

    @property
    def base(self) -> str:
        """What the channel is given in place of every server."""
        return f"127.0.0.1:{self.port}"

    @property
    def parsed(self) -> list[EmailMessage]:
        """The mails, as another library reads them."""
        parser = BytesParser(policy=SMTP_POLICY)
        return [parser.parsebytes(content) for *_, content in self.mails]

    async def handle_MAIL(  # noqa: N802
        self,
        _s: SMTP,
        _ss: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        if "MAIL" in self.replies:
            return self.replies["MAIL"]
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self,
        _s: SMTP,
        _ss: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        told = self.refused.get(address) or self.replies.get("RCPT")
        if told:
            return told
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _s: SMTP, _ss: Session, envelope: Envelope) -> str:  # noqa: N802
        if "DATA" in self.replies:
            return self.replies["DATA"]
        content = envelope.content
        assert isinstance(content, bytes)
        self.mails.append((envelope.mail_from or "", [*envelope.rcpt_tos], content))
        return "250 2.0.0 taken"

    def login(
        self, _s: SMTP, _ss: Session, _e: Envelope, _mechanism: str, data: Any
    ) -> AuthResult:
        if isinstance(data, LoginPassword):
            self.logins.append((data.login, data.password))
        if "AUTH" in self.replies:
            return AuthResult(
                success=False, handled=False, message=self.replies["AUTH"]
            )
        return AuthResult(success=True)


@contextmanager
def server(
    replies: Mapping[str, str] | None = None, refused: Mapping[str, str] | None = None
) -> Iterator[Rules]:
    """An aiosmtpd server for the length of a test."""
    rules = Rules(replies or {}, refused or {})
    controller = Controller(
        rules,
        hostname="127.0.0.1",
        port=0,
        authenticator=rules.login,
        auth_require_tls=False,
        ready_timeout=10,
    )
    # Port 0 is any free one, which `start` would call in order to see it ready.
    with socket.create_server(("127.0.0.1", 0)) as free:
        controller.port = free.getsockname()[1]
    controller.start()
    rules.port = controller.port
    try:
        yield rules
    finally:
        controller.stop()


@dataclass
class Told:
    """A server that reads lines and answers from a table, by the line's first word."""

    table: Table
    lines: list[bytes] = field(default_factory=list)
    contents: list[bytes] = field(default_factory=list)
    connections: int = 0
    tls: ssl.SSLContext | None = None
    port: int = 0

    @property
    def base(self) -> str:
        """What the channel is given in place of every server."""
        return f"127.0.0.1:{self.port}"


USUAL: Mapping[str, bytes] = {
    "GREETING": b"220 ready\r\n",
    "EHLO": b"250-hello\r\n250-PIPELINING\r\n250-SIZE 1000000\r\n250 AUTH PLAIN LOGIN\r\n",
    "AUTH": b"235 in\r\n",
    "MAIL": b"250 ok\r\n",
    "RCPT": b"250 ok\r\n",
    "DATA": b"354 go\r\n",
    ".": b"250 taken\r\n",
    "NOOP": b"250 ok\r\n",
    "QUIT": b"221 bye\r\n",
    "STARTTLS": b"220 go\r\n",
}


@contextmanager
def told(
    table: Table | None = None,
    *,
    tls: ssl.SSLContext | None = None,
    wrapped: bool = False,
) -> Iterator[Told]:
    """One that answers as usual, but for `table`; DOT stands for the final dot."""
    wanted = dict(table or {})
    if "DOT" in wanted:
        wanted["."] = wanted.pop("DOT")
    one = Told({**USUAL, **wanted}, tls=tls)
    listener = socket.create_server(("127.0.0.1", 0))
    one.port = listener.getsockname()[1]

    def listen() -> None:
        with suppress(OSError):
            while True:
                sock, _ = listener.accept()
                one.connections += 1
                threading.Thread(
                    target=_serve, args=(sock, one, wrapped), daemon=True
                ).start()

    threading.Thread(target=listen, daemon=True).start()
    try:
        yield one
    finally:
        listener.close()


def hang(_sock: socket.socket) -> None:
    """Say nothing for long."""
    time.sleep(3)


def drop(sock: socket.socket) -> None:
    """Hang up."""
    sock.shutdown(socket.SHUT_RDWR)


def drip(sock: socket.socket) -> None:
    """A byte now and then, and never a line."""
    for _ in range(100):
        sock.sendall(b"2")
        time.sleep(0.05)


def flood(sock: socket.socket) -> None:
    """Lines without end."""
    for _ in range(100_000):
        sock.sendall(b"250-and more\r\n")


def _serve(sock: socket.socket, one: Told, wrapped: bool) -> None:
    with suppress(OSError, ValueError):
        if wrapped and one.tls:
            sock = one.tls.wrap_socket(sock, server_side=True)
        with ExitStack() as open_ones:
            _talk(sock, one, open_ones)


def _talk(sock: socket.socket, one: Told, open_ones: ExitStack) -> None:
    open_ones.enter_context(sock)
    _answer(sock, one.table["GREETING"])
    reader = sock.makefile("rb")
    while line := reader.readline():
        first, *rest = line.strip().split(b" ", 1)
        word = first.decode().upper()
        one.lines.append(
            b" ".join([first if word not in USUAL else first.upper(), *rest])
        )
        _answer(sock, one.table.get(word, b"500 what?\r\n"))
        if word == "STARTTLS" and one.tls:
            sock = one.tls.wrap_socket(sock, server_side=True)
            open_ones.enter_context(sock)
            reader = sock.makefile("rb")
        if word == "DATA" and one.table["DATA"] == USUAL["DATA"]:
            content = b""
            while (row := reader.readline()) not in (b".\r\n", b""):
                content += row
            one.contents.append(content)
            _answer(sock, one.table["."])


def _answer(sock: socket.socket, answer: Answer) -> None:
    if callable(answer):
        answer(sock)
    else:
        sock.sendall(answer)
