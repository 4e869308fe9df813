"""PagerDuty: the channel as a whole, against a provider on loopback."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.unit.channels import loopback
from tests.unit.channels.conformance import ChannelContract, EditorContract, patient
from tests.unit.channels.messages import AT, HOSTILE, message
from tocsin.channels import channel
from tocsin.channels._http import Http
from tocsin.channels.pagerduty import HOSTS, PagerDuty, encoding
from tocsin.errors import Invalid
from tocsin.message import Fact, Link, Message, Text
from tocsin.ports import Channel, Kind, Outcome, Target

KEY = "a1B2" * 8
INVALID = {
    "status": "invalid event",
    "message": "Event object is invalid",
    "errors": ["'routing_key' is not a valid key"],
}
ALARM = Message(
    icon="🔴",
    title="checkout-5xx is in ALARM",
    colour=0xFF4D00,
    at=AT,
    url="https://example.com/alarm",
    body=Text("4.2 % of calls fail"),
    code='{"a": 1}',
    facts=(Fact("Value", Text("4.2 %")), Fact("Threshold", Text("1 %"))),
    state_line="Seen 3 ×",
    links=(Link("Runbook", "http://wiki/r"), Link("Odd", "javascript:alert(1)")),
    footer="Shop · aws · s0t1v2",
    picture="https://example.com/p.png",
    thread="checkout",
    id="01jd8zq3k4m5n6p7q8r9s0t1v2-oncall",
    key="9f86d081884c7d659a2feaa0c55ad015",
    state="firing",
    type="aws.cloudwatch.alarm",
    severity="high",
)


def opened(base: str, seconds: float = 30.0) -> PagerDuty:
    """The channel with so much time in all."""
    hosts = frozenset(HOSTS.values())
    return PagerDuty(Http(hosts, base, connect_within=0.7 * seconds, total=seconds))


def sent(one: Message, **settings: Any) -> loopback.Seen:
    """The request that a message becomes."""
    with loopback.provider(loopback.answer(202, {})) as told:
        outcome = opened(told.base).send([one], Target("oncall", settings, KEY))

    assert outcome.kind is Kind.OK
    return told.requests[0]


def broken_limits(request: loopback.Seen) -> list[str]:
    """What PagerDuty would refuse."""
    event = json.loads(request.body)
    payload = event.get("payload", {})
    said = {
        "512 KB": len(request.body) <= 512_000,
        "key": event["routing_key"] == KEY,
        "summary": 1 <= len(payload.get("summary", "x")) <= 1024,
        "dedup_key": len(event.get("dedup_key", "")) <= 255,
        "links": all(
            link["href"].startswith("http") for link in event.get("links", ())
        ),
    }
    if request.path == encoding.ALERTS:
        said["action"] = event["event_action"] in ("trigger", "acknowledge", "resolve")
        said["name"] = bool(event["dedup_key"])
    return [name for name, good in said.items() if not good]


class TestPagerDutyKeepsTheContract(ChannelContract):
    """The kit that every channel runs."""

    name = "pagerduty"
    given = {"routing_key": KEY}
    secret_parts = (KEY,)
    answers = (
        (202, {"status": "success", "dedup_key": "x"}, {}, Kind.OK),
        (200, None, {}, Kind.OK),
        (400, INVALID, {}, Kind.PERMANENT),
        (400, {"errors": "?"}, {}, Kind.PERMANENT),
        *((status, None, {}, Kind.PERMANENT) for status in (401, 403, 404, 405, 413)),
        *((status, None, {}, Kind.TRANSIENT) for status in (408, 425)),
        (429, None, {}, Kind.LIMITED),
        (429, {"status": "throttle exceeded"}, {"Retry-After": "5"}, Kind.LIMITED),
        *((status, None, {}, Kind.TRANSIENT) for status in (500, 502, 503, 504, 302)),
    )

    def quick(self, base: str) -> Channel:
        """See the kit."""
        return opened(base, 1.0)

    def check(self, request: loopback.Seen) -> None:
        """See the kit."""
        assert broken_limits(request) == []


class TestPagerDutyKeepsTheEditorsContract(
    TestPagerDutyKeepsTheContract, EditorContract
):
    """The kit again, for edits: PagerDuty never says that an alert is gone."""

    posted = ("tocsin-abc", "")
    missing = ()

    def one(self, text: str = "checkout-5xx is in ALARM") -> Message:
        """See the kit; other states are nothing that PagerDuty must know."""
        return replace(message(text), id="a-b", state="acknowledged")


@pytest.mark.parametrize(
    ("state", "action"),
    [
        ("acknowledged", "acknowledge"),
        ("resolved", "resolve"),
        ("firing", None),
        ("notice", None),
    ],
)
def test_an_edit_tells_who_took_over_and_what_is_over(
    state: str, action: str | None
) -> None:
    with loopback.provider(loopback.answer(202, {})) as told:
        target = Target("oncall", {}, KEY)
        changed = replace(ALARM, state=state)
        outcome = opened(told.base).edit([changed], target, "tocsin-first", "")

    events = [json.loads(request.body) for request in told.requests]
    assert outcome.kind is Kind.OK
    assert [event["event_action"] for event in events] == [action] * len(events)
    assert [event["dedup_key"] for event in events] == ["tocsin-first"] * len(events)
    assert bool(events) == (action is not None)


@pytest.mark.parametrize(
    ("state", "action"),
    [
        ("firing", "trigger"),
        ("notice", "trigger"),
        ("acknowledged", "acknowledge"),
        ("resolved", "resolve"),
    ],
)
def test_the_state_decides_what_happens_to_the_alert(state: str, action: str) -> None:
    event = json.loads(sent(replace(ALARM, state=state)).body)

    assert event["event_action"] == action
    assert event["dedup_key"] == "tocsin-9f86d081884c7d659a2feaa0c55ad015"
    assert ("payload" in event) == (action == "trigger")


def test_a_trigger_says_all_that_is_known() -> None:
    request = sent(ALARM)

    assert request.path == "/v2/enqueue"
    assert json.loads(request.body) == {
        "routing_key": KEY,
        "event_action": "trigger",
        "dedup_key": "tocsin-9f86d081884c7d659a2feaa0c55ad015",
        "payload": {
            "summary": "checkout-5xx is in ALARM",
            "source": "Shop · aws · s0t1v2",
            "timestamp": "2026-11-03T14:05:00+00:00",
            "severity": "error",
            "class": "aws.cloudwatch.alarm",
            "group": "checkout",
            "custom_details": {
                "Value": "4.2 %",
                "Threshold": "1 %",
                "state": "Seen 3 ×",
                "text": "4.2 % of calls fail",
                "code": '{"a": 1}',
            },
        },
        "client": "Tocsin",
        "links": [
            {"href": "https://example.com/alarm", "text": "checkout-5xx is in ALARM"},
            {"href": "http://wiki/r", "text": "Runbook"},
        ],
        "images": [
            {"src": "https://example.com/p.png", "alt": "checkout-5xx is in ALARM"}
        ],
        "client_url": "https://example.com/alarm",
    }


@pytest.mark.parametrize(
    ("severity", "theirs"),
    [
        ("critical", "critical"),
        ("high", "error"),
        ("medium", "warning"),
        ("low", "info"),
        ("info", "info"),
        ("success", "info"),
        ("debug", "info"),
    ],
)
def test_a_severity_has_its_counterpart(severity: str, theirs: str) -> None:
    event = json.loads(sent(replace(ALARM, severity=severity)).body)

    assert event["payload"]["severity"] == theirs


def test_a_retry_names_the_same_alert_and_two_notices_do_not() -> None:
    notice = replace(ALARM, key="", state="notice")
    other = replace(notice, id="01jd8zq3k4m5n6p7q8r9s0t1v3-oncall")
    keys = [json.loads(sent(one).body)["dedup_key"] for one in (notice, notice, other)]

    assert keys[0] == keys[1] != keys[2]
    assert keys[0] == f"tocsin-{notice.id}"


def test_the_alert_s_name_is_the_message_s_id() -> None:
    with loopback.provider(loopback.answer(202, {})) as told:
        outcome = opened(told.base).send([ALARM], Target("oncall", {}, KEY))

    assert outcome == Outcome(Kind.OK, message_id=f"tocsin-{ALARM.key}")


def test_a_test_is_a_change_event_that_wakes_nobody() -> None:
    request = sent(replace(ALARM, id="", key=""))
    event = json.loads(request.body)

    assert request.path == "/v2/change/enqueue"
    assert set(event) == {"routing_key", "payload", "links"}
    assert set(event["payload"]) == {"summary", "source", "timestamp", "custom_details"}


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("state", ["firing", "resolved"])
def test_hostile_alerts_are_within_the_limits(text: str, state: str) -> None:
    request = sent(replace(message(text), id="a-b", state=state))

    assert broken_limits(request) == []


def test_what_is_too_large_loses_the_least_important_first() -> None:
    large = replace(ALARM, code="c" * 400_000, body=Text("t" * 200_000))
    request = sent(large)
    details = json.loads(request.body)["payload"]["custom_details"]

    assert 500_000 < len(request.body) <= encoding.LIMIT
    assert details["shortened"] == "images, code"
    assert details["text"] == "t" * 200_000
    assert details["code"].endswith("c…")


@pytest.mark.parametrize(
    ("region", "host"),
    [("us", "events.pagerduty.com"), ("eu", "events.eu.pagerduty.com")],
)
def test_each_region_has_its_host(
    region: str, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[str] = []
    http = patient(frozenset(HOSTS.values()), "http://127.0.0.1:1")
    real = http.call

    def call(method: str, url: str, **how: Any) -> Any:
        called.append(url)
        return real(method, url, **how)

    monkeypatch.setattr(http, "call", call)
    PagerDuty(http).send([ALARM], Target("oncall", {"region": region}, KEY))

    assert called == [f"https://{host}/v2/enqueue"]


@pytest.mark.parametrize(
    ("headers", "wait"),
    [({}, 30_000), ({"Retry-After": "90"}, 90_000), ({"Retry-After": "0.01"}, 1_000)],
)
def test_a_limit_is_waited_for(headers: dict[str, str], wait: int) -> None:
    with loopback.provider(loopback.answer(429, None, headers)) as told:
        outcome = opened(told.base).send([ALARM], Target("oncall", {}, KEY))

    assert (outcome.kind, outcome.wait_ms) == (Kind.LIMITED, wait)


def test_a_refusal_says_what_pagerduty_says_and_what_to_do() -> None:
    with loopback.provider(loopback.answer(400, INVALID)) as told:
        outcome = opened(told.base).send([ALARM], Target("oncall", {}, KEY))

    assert "'routing_key' is not a valid key" in outcome.reason
    assert "destination oncall" in outcome.reason


def test_a_probe_resolves_what_was_never_opened() -> None:
    with loopback.provider(loopback.answer(202, {})) as told:
        assert opened(told.base).probe(Target("oncall", {}, KEY)).ok

    assert json.loads(told.requests[0].body) == {
        "routing_key": KEY,
        "event_action": "resolve",
        "dedup_key": "tocsin-probe",
    }


def test_settings_are_kept_and_the_key_is_hidden() -> None:
    split = channel("pagerduty").split

    assert split({"routing_key": f" {KEY} ", "region": "eu"}) == ({"region": "eu"}, KEY)
    assert split({"region": "us"}) == ({}, "")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"routing_key": KEY[1:]}, "routing_key"),
        ({"routing_key": KEY + "x"}, "routing_key"),
        ({"routing_key": KEY[1:] + "-"}, "routing_key"),
        ({"routing_key": "١" * 32}, "routing_key"),
        ({"routing_key": 7}, "routing_key"),
        ({"region": "mars"}, "region"),
        ({"service": "x"}, "service"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(given: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        channel("pagerduty").split({"routing_key": KEY, **given})

    (fault,) = caught.value.faults
    assert fault.field == field
    assert KEY[1:] not in f"{caught.value.detail}{fault}"
