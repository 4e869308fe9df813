"""Stacks: the real local stack, private to one benchmark, and its inbox."""

from __future__ import annotations

import os
import shutil
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from bench import ROOT
from local.calls import call
from local.lifecycle import down, up
from local.place import Place, settle

FOLDER = ROOT / ".local" / "bench"
TOKEN = "b" * 68


@dataclass(frozen=True)
class Stack:
    """A running stack; `described` is what its `stack.json` says."""

    place: Place
    described: dict[str, Any]

    @property
    def events_url(self) -> str:
        """Where events are posted."""
        return f"{self.described['api_url']}/v1/events"

    @property
    def key(self) -> str:
        """The ingest key."""
        return str(self.described["ingest_key"])

    def operate(
        self, method: str, path: str, body: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Call the operate API. Raises RuntimeError when it refuses."""
        url = f"{self.described['api_url']}{path}"
        status, answer = call(method, url, body, key=self.described["admin_key"])
        if not 200 <= status < 300:
            raise RuntimeError(f"{method} {path} was answered {status}: {answer}")
        return answer

    def inbox(
        self, method: str, path: str, body: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Call the inbox's control API. Raises RuntimeError when it refuses."""
        url = f"{self.described['inbox_url'].rstrip('/')}/_control{path}"
        status, answer = call(method, url, body, timeout=330)
        if status != 200:
            raise RuntimeError(f"{method} {path} was answered {status}: {answer}")
        return answer

    def connect(self, names: dict[str, str]) -> None:
        """Give each destination (by name) the webhook of that id."""
        for name, webhook in names.items():
            url = f"https://discord.com/api/webhooks/{webhook}/{TOKEN}"
            body = {"channel": "discord", "url": url}
            self.operate("PUT", f"/v1/destinations/{name}", body)

    def route(self, routes: list[dict[str, Any]]) -> None:
        """Put a routing file with these routes live."""
        self.operate("PUT", "/v1/config", {"routes": routes})

    def stats(self, pattern: str = "") -> dict[str, Any]:
        """The inbox's counts, with the markers that arrived."""
        query = f"?marker={urllib.parse.quote(pattern)}" if pattern else ""
        return self.inbox("GET", f"/stats{query}")


@contextmanager
def private_stack() -> Iterator[Stack]:
    """The real template on the emulator, empty at the start and gone at the end. What
    was built is kept, so that the next start is quick."""
    place = settle(FOLDER, auto=True, environment={})
    down(place)
    for kept in ("state", "inbox", "deployed.json"):
        path = FOLDER / kept
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("TOCSIN_")
    }
    try:
        yield Stack(place, up(place, environment))
    finally:
        down(place)
