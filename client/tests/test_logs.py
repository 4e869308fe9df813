"""The log handler: what matters is told, and not more often than people can bear."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from client.tests.conftest import Make
from client.tests.loopback import Loopback, problem
from tocsin_client import Tocsin, TocsinHandler
from tocsin_client.logs import REMEMBERED, Limits, severity_of
from tocsin_client.transport import Transport

Captured = list[dict[str, Any]]


class Clock:
    """Time that a test moves."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def logger(tocsin_outbox: Captured, clock: Clock) -> Iterator[logging.Logger]:
    """A logger that tells."""
    found = logging.getLogger("shop.orders")
    handler = TocsinHandler(Tocsin("http://127.0.0.1:9", "key"), clock=clock)
    found.addHandler(handler)
    yield found
    found.removeHandler(handler)


def test_a_record_becomes_an_event(
    logger: logging.Logger, tocsin_outbox: Captured
) -> None:
    logger.error("order %s failed\nfor good", 7)
    logger.warning("not told: below the level")

    (event,) = tocsin_outbox
    assert event["type"] == "log"
    assert event["title"] == "order 7 failed"
    assert event["message"] == "for good"
    assert event["severity"] == "high"
    assert event["fingerprint"] == "log:shop.orders:order %s failed\nfor good"
    assert event["labels"] == {"logger": "shop.orders", "level": "ERROR"}
    (where,) = event["fields"]
    assert where["value"].startswith("test_logs.py:")


def test_an_exception_is_in_the_body(
    logger: logging.Logger, tocsin_outbox: Captured
) -> None:
    try:
        int("the row")
    except ValueError:
        logger.exception("import failed")

    (event,) = tocsin_outbox
    assert "the row" in event["message"]
    assert "Traceback" in event["message"]


def test_of_one_template_three_pass_and_the_rest_is_counted(
    logger: logging.Logger, tocsin_outbox: Captured, clock: Clock
) -> None:
    for number in range(50):
        logger.error("order %s failed", number)
    logger.error("something else")
    clock.now = 61
    logger.error("order %s failed", 50)

    titles = [event["title"] for event in tocsin_outbox]
    assert titles == [
        "order 0 failed",
        "order 1 failed",
        "order 2 failed",
        "something else",
        "order 50 failed",
    ]
    assert "47 more like this were held back" in tocsin_outbox[-1]["message"]


def test_of_everything_together_not_more_than_most_pass(clock: Clock) -> None:
    limits = Limits(limit=3, most=5, per=60)

    passed = [limits.admit(number, 0.0) for number in range(9)]

    assert passed == [0] * 5 + [None] * 4
    assert limits.admit(8, 61.0) == 1


def test_templates_without_end_need_no_memory_without_end() -> None:
    limits = Limits(limit=3, most=1, per=60)

    for number in range(3 * REMEMBERED):
        limits.admit(number, 0.0)

    assert len(limits._passed) == REMEMBERED
    assert len(limits._held) <= REMEMBERED


def test_its_own_records_and_those_of_its_sending_are_not_told(
    server: Loopback, make: Make
) -> None:
    tocsin = make(timeout=0.2)
    handler = TocsinHandler(tocsin, level=logging.DEBUG)
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        server.answers.extend([problem(503, "No")] * 3)
        logging.getLogger("app").error("one")
        assert tocsin.flush(5)
        tocsin.notify("a", "b")
        assert tocsin.flush(5)
    finally:
        root.setLevel(before)
        root.removeHandler(handler)

    assert [event["title"] for event in server.events] == ["one", "b"]


def test_what_others_log_while_it_sends_is_not_told(
    server: Loopback, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def say(*_: object) -> None:
        logging.getLogger("of.somebody").error("said in the midst of sending")

    call = Transport.call

    def talkative(transport: Transport, *args: Any, **options: Any) -> Any:
        say()
        return call(transport, *args, **options)

    monkeypatch.setattr(Transport, "call", talkative)
    tocsin = make(queue_size=1, on_drop=say)
    handler = TocsinHandler(tocsin)
    logging.getLogger().addHandler(handler)
    try:
        assert tocsin.notify("a", "one")
        server.answers.append(problem(503, "No"))
        for _ in range(3):
            tocsin.post("a", "two")
        server.until(lambda: tocsin.waiting == 0)
        server.until(lambda: not tocsin._outbox.drops.unlogged)  # type: ignore[union-attr]
        tocsin.post("a", "three")
        assert tocsin.flush(5)
    finally:
        logging.getLogger().removeHandler(handler)

    assert "log" not in [event["type"] for event in server.events]


def test_a_broken_record_breaks_nothing(
    logger: logging.Logger,
    tocsin_outbox: Captured,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(logging, "raiseExceptions", False)

    logger.error("%d", "not a number")
    logger.error({"an": "object"})

    assert [event["title"] for event in tocsin_outbox] == ["{'an': 'object'}"]


def test_an_error_told_on_its_way_is_not_told_again_by_the_log(
    logger: logging.Logger, tocsin_outbox: Captured
) -> None:
    tocsin = Tocsin("http://127.0.0.1:9", "key")
    try:
        with tocsin.on_error():
            int("x")
    except ValueError:
        logger.exception("it failed")

    assert [event["type"] for event in tocsin_outbox] == ["app.error"]


def test_threads_log_together(logger: logging.Logger, tocsin_outbox: Captured) -> None:
    def work() -> None:
        for _ in range(200):
            logger.error("the same")

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(tocsin_outbox) == 3


@pytest.mark.parametrize(
    ("level", "severity"),
    [
        (logging.CRITICAL, "critical"),
        (60, "critical"),
        (logging.ERROR, "high"),
        (35, "medium"),
        (logging.WARNING, "medium"),
        (25, "info"),
        (logging.DEBUG, "debug"),
        (0, "debug"),
    ],
)
def test_levels_are_severities(level: int, severity: str) -> None:
    assert severity_of(level) == severity
