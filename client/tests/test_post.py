"""Posting: a bounded queue, a thread, and nothing lost without being counted."""

from __future__ import annotations

import gc
import logging
import threading
import weakref
from typing import Any, cast

import pytest

from client.tests import loopback
from client.tests.conftest import Make
from client.tests.loopback import Loopback, problem, reply
from tocsin_client import NotSent, Tocsin
from tocsin_client import outbox as outbox_module
from tocsin_client.batches import LARGEST, MOST, Entry, fitting
from tocsin_client.outbox import Outbox
from tocsin_client.verdicts import Pacing


def titles(server: Loopback) -> list[str]:
    """Of what the application has sent."""
    return [each["title"] for each in server.events if each["type"] == "a"]


def reports(server: Loopback) -> list[Any]:
    """What the client itself has told of drops."""
    return [each for each in server.events if each["type"] == "tocsin.client.dropped"]


def outbox_of(tocsin: Tocsin) -> Outbox:
    assert tocsin._outbox is not None
    return tocsin._outbox


def post(tocsin: Tocsin, count: int, start: int = 0) -> list[str]:
    """Titles of what was taken."""
    return [
        str(number)
        for number in range(start, start + count)
        if tocsin.post("a", str(number))
    ]


def test_a_posted_event_arrives_with_the_time_it_happened(
    server: Loopback, tocsin: Tocsin
) -> None:
    assert tocsin.post("a", "b") is True

    assert tocsin.flush(5)
    (event,) = server.events
    assert event["occurred_at"].endswith("+00:00")
    assert tocsin.waiting == 0


def test_what_is_posted_together_travels_together_and_in_order(
    server: Loopback, tocsin: Tocsin
) -> None:
    server.answers.append(problem(503, "No"))

    posted = post(tocsin, 250)

    assert tocsin.flush(5)
    assert titles(server) == posted
    assert all(isinstance(each.body, list) for each in server.requests)
    assert len(server.requests) <= 5
    assert max(len(each.body) for each in server.requests) == MOST


def test_a_batch_never_grows_past_what_the_api_takes() -> None:
    large = Entry(b"x" * 100_000)

    assert fitting([large] * 9) == 2
    assert fitting([Entry(b"x" * 2 * LARGEST)] * 2) == 1
    assert fitting([Entry(b"{}")] * 101) == MOST
    assert fitting([Entry(b"{}"), Entry(b"{}", "other/media")]) == 1
    assert fitting([]) == 0


@pytest.mark.parametrize(
    "trouble",
    [
        problem(503, "Not available now"),
        reply(429, {"message": "Too Many Requests"}),
        reply(500, {"message": "Internal Server Error"}),
        reply(502, b"<html>"),
        reply(200, b"<html>sign in to the hotel</html>"),
        reply(202, {"id": "one", "status": "queued"}),
        problem(409, "Conflict"),
        loopback.half,
        loopback.garbage,
        loopback.reset,
        loopback.hang,
        loopback.accepted_then_reset,
    ],
)
def test_trouble_loses_and_doubles_nothing(
    server: Loopback, make: Make, trouble: loopback.Answer
) -> None:
    tocsin = make(timeout=0.2, pacing=Pacing(first=0.01, most=0.05))
    server.answers.extend([trouble, trouble])

    posted = post(tocsin, 30)

    assert tocsin.flush(5)
    assert titles(server) == posted
    first, second = server.requests[:2]
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]
    assert first.body == second.body
    assert tocsin.dropped == 0


def test_a_server_that_is_away_for_a_while_gets_everything_in_order(
    server: Loopback, tocsin: Tocsin
) -> None:
    before = post(tocsin, 10)
    assert tocsin.flush(5)
    server.down()
    during = post(tocsin, 300, start=10)
    assert not tocsin.flush(0.3)
    server.up()

    assert tocsin.flush(5)
    assert titles(server) == before + during
    assert tocsin.dropped == 0


def test_what_the_server_asks_for_is_not_cut_short_by_a_flush(
    server: Loopback, tocsin: Tocsin
) -> None:
    server.answers.append(reply(429, {}, Retry_After="30"))

    tocsin.post("a", "b")

    assert not tocsin.flush(0.5)
    assert len(server.requests) == 1


def test_a_wait_of_our_own_is_cut_short_by_a_flush(
    server: Loopback, make: Make
) -> None:
    tocsin = make(pacing=Pacing(first=3600, most=3600))
    server.answers.append(problem(503, "No"))
    tocsin.post("a", "b")
    server.until(lambda: server.requests)

    assert tocsin.flush(5)
    assert titles(server) == ["b"]


def test_a_flush_is_bounded_whatever_the_server_does(
    server: Loopback, make: Make
) -> None:
    tocsin = make(timeout=60)
    answered = threading.Event()

    def late(handler: Any, request: loopback.Request) -> None:
        answered.wait(30)  # A flush without a bound would wait for it, and be true.
        loopback.api(handler, request)

    server.answers.append(late)
    tocsin.post("a", "b")
    server.until(lambda: server.requests)

    assert not tocsin.flush(0.2)
    assert tocsin.waiting == 1

    answered.set()
    assert tocsin.flush(5)


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


# -- bad events among good ones ---------------------------------------------------


def test_one_refused_event_hurts_no_other(
    server: Loopback, tocsin: Tocsin, caplog: pytest.LogCaptureFixture
) -> None:
    server.refuses = lambda event: event["title"] == "13"
    server.answers.append(problem(503, "No"))

    posted = post(tocsin, 40)

    assert tocsin.flush(5)
    assert titles(server) == [each for each in posted if each != "13"]
    assert tocsin.dropped == 1
    assert "title: is a bad one" in caplog.text


