"""Webhooks: the call, what its answers mean, and a probe that posts nothing."""

from __future__ import annotations

import json

import pytest

from tests.unit.channels import loopback
from tests.unit.channels.conformance import ChannelContract
from tests.unit.channels.messages import message
from tests.unit.channels.webhook_receiver import (
    GIVEN,
    HOST,
    OLD,
    PATH,
    SECRET,
    called,
    opened,
    target,
    verified,
)
from tocsin.channels.webhook import body
from tocsin.ports import Channel, Kind, Outcome


class TestWebhookKeepsTheContract(ChannelContract):
    """The kit that every channel runs."""

    name = "webhook"
    given = GIVEN
    secret_parts = (
        "t0ken-in-path",
        "t0ken-in-query",
        SECRET.removeprefix("whsec_"),
        OLD.removeprefix("whsec_"),
        "s3cr3t-value",
    )
    answers = (
        *((status, None, {}, Kind.OK) for status in (200, 201, 202, 204, 299)),
        *((status, None, {}, Kind.TRANSIENT) for status in (300, 301, 302, 307, 308)),
        *((status, {}, {}, Kind.TRANSIENT) for status in (400, 401, 403, 404, 405)),
        *((status, {}, {}, Kind.TRANSIENT) for status in (408, 409, 413, 418, 422)),
        (410, None, {}, Kind.GONE),
        (410, b"moved on", {"Retry-After": "1"}, Kind.GONE),
        (429, None, {}, Kind.LIMITED),
        (429, None, {"Retry-After": "7"}, Kind.LIMITED),
        (503, None, {"Retry-After": "7"}, Kind.LIMITED),
        (502, None, {"Retry-After": "7"}, Kind.LIMITED),
        (404, None, {"Retry-After": "7"}, Kind.TRANSIENT),
        *((status, None, {}, Kind.TRANSIENT) for status in (500, 502, 503, 504, 599)),
    )

    def quick(self, base: str) -> Channel:
        """See the kit."""
        return opened(base, seconds=1.0)

    def check(self, request: loopback.Seen) -> None:
        """See the kit."""
        assert len(request.body) <= body.LIMIT
        assert json.loads(request.body)["data"]["version"] == 1
        assert verified(request, SECRET)


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_call_goes_where_it_should_with_the_headers_it_should(method: str) -> None:
    with loopback.provider(loopback.answer(204)) as told:
        assert opened(told.base).send([message()], target(method=method)) == Outcome(
            Kind.OK
        )

    (request,) = told.requests
    assert (request.method, request.path) == (method, f"/{HOST}{PATH}")
    assert request.headers["authorization"] == 'Bearer "s3cr3t-value"'
    assert request.headers["content-type"] == "application/json"
    assert request.headers["user-agent"].startswith("Tocsin/")


def test_more_than_one_message_is_not_sent() -> None:
    with loopback.provider(loopback.answer(204)) as told:
        assert opened(told.base).fits([message()] * 5) == 1
        outcome = opened(told.base).send([message()] * 2, target())

    assert outcome.kind is Kind.PERMANENT
    assert told.requests == []


@pytest.mark.parametrize(
    ("status", "headers", "wait", "pause"),
    [
        (429, {}, 30_000, 0),
        (429, {"Retry-After": "0.1"}, 1_000, 0),
        (429, {"Retry-After": "120"}, 120_000, 0),
        (429, {"Retry-After": "soon"}, 30_000, 0),
        (503, {"Retry-After": "9"}, 9_000, 0),
        (503, {}, 0, 0),
        (502, {}, 0, 5_000),
        (504, {}, 0, 5_000),
        (500, {"Retry-After": "9"}, 0, 0),
    ],
)
def test_a_receiver_that_is_overloaded_is_called_less_often(
    status: int, headers: dict[str, str], wait: int, pause: int
) -> None:
    outcome = called(loopback.answer(status, None, headers))

    assert (outcome.wait_ms, outcome.pause_ms) == (wait, pause)


def test_a_reason_shows_what_the_receiver_said_on_one_short_line() -> None:
    outcome = called(loopback.answer(500, b"no\n\x1b[31mdatabase\x00 " + b"x" * 60_000))

    assert outcome.reason.startswith("the receiver answered 500: no [31mdatabase xxx")
    assert len(outcome.reason.encode()) < 4_096
    assert outcome.reason.isprintable()


def test_a_long_answer_of_wide_letters_stays_under_4_kb() -> None:
    outcome = called(loopback.answer(500, "🧨".encode() * 9_000))

    assert len(outcome.reason.encode()) < 4_096


@pytest.mark.parametrize(
    "echo",
    [
        'key = "t0ken-in-query"',
        f"https://{HOST}{PATH}",
        f"got {SECRET} and {OLD.removeprefix('whsec_')}",
        json.dumps({"authorization": 'Bearer "s3cr3t-value"'}),
        'Bearer  "s3cr3t-value"',
        "x" * (16 * 1024 - 8) + "t0ken-in-query",
        "t0ken-in-path" * 5_000,
        SECRET * 3_000,
    ],
)
def test_no_echo_of_a_secret_is_shown(echo: str) -> None:
    reason = called(loopback.answer(400, echo.encode())).reason

    for part in ("t0ken", SECRET[6:], OLD[6:], "s3cr3t", "whsec_M"):
        assert part not in reason


@pytest.mark.parametrize(
    ("status", "headers", "ok"),
    [
        (204, {}, True),
        (200, {"Allow": "POST, OPTIONS"}, True),
        (200, {"Allow": "GET, HEAD"}, False),
        (405, {"Allow": "POST"}, True),
        (501, {}, True),
        (302, {}, False),
        (403, {}, False),
        (404, {}, False),
        (410, {}, False),
    ],
)
def test_a_probe_asks_for_methods_and_posts_nothing(
    status: int, headers: dict[str, str], ok: bool
) -> None:
    with loopback.provider(loopback.answer(status, None, headers)) as told:
        probe = opened(told.base).probe(target())

    assert [each.method for each in told.requests] == ["OPTIONS"]
    assert told.requests[0].body == b""
    assert probe.ok is ok
    assert probe.details == {"host": HOST, "method": "POST"}
