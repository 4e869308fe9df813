"""Posting: in order, in batches, through any trouble, as long as a flush may take."""

from __future__ import annotations

import logging
import threading
from typing import Any

import pytest

from client.tests import loopback
from client.tests.conftest import Make
from client.tests.loopback import Loopback, problem, reply
from client.tests.posting import post, titles
from tocsin_client import Tocsin
from tocsin_client.batches import LARGEST, MOST, Entry, fitting
from tocsin_client.verdicts import Pacing


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
