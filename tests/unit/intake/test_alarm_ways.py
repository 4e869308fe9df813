"""One alarm by SNS, by EventBridge and as a direct action: one event, one key."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.fakes.world import World
from tests.unit.intake.payloads import alarm, batch_of, payload
from tocsin.intake.batch import Received
from tocsin.intake.eventbridge import read_invocation
from tocsin.intake.sns import read_notification

WAYS = ["sns-alarm-metric", "eventbridge-alarm-metric", "lambda-alarm-action"]
ARN = "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:checkout-5xx"


def by_sns(told: dict[str, Any], **sns: Any) -> Received:
    message = {"MessageId": "m-1", "Timestamp": "2026-11-21T08:31:25.645Z", **sns}
    record: dict[str, Any] = {"Sns": {**message, "Message": json.dumps(told)}}
    return read_notification({"Records": [record]}).received[0]


@pytest.mark.parametrize("way", WAYS[1:])
def test_the_same_alarm_is_the_same_event_on_every_way(way: str) -> None:
    by_topic, other = (batch_of(name).received[0] for name in (WAYS[0], way))

    assert other.event == by_topic.event
    assert (other.key, other.at) == (by_topic.key, by_topic.at)


def test_an_event_of_a_rule_that_goes_through_a_topic_keeps_its_key() -> None:
    direct = batch_of("eventbridge-alarm-metric").received[0]
    told = by_sns(payload("eventbridge-alarm-metric"))

    assert (told.key, told.at, told.event) == (direct.key, direct.at, direct.event)


def test_the_key_is_alarm_state_and_second() -> None:
    told = by_sns(alarm(StateChangeTime="2026-11-21T08:31:23.999+0000"))

    assert told.key == f"{ARN}\x1fALARM\x1f1795249883000"
    assert told.at == 1795249883000


@pytest.mark.parametrize(
    "changed",
    [
        {"AlarmArn": ARN.replace("checkout", "login")},
        {"NewStateValue": "OK"},
        {"StateChangeTime": "2026-11-21T08:31:24.000+0000"},
    ],
)
def test_another_change_has_another_key(changed: dict[str, Any]) -> None:
    assert by_sns(alarm(**changed)).key != by_sns(alarm()).key


@pytest.mark.parametrize("missing", ["AlarmArn", "NewStateValue", "StateChangeTime"])
def test_where_a_part_is_missing_the_key_is_the_carriers(missing: str) -> None:
    changed: dict[str, Any] = {missing: None}
    assert by_sns(alarm(**changed)).key == "m-1"

    told = payload("eventbridge-alarm-metric") | {"resources": []}
    assert read_invocation(told).received[0].key == told["id"]


def contributor(own: str, **changed: Any) -> Received:
    told = payload("eventbridge-alarm-contributor")
    told["detail"]["alarmContributor"]["id"] = own
    return read_invocation(told | {"detail": told["detail"] | changed}).received[0]


def test_each_series_of_an_alarm_is_a_problem_of_its_own() -> None:
    first, second = contributor("a"), contributor("b")

    assert first.event.title == "tables-idle (orders) is in ALARM"
    assert first.event.fields[0].value == "0 < 1"
    assert len({first.event.fingerprint, second.event.fingerprint}) == 2
    assert first.key != second.key


def test_the_end_of_one_series_ends_that_one_only() -> None:
    state = {"value": "OK", "reason": "", "timestamp": "2026-11-21T08:41:23.919+0000"}
    ended = contributor("a", state=state).event

    assert ended.state == "resolved"
    assert ended.fingerprint == contributor("a").event.fingerprint
    assert ended.fingerprint != contributor("b").event.fingerprint


@pytest.mark.parametrize(
    "told",
    [
        {"AlarmContributor": {"Id": "a", "Attributes": {"TableName": "orders"}}},
        {"AlarmContributorId": "a", "AlarmContributorAttributes": {"T": "orders"}},
    ],
)
def test_a_topic_tells_the_series_too(told: dict[str, Any]) -> None:
    event = by_sns(alarm(**told)).event

    assert event.title == "checkout-5xx (orders) is in ALARM"
    assert event.fingerprint == f"{ARN}#a"


def test_a_tag_on_the_bus_says_how_bad_it_is() -> None:
    assert contributor("a").event.severity == "low"


def test_an_alarm_says_when_it_changed_and_from_what() -> None:
    told = by_sns(alarm()).event
    assert str(told.occurred_at) == "2026-11-21 08:31:23+00:00"
    assert told.data["previous_state"] == "OK"


@pytest.mark.parametrize("value", [None, "", "yesterday", 7])
def test_without_the_time_of_change_it_says_when_it_was_sent(value: Any) -> None:
    told = by_sns(alarm(StateChangeTime=value))

    assert str(told.event.occurred_at) == "2026-11-21 08:31:25.645000+00:00"
    assert told.at == 1795249885645


def test_an_alarm_told_on_three_ways_is_one_notification() -> None:
    world = World()
    world.clock.at = 1795249885000

    for way in WAYS:
        told = batch_of(way).received[0]
        world.accept(told.event, key=told.key, sender="sns", body="", at=told.at)

    assert world.one().occurrences == 1
