"""A provider on loopback that answers, or misbehaves, as told."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Behaviour = Callable[[socket.socket], None]


@dataclass
class Seen:
    """One request as it came over the wire."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Provider:
    """`behaviours` are used up in order, the last one again and again."""

    behaviours: list[Behaviour]
    requests: list[Seen] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    @property
    def base(self) -> str:
        """What a channel is given in place of the provider's address."""
        return f"http://127.0.0.1:{self.port}"

    def next(self) -> Behaviour:
        """What to do with this request."""
        return (
            self.behaviours.pop(0) if len(self.behaviours) > 1 else self.behaviours[0]
        )


def answer(
    status: int, body: object = None, headers: Mapping[str, str] | None = None
) -> Behaviour:
    """Answer with this; a `bytes` body goes out as it is, anything else as JSON."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    raw = b"" if body is None else raw
    lines = [f"HTTP/1.1 {status} Status", f"Content-Length: {len(raw)}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    data = "\r\n".join(lines).encode() + b"\r\n\r\n" + raw
    return lambda sock: sock.sendall(data)


def raw(data: bytes) -> Behaviour:
    """Answer these very bytes, then hang up."""

    def behave(sock: socket.socket) -> None:
        sock.sendall(data)
        sock.shutdown(socket.SHUT_RDWR)

    return behave


def hang(sock: socket.socket) -> None:
    """Say nothing."""
    time.sleep(3)


def hang_up(sock: socket.socket) -> None:
    """Close without a word, after the request was read."""
    sock.shutdown(socket.SHUT_RDWR)


def reset(sock: socket.socket) -> None:
    """Reset the connection, after the request was read."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    raise ConnectionAbortedError  # leaves the loop, and so closes at once


def drip(prefix: bytes) -> Behaviour:
    """After `prefix`, one byte every 50 ms, for ever."""

    def behave(sock: socket.socket) -> None:
        sock.sendall(prefix)
        for _ in range(200):
            sock.sendall(b"x")
            time.sleep(0.05)

    return behave


@contextmanager
def provider(*behaviours: Behaviour) -> Iterator[Provider]:
    """Run one for the length of a test."""
    told = Provider(list(behaviours))
    listener = socket.create_server(("127.0.0.1", 0))
    told.port = listener.getsockname()[1]
    threading.Thread(target=_listen, args=(listener, told), daemon=True).start()
    try:
        yield told
    finally:
        listener.close()


@contextmanager
def deaf_port() -> Iterator[str]:
    """An address at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    yield f"http://127.0.0.1:{port}"


def _listen(listener: socket.socket, told: Provider) -> None:
    with suppress(OSError):
        while True:
            sock, _ = listener.accept()
            told.connections += 1
            threading.Thread(target=serve, args=(sock, told), daemon=True).start()


def serve(sock: socket.socket, told: Provider) -> None:
    """Answer the requests of one connection."""
    with suppress(OSError, ValueError), sock, sock.makefile("rb") as reader:
        while (line := reader.readline()) not in (b"", b"\r\n"):
            method, path, _ = line.decode().split(" ", 2)
            headers = {}
            while (row := reader.readline().decode().strip()) != "":
                name, _, value = row.partition(":")
                headers[name.lower()] = value.strip()
            body = reader.read(int(headers.get("content-length", "0")))
            told.requests.append(Seen(method, path, headers, body))
            told.next()(sock)