@pytest.mark.parametrize("status", [400, 413, 422, 500])
def test_a_batch_refused_whole_for_one_event_is_parted_until_that_is_found(
    server: Loopback, tocsin: Tocsin, status: int
) -> None:
    def refuse(handler: Any, request: loopback.Request) -> None:
        bad = any(event["title"] == "13" for event in request.body)
        answer = problem(status, "One is bad") if bad else loopback.api
        answer(handler, request)

    server.always = refuse

    posted = post(tocsin, 40)

    assert tocsin.flush(9)
    assert titles(server) == [each for each in posted if each != "13"]
    assert tocsin.dropped == 1


def test_an_outage_that_answers_500_loses_nothing(server: Loopback, make: Make) -> None:
    tocsin = make(pacing=Pacing(first=0.001, most=0.002))
    server.always = reply(500, {"message": "Internal Server Error"})
    posted = post(tocsin, 40)
    server.until(lambda: len(server.requests) > 30)

    server.always = None

    assert tocsin.flush(5)
    assert titles(server) == posted
    assert tocsin.dropped == 0


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


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_dies_is_replaced_and_its_batch_sent_under_its_key(
    server: Loopback, tocsin: Tocsin
) -> None:
    outbox = outbox_of(tocsin)
    attempt = outbox._courier.attempt
    keys: list[str] = []

    def die(batch: Any, timeout: float | None = None) -> Any:
        keys.append(batch.key)
        outbox._courier.attempt = attempt  # type: ignore[method-assign]
        raise SystemExit

    outbox._courier.attempt = die  # type: ignore[method-assign]
    tocsin.post("a", "b")
    server.until(lambda: keys and not lives(outbox))

    tocsin.post("a", "c")

    server.until(lambda: titles(server) == ["b", "c"])
    assert server.requests[0].headers["idempotency-key"] == keys[0]


def test_an_error_in_the_thread_is_logged_and_survived(
    server: Loopback,
    tocsin: Tocsin,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(outbox_module, "LOG_EVERY", 0.01)
    outbox = outbox_of(tocsin)
    attempt = outbox._courier.attempt

    def fail(batch: Any, timeout: float | None = None) -> Any:
        outbox._courier.attempt = attempt  # type: ignore[method-assign]
        raise RuntimeError("a mistake of ours")

    outbox._courier.attempt = fail  # type: ignore[method-assign]

    tocsin.post("a", "b")

    assert tocsin.flush(5)
    assert titles(server) == ["b"]
    assert "a mistake of ours" in caplog.text


def test_a_thread_with_nothing_to_do_ends_and_another_takes_over(
    server: Loopback, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_module, "IDLE", 0.05)
    tocsin = make()
    tocsin.post("a", "b")
    assert tocsin.flush(5)
    server.until(lambda: not lives(outbox_of(tocsin)))

    tocsin.post("a", "c")

    assert tocsin.flush(5)
    assert titles(server) == ["b", "c"]


def test_where_no_thread_can_be_started_a_flush_sends(
    server: Loopback, tocsin: Tocsin, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    server.answers.append(problem(503, "No"))
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuse)
        assert tocsin.post("a", "b")
        patched.undo()
        outbox_of(tocsin)._start = lambda: None  # type: ignore[method-assign]
        assert tocsin.flush(5)

    assert titles(server) == ["b"]


def test_posting_inside_of_posting_does_not_lock_up(
    server: Loopback, tocsin: Tocsin
) -> None:
    """A finalizer or a signal handler may run in the middle of `post`."""
    outbox = outbox_of(tocsin)
    with outbox._work:
        assert tocsin.post("a", "b")

    assert tocsin.flush(5)
    assert titles(server) == ["b"]


def test_an_outbox_nobody_holds_is_let_go(
    server: Loopback, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_module, "IDLE", 0.02)
    tocsin = Tocsin(server.url, "key", send_in_tests=True)
    tocsin.post("a", "b")
    assert tocsin.flush(5)
    outbox = weakref.ref(outbox_of(tocsin))
    server.until(lambda: not lives(cast("Outbox", outbox())))

    del tocsin
    gc.collect()

    assert outbox() is None


def lives(outbox: Outbox) -> bool:
    return outbox._thread is not None and outbox._thread.is_alive()


def test_waiting_is_logged_once_an_outage_and_not_once_a_try(
    server: Loopback, tocsin: Tocsin, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "tocsin_client"):
        server.answers.extend([problem(503, "Not available now")] * 5)
        tocsin.post("a", "b")
        assert tocsin.flush(5)

    (record,) = caplog.records
    assert record.getMessage().startswith("events wait to be sent: HTTP 503: Not av")


# -- CloudEvents ------------------------------------------------------------------


def test_cloudevents_travel_in_batches_of_their_own(
    server: Loopback, tocsin: Tocsin
) -> None:
    queued = threading.Event()

    def slow(handler: Any, request: loopback.Request) -> None:
        queued.wait(5)
        loopback.api(handler, request)

    server.answers.append(slow)
    tocsin.post("a", "first")
    server.until(lambda: server.requests)
    assert tocsin.post_cloudevent({"specversion": "1.0", "type": "x.y", "data": {}})
    assert tocsin.post_cloudevent({"type": "a", "title": "ours"})
    tocsin.post("a", "last")
    queued.set()

    assert tocsin.flush(5)
    media = [each.headers["content-type"] for each in server.requests]
    assert media == [
        "application/json",
        "application/cloudevents-batch+json",
        "application/json",
    ]
    assert [len(each.body) for each in server.requests] == [1, 2, 1]
