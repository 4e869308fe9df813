"""Dressing at the border: wrong data is refused with its field, unless nobody asks."""

from __future__ import annotations

from typing import Any

import pytest

from tocsin.errors import Fault, Invalid
from tocsin.intake.batch import Batch, Rejection
from tocsin.intake.cloudevents import read_structured
from tocsin.intake.dressing import dressed, dressed_anyhow
from tocsin.intake.native import read_events
from tocsin.intake.sns import read_notification
from tocsin.rules.config import Config

NOW = 1_795_249_883_000
CONFIG = Config(timezone="Europe/Zurich")


def faults_of(event: dict[str, Any]) -> list[Fault]:
    """What is wrong with a lone event."""
    with pytest.raises(Invalid) as refused:
        dressed(read_events(event), CONFIG, NOW)
    return list(refused.value.faults)


def topic(message: str) -> Batch:
    """What SNS hands over."""
    return read_notification({"Records": [{"Sns": {"Message": message}}]})


@pytest.mark.parametrize(
    ("kind", "key", "value", "reason"),
    [
        ("lead.hot", "score", "85", "should be a number, got text"),
        ("lead.hot", "score", True, "should be a number, got true or false"),
        ("report.daily", "total_conversions", 1.5, "should be a whole number"),
        ("report.daily", "total_conversions", -1, "must be at least 0"),
        ("game.started", "players", "Ana", "should be a list, got text"),
        ("obligation_due", "due_date", "soon", "should be a day like 2026-11-21"),
        ("obligation_due", "due_date", {}, "should be a day like 2026-11-21"),
        ("ssl_expiry", "expires_at", "2026-11-24T12:00", "a time with its zone"),
        ("digest", "period", "hourly", "should be daily or weekly"),
        ("campaign.progress", "percent", 101, "must be at most 100"),
        ("campaign.published", "urls", ["x"], "should be a web address"),
        ("party.created", "voice_invite", "https://evil.example/x", "Discord invite"),
        ("party.created", "voice_invite", "https://discord.com/x", "Discord invite"),
        ("aws.cloudwatch.alarm", "value", "7", "should be a number, got text"),
    ],
)
def test_wrong_data_of_a_known_type_names_the_field(
    kind: str, key: str, value: object, reason: str
) -> None:
    (fault,) = faults_of({"type": kind, "title": "x", "data": {key: value}})

    assert fault.field.startswith(f"data.{key}")
    assert reason in fault.reason


def test_wrong_data_deep_inside_names_the_whole_path() -> None:
    audience = {"audience_name": "A", "users_count": "9"}
    data = {"audiences": [audience]}
    faults = faults_of({"type": "report.retargeting", "data": data})

    assert faults == [
        Fault("data.audiences.0.users_count", "should be a whole number, got text"),
        Fault("data.audiences.0.recommended_budget", "is missing"),
    ]


def test_elements_of_a_list_are_judged_one_by_one() -> None:
    good: Any = {"type": "lead.hot", "data": {"score": 85}}
    bad: Any = {"type": "lead.hot", "data": {"score": "85"}}
    silent: Any = {"type": "a"}
    batch = dressed(read_events([bad, good, {"title": "x"}, silent]), CONFIG, NOW)

    assert [each.event.title for each in batch.received] == ["Unknown - Score: 85"]
    assert batch.rejections == (
        Rejection(0, (Fault("data.score", "should be a number, got text"),)),
        Rejection(2, (Fault("type", "is missing"),)),
        Rejection(3, (Fault("", "an event needs a title or a message"),)),
    )


@pytest.mark.parametrize("title", ["", " \n"])
def test_an_event_that_says_nothing_is_refused(title: str) -> None:
    assert faults_of({"type": "a", "title": title, "data": {"x": 1}}) == [
        Fault("", "an event needs a title or a message")
    ]


def test_a_known_type_without_a_title_says_which_data_it_needs() -> None:
    assert faults_of({"type": "party.created"}) == [
        Fault("data.party_name", "is missing")
    ]


def test_who_writes_a_title_has_said_enough() -> None:
    event: Any = {"type": "ssl_expiry", "title": "shop.example.com expires"}
    (received,) = dressed(read_events(event), CONFIG, NOW).received

    assert received.event.title == "shop.example.com expires"


def test_a_cloudevent_of_a_known_type_gets_its_words_and_not_the_envelopes() -> None:
    received = read_structured(
        {
            "specversion": "1.0",
            "id": "1",
            "source": "/lan",
            "type": "party.created",
            "data": {"party_name": "Friday LAN", "host": "Ana"},
        }
    )
    (done,) = dressed(Batch((received,), many=False), CONFIG, NOW).received

    assert done.event.title == "Party Created: Friday LAN"
    assert done.event.fields == ()


def test_a_cloudevent_of_an_unknown_type_keeps_what_its_adapter_made() -> None:
    received = read_structured(
        {
            "specversion": "1.0",
            "id": "1",
            "source": "/shop",
            "type": "order.paid",
            "data": {"amount": 5},
        }
    )
    batch = Batch((received,), many=False)

    assert dressed(batch, CONFIG, NOW).received == (received,)


def test_behind_a_topic_wrong_data_is_told_beside_the_event() -> None:
    message = '{"type": "lead.hot", "title": "Jo", "data": {"score": "85"}}'
    (received,) = dressed_anyhow(topic(message), CONFIG, NOW)

    assert received.event.title == "Jo"
    assert [(each.name, each.value) for each in received.event.fields] == [
        ("Not understood", "data.score: should be a number, got text")
    ]


def test_behind_a_topic_an_event_that_says_nothing_is_told_by_its_type() -> None:
    (received,) = dressed_anyhow(topic('{"type": "party.created"}'), CONFIG, NOW)

    assert received.event.title == "party.created"
    assert received.event.fields[0].value.startswith("data.party_name: is missing")


def test_behind_a_topic_a_known_type_needs_no_title() -> None:
    message = '{"type": "peer.joined", "data": {"peer_name": "Bo"}}'
    (received,) = dressed_anyhow(topic(message), CONFIG, NOW)

    assert received.event.title == "Bo joined"
