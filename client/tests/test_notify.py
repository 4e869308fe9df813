"""Notifying: one event, an answer, and never an exception."""

from __future__ import annotations

import logging
import random
from typing import Any

import pytest

from client.tests import loopback
from client.tests.conftest import KEY, QUICK, Make
from client.tests.loopback import Loopback, problem, reply
from tocsin_client import Delivery, Fault, NotSent, Tocsin, shared
from tocsin_client.courier import Courier
from tocsin_client.transport import Transport
from tocsin_client.verdicts import Pacing


def test_an_accepted_event_is_true_and_tells_its_deliveries(
    server: Loopback, tocsin: Tocsin
) -> None:
    result = tocsin.notify("backup.failed", "Backup failed", severity="high")

    assert result
    assert (result.id, result.status) == ("n0", "queued")
    assert result.deliveries == (Delivery("ops", "queued"),)
    assert server.events == [
        {"type": "backup.failed", "title": "Backup failed", "severity": "high"}
    ]


def test_a_refused_event_is_false_and_names_field_and_reason(
    server: Loopback, tocsin: Tocsin
) -> None:
    server.answers.append(problem(422, "Invalid request", ("severity", "unknown")))

    result = tocsin.notify("a", "b", severity="terrible")

    assert not result
    assert result.faults == (Fault("severity", "unknown"),)
    assert "severity: unknown" in result.error
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "trouble",
    [
        problem(503, "Not available now"),
        problem(429, "Too many"),
        reply(500, {"message": "Internal Server Error"}),
        reply(200, b"<html>sign in to the hotel</html>"),
        loopback.half,
        loopback.garbage,
        loopback.reset,
        loopback.hang,
        loopback.accepted_then_reset,
    ],
)
def test_trouble_is_tried_again_under_the_same_key(
    server: Loopback, make: Make, trouble: loopback.Answer
) -> None:
    server.answers.append(trouble)

    result = make(timeout=0.3).notify("a", "b")

    assert result
    first, second = server.requests
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]
    assert first.body == second.body
    assert len(server.events) == 1


def test_two_events_have_two_keys(server: Loopback, tocsin: Tocsin) -> None:
    tocsin.notify("a", "b")
    tocsin.notify("a", "b")

    assert len(server.events) == 2


def test_a_key_of_ones_own_is_sent(server: Loopback, tocsin: Tocsin) -> None:
    tocsin.notify("a", "b", idempotency_key="order-7")

    assert server.requests[0].headers["idempotency-key"] == "order-7"


@pytest.mark.parametrize(
    ("trouble", "words"),
    [(loopback.hang, "no answer within 0.5 s"), (problem(503, "No"), "HTTP 503: No")],
)
def test_patience_bounds_all_tries_together(
    server: Loopback, make: Make, trouble: loopback.Answer, words: str
) -> None:
    server.always = trouble

    result = make(patience=0.5, timeout=3600).notify("a", "b")

    assert not result
    assert words in result.error


def test_the_servers_wish_to_wait_is_honoured_or_else_it_is_given_up(
    server: Loopback,
) -> None:
    waited: list[float] = []
    courier = Courier(
        Transport(server.url, KEY), pacing=QUICK, chance=lambda: 1.0, wait=waited.append
    )
    server.answers.append(reply(429, {}, Retry_After="2"))
    server.answers.append(reply(429, {}, Retry_After="60"))

    verdict = courier.deliver(b"{}", headers={}, query={}, patience=10)

    assert waited == [2.01]
    assert verdict.after == 60
    assert len(server.requests) == 2


def test_a_dry_run_stores_nothing_and_tells_why(
    server: Loopback, tocsin: Tocsin
) -> None:
    step = {"rule": "route pager", "verdict": "taken"}
    server.answers.append(reply(200, {"status": "queued", "trace": [step]}))

    result = tocsin.notify("a", "b", dry_run=True)

    assert server.requests[0].path == "/v1/events?dry_run=true"
    assert [(each.rule, each.verdict) for each in result.trace] == [
        ("route pager", "taken")
    ]


def test_a_repeat_says_what_it_is(server: Loopback, tocsin: Tocsin) -> None:
    told = {"id": "n1", "status": "sent", "repeat": True, "occurrences": 412}
    server.answers.append(reply(202, told))

    result = tocsin.notify("a", "b", state="firing")

    assert (result.repeat, result.occurrences) == (True, 412)


def test_what_is_given_once_is_on_every_event(server: Loopback, make: Make) -> None:
    tocsin = make(source="shop", branch="production", labels={"region": "eu"})

    tocsin.notify("a", "b", labels={"pod": 7}, fields={"Owner": "ops", "Empty": ""})
    tocsin.notify("a", "b", source="till")

    assert server.events[0] == {
        "type": "a",
        "title": "b",
        "source": "shop",
        "branch": "production",
        "labels": {"region": "eu", "pod": "7"},
        "fields": [{"name": "Owner", "value": "ops"}],
    }
    assert server.events[1]["source"] == "till"


