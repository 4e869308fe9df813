"""The catalogue: what the client tells by itself, the server takes as it is said."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from tocsin.catalog.dressing import dress
from tocsin.events import Event
from tocsin.intake.native import read_event
from tocsin.intake.reading import read_body
from tocsin.rules.config import Config
from tocsin_client import Tocsin
from tocsin_client.drops import FULL
from tocsin_client.herald import report_of
from tocsin_client.plain import encode
from tocsin_client.prefect import on_completion, on_failure

Captured = list[dict[str, Any]]


def taken(event: dict[str, Any]) -> Event:
    """As the server stores it: read, checked and dressed."""
    read = read_event(read_body(encode(event))).event
    return dress(read, Config(), int(time.time() * 1000))


def fail(tocsin: Tocsin) -> None:
    with pytest.raises(ValueError, match="x"), tocsin.on_error():
        raise ValueError("x")


def work(tocsin: Tocsin) -> None:
    with tocsin.progress("Import"):
        pass


def end(tocsin: Tocsin) -> None:
    run = SimpleNamespace(id=7, name="brave-otter", parameters={})
    on_failure(tocsin)(SimpleNamespace(name="report"), run, SimpleNamespace())
    on_completion(tocsin)(SimpleNamespace(name="report"), run, SimpleNamespace())


def begin(tocsin: Tocsin) -> None:
    tocsin.announce("Till started")
    tocsin.announce()
    tocsin.check()


@pytest.mark.parametrize("told", [fail, work, end, begin])
def test_the_server_keeps_the_clients_words(
    tocsin_outbox: Captured, told: Callable[[Tocsin], None]
) -> None:
    told(Tocsin("http://127.0.0.1:9", "key"))

    assert tocsin_outbox
    for event in tocsin_outbox:
        stored = taken(event)
        assert stored.title == event["title"]
        assert stored.fingerprint == event.get("fingerprint", stored.fingerprint)
        assert stored.severity == event.get("severity", stored.severity)


def test_the_server_takes_a_report_of_drops() -> None:
    stored = taken(report_of(Counter({FULL: 1200, "refused": 1}), "shop"))

    assert stored.title == "1,201 events dropped before being sent"
