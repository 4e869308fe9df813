"""The wire: a connected socket on which no read or write outlives a deadline."""

from __future__ import annotations

import io
import ipaddress
import select
import socket
import ssl
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

_Address = tuple[int, tuple[Any, ...]]


class NotPermitted(OSError):
    """Every address of the host is one that must not be connected to."""


class Wire:
    """The part of a socket that `http.client` uses. `deadline` is monotonic seconds:
    a peer that sends one byte now and then gains nothing by it."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._readers = 0
        self._hung_up = False
        self.deadline = 0.0

    def sendall(self, data: bytes) -> None:
        """Send everything. Raises OSError."""
        self._sock.settimeout(self._left())
        self._sock.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        """A reader for one answer; closing it leaves the wire open."""
        self._readers += 1
        return io.BufferedReader(_Reader(self))

    def receive_into(self, buffer: Any) -> int:
        """Read what there is. Raises OSError; `TimeoutError` after the deadline."""
        self._sock.settimeout(self._left())
        return self._sock.recv_into(buffer)

    def upgraded(self, tls: ssl.SSLContext, host: str) -> Wire:
        """The same connection, encrypted from here on. Raises OSError; this wire is of
        no use afterwards."""
        self._sock.settimeout(self._left())
        wire = Wire(tls.wrap_socket(self._sock, server_hostname=host))
        wire.deadline = self.deadline
        return wire

    def ended(self) -> bool:
        """Whether the other side hung up, or said something nobody asked for."""
        poll = select.poll()
        poll.register(self._sock, select.POLLIN)
        return bool(poll.poll(0))

    def close(self) -> None:
        """Hang up, once nobody reads any more: `http.client` hangs up before it reads
        an answer after which the other side will."""
        self._hung_up = True
        if not self._readers:
            self._sock.close()

    def let_go(self) -> None:
        """A reader is done."""
        self._readers -= 1
        if self._hung_up:
            self.close()

    def __del__(self) -> None:
        """A channel that is let go of hangs up what it kept."""
        self._sock.close()

    def _left(self) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class _Reader(io.RawIOBase):
    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._wire.receive_into(buffer)

    def close(self) -> None:
        if not self.closed:
            super().close()
            self._wire.let_go()


def connect(
    host: str,
    port: int,
    within: float,
    tls: ssl.SSLContext | None,
    permits: Callable[[str], bool] | None = None,
) -> Wire:
    """Connect within so many seconds: name, addresses and handshake together.

    `permits` judges each numeric address before it is connected to.
    Raises OSError (`gaierror`, `TimeoutError`, `SSLError`, `NotPermitted`, ...).
    """
    deadline = time.monotonic() + within
    addresses = _resolved(host, port, within)
    if permits is not None:
        addresses = [one for one in addresses if permits(str(one[1][0]))]
        if not addresses:
            raise NotPermitted
    sock = _dialled(addresses, deadline)
    if tls is None:
        return Wire(sock)
    try:
        sock.settimeout(max(0.001, deadline - time.monotonic()))
        return Wire(tls.wrap_socket(sock, server_hostname=host))
    except OSError:
        sock.close()
        raise


def _dialled(addresses: list[_Address], deadline: float) -> socket.socket:
    """The first address that answers; each gets its share of what time is left."""
    failure: OSError = TimeoutError()
    for position, (family, address) in enumerate(addresses):
        left = deadline - time.monotonic()
        if left <= 0:
            break
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.settimeout(left / (len(addresses) - position))
            sock.connect(address)
        except OSError as error:
            sock.close()
            # Without its traceback, which would keep this frame and its sockets alive.
            failure = error.with_traceback(None)
            continue
        return sock
    raise failure


def _resolved(host: str, port: int, within: float) -> list[_Address]:
    """The host's addresses. `getaddrinfo` knows no timeout, so it gets a thread: once
    per connection, not per call."""
    if _is_address(host):
        return _looked_up(host, port)
    answers: SimpleQueue[list[_Address] | OSError] = SimpleQueue()

    def ask() -> None:
        try:
            answers.put(_looked_up(host, port))
        except OSError as error:
            answers.put(error)

    Thread(target=ask, daemon=True).start()
    try:
        answer = answers.get(timeout=within)
    except Empty:
        raise TimeoutError from None
    if isinstance(answer, OSError):
        raise answer
    return answer


def _looked_up(host: str, port: int) -> list[_Address]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [(family, address) for family, _, _, _, address in found]


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
