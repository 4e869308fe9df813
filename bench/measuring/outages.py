"""Outages: servers that are taken away and brought back, and know what they stored."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from bench import ROOT
from bench.measuring.stacks import Stack
from local.daemon import Daemon
from local.lifecycle import reopen

GRACE = 0.1  # s that the front door is asked before it is killed
PAGE = 100


class Server(Protocol):
    """What a client posts to."""

    @property
    def url(self) -> str:
        """Its address, the same for ever."""

    @property
    def key(self) -> str:
        """A key that may send."""

    def leave(self) -> None:
        """Be killed: connections break off, further ones are refused."""

    def come_back(self) -> None:
        """Answer again, knowing what was stored."""

    def stored(self, kind: str, since: datetime) -> list[str]:
        """The titles of this type that were stored, each as often as it was."""


@dataclass
class StandIn:
    """A stand-in for the API in a process of its own, which writes into `file`."""

    port: int
    file: Path
    key: str = "key"
    _running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def leave(self) -> None:
        for process in self._running:
            process.kill()
            process.wait()
        self._running.clear()

    def come_back(self) -> None:
        module, port = "bench.measuring.loopback", str(self.port)
        process = subprocess.Popen(
            [sys.executable, "-m", module, port, str(self.file)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        self._running.append(process)
        while not _answers(self.port):
            time.sleep(0.01)

    def stored(self, kind: str, since: datetime) -> list[str]:  # noqa: ARG002
        lines = (line.split(" ") for line in self.file.read_text().splitlines())
        return [
            title for _, each, title in (line[:3] for line in lines) if each == kind
        ]


@dataclass(frozen=True)
class FrontDoor:
    """The real local stack: its front door is what leaves, and all else goes on."""

    stack: Stack

    @property
    def url(self) -> str:
        return str(self.stack.described["api_url"])

    @property
    def key(self) -> str:
        return self.stack.key

    def leave(self) -> None:
        Daemon(self.stack.place.folder, "inbox").stop(GRACE)

    def come_back(self) -> None:
        ours = {k: v for k, v in os.environ.items() if not k.startswith("TOCSIN_")}
        reopen(self.stack.place, ours)

    def stored(self, kind: str, since: datetime) -> list[str]:
        titles: list[str] = []
        cursor = ""
        while True:
            moment = quote(since.isoformat())
            query = f"type={quote(kind)}&since={moment}&limit={PAGE}{cursor}"
            page = self._page(f"/v1/notifications?{query}")
            titles += [each["title"] for each in page["notifications"]]
            if not page.get("next"):
                return titles
            cursor = f"&cursor={quote(page['next'])}"

    def _page(self, path: str) -> dict[str, Any]:
        """An emulator that is out of breath may answer no more than the third time."""
        for wait in (1, 5):
            try:
                return self.stack.operate("GET", path)
            except RuntimeError:
                time.sleep(wait)
        return self.stack.operate("GET", path)


@contextmanager
def stand_in(folder: Path) -> Iterator[StandIn]:
    """One that answers, and is killed at the end."""
    server = StandIn(free_port(), folder / "stored")
    server.come_back()
    try:
        yield server
    finally:
        server.leave()


def free_port() -> int:
    """One that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 0.1).close()
    except OSError:
        return False
    return True