def test_a_bound_client_adds_its_keys_and_leaves_the_other_as_it_was(
    server: Loopback, make: Make
) -> None:
    tocsin = make(labels={"region": "eu"})
    bound = tocsin.bind(labels={"order": "7"}, fields={"A": "1"})

    bound.notify("a", "b", fields={"B": "2"})
    tocsin.notify("a", "b")

    assert server.events[0]["labels"] == {"region": "eu", "order": "7"}
    assert [each["name"] for each in server.events[0]["fields"]] == ["A", "B"]
    assert server.events[1] == {"type": "a", "title": "b", "labels": {"region": "eu"}}


def test_fields_and_links_may_be_written_either_way(
    server: Loopback, make: Make
) -> None:
    tocsin = make().bind(links={"Docs": "https://example.com/docs"})
    fact = {"name": "A", "value": "1", "inline": False}
    link = {"label": "Runbook", "url": "https://example.com/runbook"}

    tocsin.notify(
        "a", "b", fields=[fact], links=[link], progress=0, mentions=("@here",)
    )

    assert server.events[0] == {
        "type": "a",
        "title": "b",
        "fields": [fact],
        "links": [{"label": "Docs", "url": "https://example.com/docs"}, link],
        "progress": 0,
        "mentions": ["@here"],
    }


def test_address_and_key_come_from_the_environment(
    server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "TOCSIN_URL": server.url,
        "TOCSIN_KEY": KEY,
        "TOCSIN_SOURCE": "shop",
        "TOCSIN_BRANCH": "staging",
    }.items():
        monkeypatch.setenv(name, value)

    assert Tocsin(send_in_tests=True).notify("a", "b")

    assert server.events[0]["source"] == "shop"
    assert server.events[0]["branch"] == "staging"


@pytest.mark.parametrize(
    ("url", "key", "words"),
    [
        ("", KEY, "TOCSIN_URL"),
        ("http://127.0.0.1:9", "", "TOCSIN_KEY"),
        ("tocsin.example.com", KEY, "https://"),
    ],
)
def test_what_is_not_set_up_is_said_once_and_harms_nobody(
    url: str, key: str, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "tocsin_client"):
        tocsin = Tocsin(url, key, send_in_tests=True)
        result = tocsin.notify("a", "b")

    assert not result
    assert words in result.error
    assert not tocsin.post("a", "b")
    assert tocsin.flush(0)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert words in caplog.text


class Hostile:
    """An object of the caller's, at its worst."""

    def __str__(self) -> str:
        raise RuntimeError("no")


@pytest.mark.parametrize(
    "keys",
    [
        {"title": Hostile()},
        {"data": {"x": Hostile(), Hostile(): float("nan")}},
        {"labels": 7},
        {"fields": 7},
        {"occurred_at": Hostile()},
        {"title": "\ud800"},
        {"data": {"deep": [[[[[[[]]]]]]]}},
    ],
)
def test_nothing_that_is_given_makes_it_raise(
    tocsin: Tocsin, keys: dict[str, Any]
) -> None:
    tocsin.notify("a", **keys)
    tocsin.post("a", **keys)
    assert tocsin.flush(5)


def test_errors_are_raised_where_they_are_wanted(server: Loopback, make: Make) -> None:
    server.answers.append(problem(401, "Key missing or unknown"))
    tocsin = make(raise_errors=True)

    with pytest.raises(NotSent, match="Key missing or unknown") as caught:
        tocsin.notify("a", "b")

    assert not caught.value.result


def test_no_result_or_log_shows_the_key(
    server: Loopback, tocsin: Tocsin, caplog: pytest.LogCaptureFixture
) -> None:
    server.always = problem(403, "Not allowed for this key")

    with caplog.at_level(logging.DEBUG):
        told = [repr(tocsin), repr(tocsin.notify("a", "b")), repr(tocsin.check())]
        tocsin.post("a", "b")
        tocsin.flush(5)

    assert KEY not in caplog.text + "".join(told)


def test_a_check_sends_nothing_and_a_failed_one_is_logged(
    server: Loopback, tocsin: Tocsin, caplog: pytest.LogCaptureFixture
) -> None:
    assert tocsin.check()
    server.answers.append(problem(403, "Not allowed for this key"))

    assert not tocsin.check()

    assert server.events == []
    assert "notifications do not work: HTTP 403: Not allowed" in caplog.text


def test_an_announcement_is_sent_and_a_failed_one_is_logged(
    server: Loopback, tocsin: Tocsin, caplog: pytest.LogCaptureFixture
) -> None:
    assert tocsin.announce("Till started", "1.2.3")
    server.answers.append(problem(401, "Key missing or unknown"))

    assert not tocsin.announce()

    assert server.events == [
        {
            "type": "service.started",
            "title": "Till started",
            "message": "1.2.3",
            "severity": "debug",
        }
    ]
    assert "notifications do not work: HTTP 401" in caplog.text


def test_the_shared_client_is_one() -> None:
    assert shared() is shared()


def test_the_applications_dice_are_left_alone(server: Loopback, make: Make) -> None:
    server.answers.append(problem(503, "No"))
    before = random.getstate()

    make(pacing=Pacing(first=0.01)).notify("a", "b")

    assert len(server.requests) == 2
    assert random.getstate() == before
