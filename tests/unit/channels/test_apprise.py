"""Apprise: every service is sent to through the seam, and its failures told apart."""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import parse_qs

import pytest

from tests.unit.channels import loopback
from tests.unit.channels.apprise_services import (
    ALARM,
    APP,
    BODIES,
    BODY,
    NTFY,
    POVER,
    TOKEN,
    TOPIC,
    URLS,
    USER,
    opened,
    sent,
)
from tests.unit.channels.conformance import ChannelContract
from tests.unit.channels.messages import HOSTILE, message
from tocsin.channels import channel
from tocsin.channels.apprise import texts
from tocsin.channels.apprise.services import SERVICES
from tocsin.message import Text
from tocsin.ports import Channel, Kind, Outcome, Target


class TestAppriseKeepsTheContract(ChannelContract):
    """The kit that every channel runs, with ntfy."""

    name = "apprise"
    given = {"url": NTFY}
    secret_parts = (TOKEN, TOPIC)
    answers = (
        (200, {}, {}, Kind.OK),
        *(
            (status, {}, {}, Kind.PERMANENT)
            for status in (400, 401, 403, 404, 405, 413)
        ),
        (410, None, {}, Kind.GONE),
        (429, None, {}, Kind.LIMITED),
        *((status, None, {}, Kind.TRANSIENT) for status in (408, 425, 302, 307)),
        *((status, None, {}, Kind.TRANSIENT) for status in (500, 502, 503, 504)),
        # Not what ntfy says for good: nobody knows.
        *((status, None, {}, Kind.UNKNOWN) for status in (201, 202, 204)),
    )

    def quick(self, base: str) -> Channel:
        """See the kit."""
        return opened(base, 1.0)

    def check(self, request: loopback.Seen) -> None:
        """See the kit."""
        told = json.loads(request.body)
        assert told["topic"] == TOPIC
        assert 1 <= len(told["message"].encode()) <= 4096
        assert len(told["title"].encode()) <= 250

    def test_every_status_has_an_outcome_and_a_reason(self) -> None:
        """Apprise knows which 2xx its service means."""
        for status in (*range(200, 207), *range(300, 309), *range(400, 452), 500, 502):
            outcome = self.send(loopback.answer(status))

            assert (outcome.kind is Kind.OK) == (status == 200), status
            assert outcome.kind is Kind.OK or outcome.reason, status

    def test_a_probe_tells_what_is_wrong(self) -> None:
        """Apprise has no way to ask: the URL is read, and nobody called."""
        with loopback.provider(loopback.answer(500)) as told:
            probe = self.quick(told.base).probe(self.target())

        assert probe.ok
        assert "ntfy" in probe.reason
        assert told.requests == []


class TestPushoverKeepsTheContract(TestAppriseKeepsTheContract):
    """The same with another plugin, whose tokens stand in the host."""

    given = {"url": POVER}
    secret_parts = (USER, APP)

    def check(self, request: loopback.Seen) -> None:
        """See the kit."""
        (text,) = parse_qs(request.body.decode())["message"]
        assert 1 <= len(text) <= 1024

    def test_a_probe_tells_what_is_wrong(self) -> None:
        """See above."""
        assert "Pushover" in opened("http://127.0.0.1:1").probe(self.target()).reason


def test_every_service_has_its_sample() -> None:
    assert set(URLS) == set(SERVICES)


@pytest.mark.parametrize("scheme", URLS)
def test_every_service_sends_through_the_seam_and_nowhere_else(scheme: str) -> None:
    url, host = URLS[scheme]
    assert channel("apprise").split({"url": url}) == ({}, url)
    outcome, requests = sent(loopback.answer(200, BODIES.get(scheme, {})), url=url)

    assert outcome.kind is Kind.OK, outcome
    assert requests
    assert host in requests[-1].path


@pytest.mark.parametrize("scheme", URLS)
def test_a_second_message_is_sent_as_well(scheme: str) -> None:
    url, _ = URLS[scheme]
    with loopback.provider(loopback.answer(200, BODIES.get(scheme, {}))) as told:
        channels = opened(told.base)
        channels.send([ALARM], Target("tail", {}, url))
        before = len(told.requests)
        channels.send([ALARM], Target("tail", {}, url))

        assert len(told.requests) > before


@pytest.mark.parametrize("scheme", URLS)
@pytest.mark.parametrize(
    ("behaviour", "kind"),
    [
        (loopback.hang_up, Kind.UNKNOWN),
        (loopback.answer(403, {"error": "no"}), Kind.PERMANENT),
        (loopback.answer(429, {}, {"Retry-After": "7"}), Kind.LIMITED),
        (loopback.answer(503), Kind.TRANSIENT),
    ],
)
def test_every_service_s_failures_are_told_apart(
    scheme: str, behaviour: loopback.Behaviour, kind: Kind
) -> None:
    outcome, requests = sent(behaviour, url=URLS[scheme][0])

    assert outcome.kind is kind
    assert len([one for one in requests if one.method != "GET"]) <= 1


def test_the_sender_s_own_markdown_is_plain_words() -> None:
    text = Text("**12 commits** by [ann](https://e.example/a)", markup=True)
    _, (request,) = sent(one=replace(ALARM, body=text))

    assert (
        "12 commits by ann (https://e.example/a)" in json.loads(request.body)["message"]
    )


def test_ntfy_is_told_title_text_and_token() -> None:
    outcome, (request,) = sent()
    told = json.loads(request.body)

    assert outcome == Outcome(Kind.OK)
    assert (request.method, request.path) == ("POST", "/ntfy.example.com/")
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert told["title"] == "🔴 checkout-5xx is in ALARM"
    assert told["message"] == BODY


def test_a_message_longer_than_a_service_takes_loses_the_least_important() -> None:
    long = replace(ALARM, code="c" * 900, body=Text("b" * 600))
    _, (request,) = sent(url=POVER, one=long)
    (text,) = parse_qs(request.body.decode())["message"]

    assert text.startswith("Seen 3 ×\n\n" + "b" * 600)
    assert "https://example.com/alarm" in text
    assert "Shop" not in text
    assert len(text) <= 1024


def test_without_a_title_the_text_begins_with_it() -> None:
    _, (request,) = sent(loopback.answer(201), url=URLS["twilio"][0])
    (text,) = parse_qs(request.body.decode())["Body"]

    assert text.startswith("🔴 checkout-5xx is in ALARM\n")
    assert len(text) <= 160


@pytest.mark.parametrize("text", HOSTILE)
def test_nobody_is_called_and_no_mark_is_a_mark(text: str) -> None:
    one = message(text)
    body = texts.body_of(one, texts.Form(0, 4000, marked_up=True))

    assert len(body) <= 4000
    for mark in ("@everyone", "@here", "<@", "](", "**", "`", "<!"):
        assert mark not in body
    plain = texts.body_of(one, texts.Form(200, 4000))
    assert "@everyone" not in plain


@pytest.mark.parametrize(
    ("severity", "state", "look"),
    [
        ("critical", "firing", "failure"),
        ("medium", "notice", "warning"),
        ("info", "notice", "info"),
        ("success", "notice", "success"),
        ("critical", "resolved", "success"),
    ],
)
def test_a_look_says_how_bad_it_is(severity: str, state: str, look: str) -> None:
    assert texts.look_of(replace(ALARM, severity=severity, state=state)) == look
