"""Providers on loopback, in a process of their own: Discord, Slack, Telegram, and SMTP.

They take everything at once and keep nothing, so that what the caller's own process
spends is the caller's. `python -m bench.measuring.provider` prints its two ports, and
ends when stdin does.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio import IncompleteReadError, StreamReader, StreamWriter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from bench.measuring.beside import beside
from bench.measuring.discord import ANSWER

_OK = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s"
_LETTER = b"\r\n.\r\n"
_USER: dict[str, Any] = {"id": 7, "is_bot": True, "first_name": "Bench"}
_CHAT = {"id": -1001234567890, "type": "supergroup", "title": "Ops"}
_SENT = {"message_id": 1, "date": 1_795_176_000, "chat": _CHAT, "text": "…"}
TELEGRAM = json.dumps({"ok": True, "result": {**_SENT, "from": _USER}}).encode()
BOT = {"id": 7, "is_bot": True, "first_name": "Bench", "username": "bench_bot"}
IDENTITY = json.dumps({"ok": True, "result": BOT}).encode()
SLACK = b'{"ok": true, "channel": "C0123456789", "ts": "1795176000.000100"}'


@dataclass(frozen=True)
class Providers:
    """Where they listen."""

    http: int
    smtp: int

    @property
    def url(self) -> str:
        """Before every path."""
        return f"http://127.0.0.1:{self.http}"


@contextmanager
def providers() -> Iterator[Providers]:
    """Serve while this lasts."""
    with beside("bench.measuring.provider") as ports:
        http, smtp = ports.split()
        yield Providers(int(http), int(smtp))


def answer(path: bytes) -> bytes:
    """What a call is answered, whole."""
    kind, body = b"application/json", ANSWER
    if path.startswith(b"/bot"):
        body = IDENTITY if path.endswith(b"getMe") else TELEGRAM
    elif path.startswith(b"/services/"):
        kind, body = b"text/html", b"ok"
    elif path.startswith(b"/api/chat"):
        body = SLACK
    return _OK % (kind, len(body), body)


async def take_calls(reader: StreamReader, writer: StreamWriter) -> None:
    """HTTP, as long as the connection is kept."""
    with suppress(IncompleteReadError, ConnectionError):
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            lines = head.lower().split(b"\r\n")
            size = next((x for x in lines if x.startswith(b"content-length:")), b":0")
            await reader.readexactly(int(size.partition(b":")[2]))
            writer.write(answer(head.split(b" ", 2)[1]))
            await writer.drain()
            if b"connection: close" in lines:
                break
    writer.close()


async def take_mails(reader: StreamReader, writer: StreamWriter) -> None:
    """SMTP without any extension but one, as long as the connection is kept."""
    writer.write(b"220 bench ESMTP\r\n")
    with suppress(IncompleteReadError, ConnectionError):
        while True:
            verb = (await reader.readuntil(b"\r\n"))[:4].upper()
            if verb == b"EHLO":
                writer.write(b"250-bench\r\n250 8BITMIME\r\n")
            elif verb == b"DATA":
                writer.write(b"354 go on\r\n")
                await reader.readuntil(_LETTER)
                writer.write(b"250 taken\r\n")
            else:
                writer.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 fine\r\n")
            await writer.drain()
            if verb == b"QUIT":
                break
    writer.close()


async def serve() -> None:
    """Both, until stdin ends; who is still connected then is hung up on."""
    ports = []
    for take in (take_calls, take_mails):
        server = await asyncio.start_server(take, "127.0.0.1", 0, limit=2**22)
        ports.append(server.sockets[0].getsockname()[1])
    print(*ports, flush=True)
    await asyncio.to_thread(sys.stdin.read)
    os._exit(0)


if __name__ == "__main__":
    asyncio.run(serve())
