"""Posting more than the queue holds: what is dropped is counted, and told."""

from __future__ import annotations

import threading

import pytest

from client.tests.conftest import Make
from client.tests.loopback import Loopback, problem
from client.tests.posting import post, reports, titles
from tocsin_client import NotSent


# -- drops ------------------------------------------------------------------------
def test_a_full_queue_drops_the_newest_and_counts(server: Loopback, make: Make) -> None:
    tocsin = make(queue_size=20)
    server.down()

    posted = post(tocsin, 50)

    assert posted == [str(number) for number in range(20)]
    assert (tocsin.dropped, tocsin.waiting) == (30, 20)
    server.up()
    assert tocsin.flush(5)
    assert titles(server) == posted


def test_drops_are_told_to_people_log_and_callback_once_that_can_be(
    server: Loopback, make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[tuple[int, str]] = []
    tocsin = make(queue_size=5, source="shop", on_drop=lambda *drop: heard.append(drop))
    server.down()
    post(tocsin, 12)
    server.up()

    assert tocsin.flush(5)
    (report,) = reports(server)
    assert report["title"] == "7 events dropped before being sent"
    assert report["severity"] == "medium"
    assert report["source"] == "shop"
    assert report["data"] == {"count": 7, "reasons": {"queue full": 7}}
    assert sum(count for count, _ in heard) == 7
    assert {reason for _, reason in heard} == {"queue full"}
    assert "events dropped: queue full" in caplog.text


def test_drops_are_told_seldom_while_they_go_on(server: Loopback, make: Make) -> None:
    tocsin = make(queue_size=1)
    for _ in range(5):
        server.answers.append(problem(503, "No"))
        post(tocsin, 50)
        server.until(lambda: tocsin.waiting == 0)

    assert len(reports(server)) <= 1
    assert tocsin.flush(5)
    told = [each["data"]["count"] for each in reports(server)]
    assert sum(told) == tocsin.dropped
    assert len(told) <= 2


def test_a_callback_that_fails_stops_nothing(server: Loopback, make: Make) -> None:
    def fail(count: int, reason: str) -> None:
        raise RuntimeError(f"{count} {reason}")

    tocsin = make(queue_size=1, on_drop=fail)
    server.down()
    post(tocsin, 3)
    server.up()

    assert tocsin.flush(5)
    assert tocsin.post("a", "after")
    assert tocsin.flush(5)
    assert "after" in titles(server)


def test_a_wrong_key_drops_says_why_and_does_not_go_round_in_circles(
    server: Loopback, make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    tocsin = make()
    server.always = problem(401, "Key missing or unknown")

    tocsin.post("a", "b")

    assert tocsin.flush(5)
    assert tocsin.dropped == 1
    assert len(server.requests) == 1
    server.until(lambda: "HTTP 401: Key missing or unknown" in caplog.text)


def test_a_queue_full_is_an_error_where_errors_are_wanted(
    server: Loopback, make: Make
) -> None:
    tocsin = make(queue_size=1, raise_errors=True)
    server.down()
    tocsin.post("a", "b")

    with pytest.raises(NotSent, match="queue full"):
        tocsin.post("a", "c")
    server.up()


# -- threads ----------------------------------------------------------------------
def test_many_threads_overflow_it_and_every_event_is_accounted_for(
    server: Loopback, make: Make
) -> None:
    tocsin = make(queue_size=100)
    taken: list[str] = []
    start = threading.Barrier(8)

    def work(number: int) -> None:
        start.wait()
        taken.extend(post(tocsin, 200, start=1000 * number))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert tocsin.flush(9)
    assert sorted(titles(server)) == sorted(taken)
    assert tocsin.dropped == 1600 - len(taken)
