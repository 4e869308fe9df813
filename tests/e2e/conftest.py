"""A private stack for the session: real template, free ports, its own state."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from local.calls import call
from local.lifecycle import down, up
from local.place import Place, settle

SCALE = "60"


@dataclass(frozen=True)
class Stack:
    """A running stack: `described` is what `stack.json` says."""

    place: Place
    described: dict[str, Any]

    def send(self, event: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Post one event with the ingest key."""
        url = f"{self.described['api_url']}/v1/events"
        return call("POST", url, event, key=self.described["ingest_key"])

    def operate(
        self, method: str, path: str, body: dict[str, Any] | None = None
    ) -> tuple[int, dict[str, Any]]:
        """Call the API with the admin key."""
        url = self.described["api_url"] + path
        return call(method, url, body, key=self.described["admin_key"])

    def inbox(
        self, method: str, path: str, body: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Call the inbox's control API."""
        url = f"{self.described['inbox_url'].rstrip('/')}/_control{path}"
        status, answer = call(method, url, body, timeout=90)
        assert status == 200, answer
        return answer

    def arrived(self, text: str, count: int = 1, seconds: int = 30) -> list[Any]:
        """The messages that hold `text`, once `count` of them have come."""
        query = f"/wait?contains={text}&count={count}&timeout={seconds}"
        answer = self.inbox("GET", query)
        assert answer["complete"], f"{answer['count']} of {count} came in {seconds} s"
        return list(answer["messages"])


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One stack for all; a minute of its retry clock lasts a second."""
    place = settle(tmp_path_factory.mktemp("stack"), auto=True, environment={})
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("TOCSIN_")
    }
    environment["TOCSIN_TIME_SCALE"] = SCALE
    try:
        yield Stack(place, up(place, environment))
    finally:
        down(place)
