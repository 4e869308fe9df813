"""What the client's tests share: a server on loopback, and a client of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from client.tests.loopback import Loopback
from tocsin_client import Tocsin
from tocsin_client.pytest_plugin import tocsin_outbox as tocsin_outbox
from tocsin_client.verdicts import Pacing

KEY = "tck_a-key-that-nobody-may-see"
QUICK = Pacing(first=0.01, most=0.05, doubt=0.2)
Make = Callable[..., Tocsin]


@pytest.fixture
def server() -> Iterator[Loopback]:
    """A server that answers as the API does, or as it is told to."""
    with Loopback() as running:
        yield running


@pytest.fixture
def make(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Clients of that server, which send although this is a test."""
    for name in ("TOCSIN_URL", "TOCSIN_KEY", "TOCSIN_SOURCE", "TOCSIN_BRANCH"):
        monkeypatch.delenv(name, raising=False)
    made: list[Tocsin] = []

    def client(**options: Any) -> Tocsin:
        told = {"pacing": QUICK, "send_in_tests": True, "exit_patience": 0.0}
        made.append(Tocsin(server.url, KEY, **{**told, **options}))
        return made[-1]

    yield client
    server.answers.clear()
    server.always = None
    for each in made:
        each.flush(0.3)


@pytest.fixture
def tocsin(make: Make) -> Tocsin:
    """One such client."""
    return make()
