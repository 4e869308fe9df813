"""Escalation and fallback: who else is told when nobody hears or answers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.fakes.clock import NOON
from tests.fakes.meddler import Meddler
from tests.fakes.world import World, event
from tests.unit.rules.routed import (
    ESCALATE,
    failing,
    firing,
    resolved,
    rows,
    told,
    world_of,
)
from tocsin.acknowledge import acknowledge, resolve
from tocsin.delivery import MINUTE, Purpose, State


def test_what_nobody_acknowledges_escalates_and_repeats() -> None:
    world = world_of(ESCALATE)
    told(world, firing())
    world.live(minutes=9)
    assert world.provider.shown("oncall") == []
    world.live(minutes=60)

    assert world.provider.shown("oncall") == ["db down"] * 3
    assert world.provider.shown("ops") == ["db down"]


QUIET = {"quiet": {"from": "13:00", "to": "16:00"}}
TO_ONCALL = [{"after": "10m", "to": ["oncall"]}]


def heard(world: World) -> list[tuple[str, int]]:
    """Who was told of something, and how many minutes after noon."""
    return [
        (post.destination, (post.at - NOON) // MINUTE) for post in world.provider.posts
    ]


@pytest.mark.parametrize(
    ("severity", "since", "expected"),
    [
        ("high", 70, [("ops", 240), ("oncall", 250)]),
        ("high", 55, [("ops", 55), ("oncall", 240)]),
        ("critical", 70, [("ops", 70), ("oncall", 80)]),
    ],
)
def test_quiet_hours_keep_an_escalation_too(
    severity: str, since: int, expected: list[tuple[str, int]]
) -> None:
    world = world_of({**QUIET, "escalate": TO_ONCALL})
    world.clock.at = NOON + since * MINUTE
    told(world, firing(severity=severity))
    world.live(minutes=300)

    assert heard(world) == expected


def test_what_waits_for_the_end_of_quiet_hours_does_not_fall_back() -> None:
    world = world_of({**QUIET, "fallback": [{"after": "60s", "to": ["oncall"]}]})
    world.clock.at = NOON + 70 * MINUTE
    told(world, event("news"))
    world.live(minutes=300)

    assert heard(world) == [("ops", 240)]


def test_what_was_not_delivered_before_quiet_hours_falls_back_after_them() -> None:
    world = world_of({**QUIET, "fallback": [{"after": "90m", "to": ["oncall"]}]})
    told(failing(world, "ops"), event("news"))
    world.live(minutes=300)

    assert heard(world) == [("oncall", 240)]


def test_a_reminder_and_the_end_of_an_acknowledgement_wait_for_quiet_hours() -> None:
    world = world_of({**QUIET, "ack": {"remind": "90m", "expires": "2h"}})
    told(world, firing())
    acknowledge(rows(world)[0].id, actor="ann", note="", means=world.means())
    world.live(minutes=300)

    assert heard(world)[0] == ("ops", 0)
    assert {at for _, at in heard(world)[1:]} == {240}
    assert rows(world)[0].ack_at is None


@pytest.mark.parametrize(
    ("ack", "why"),
    [
        ({"remind": "90m"}, "Reminder: it is still open"),
        ({"expires": "90m"}, "Reminder: nobody is on it any more"),
    ],
)
@pytest.mark.parametrize("ends", [False, True])
def test_a_reminder_wakes_only_whose_route_is_not_quiet(
    ack: dict[str, str], why: str, ends: bool
) -> None:
    world = world_of({"continue": True, "ack": ack}, {**QUIET, "to": ["team"]})
    told(world, firing())
    acknowledge(rows(world)[0].id, actor="ann", note="", means=world.means())
    world.live(minutes=95)
    assert heard(world) == [("ops", 0), ("team", 0), ("ops", 90)]
    if ends:
        resolve(rows(world)[0].id, actor="ann", note="", means=world.means())
    world.live(minutes=205)

    ended = [("ops", 95), ("team", 95)]
    assert heard(world)[3:] == (ended if ends else [("team", 240)])
    assert ends or why in (world.provider.posts[-1].messages[0].state_line or "")


def test_what_gets_worse_in_quiet_hours_is_told_when_they_are_over() -> None:
    world = world_of(QUIET)
    told(world, firing(severity="low"))
    world.clock.at = NOON + 70 * MINUTE
    told(world, firing(severity="high"))
    world.live(minutes=300)

    assert heard(world) == [("ops", 0), ("ops", 240)]


def test_a_route_that_is_not_quiet_hears_at_once_what_gets_worse() -> None:
    pager = {"match": {"severity": ">=high"}, "to": ["oncall"], "continue": True}
    world = world_of(pager, QUIET)
    world.clock.at = NOON + 70 * MINUTE
    told(world, firing(severity="low"))
    told(world, firing(severity="high"))
    world.live(minutes=300)

    assert heard(world)[0] == ("oncall", 70)
    assert ("ops", 240) in heard(world)


def test_what_is_too_old_to_be_news_escalates_all_the_same() -> None:
    world = world_of(ESCALATE)
    told(world, firing(ttl=60))
    world.live(minutes=12)

    assert world.provider.shown("oncall") == ["db down"]


def test_an_end_is_told_where_its_problem_was_escalated_and_reminded_of() -> None:
    world = world_of(ESCALATE | {"ack": {"remind": "20m"}})
    told(world, firing())
    world.live(minutes=12)
    acknowledge(rows(world)[0].id, actor="ann", note="", means=world.means())
    world.live(minutes=25)
    before = len(world.provider.posts)
    told(world, resolved())

    ends = world.provider.posts[before:]
    assert {post.destination for post in ends} == {"ops", "oncall"}
    assert {post.messages[0].state for post in ends} == {"resolved"}


@pytest.mark.parametrize("act", [acknowledge, resolve])
def test_nothing_escalates_after_someone_is_on_it(act: Any) -> None:
    world = world_of(ESCALATE)
    told(world, firing())
    world.live(minutes=12)
    act(rows(world)[0].id, actor="ann", note="", means=world.means())
    world.live(minutes=60)

    assert world.provider.shown("oncall").count("db down") == 1


def test_an_escalation_on_its_way_is_cancelled_by_an_acknowledgement() -> None:
    world = world_of(ESCALATE)
    told(world, firing())
    world.clock.at += 10 * MINUTE
    world.sweep()
    acknowledge(rows(world)[0].id, actor="ann", note="", means=world.means())
    world.send_all()

    assert world.provider.shown("oncall") == []
    delivery = rows(world)[0].deliveries["oncall"]
    assert (delivery.state, delivery.purpose) == (State.CANCELLED, Purpose.ESCALATION)


@pytest.mark.parametrize("act", [acknowledge, resolve])
@pytest.mark.parametrize("call", ["load", "move"])
def test_an_act_between_a_senders_reading_and_its_claim_stops_the_escalation(
    act: Any, call: str
) -> None:
    world = world_of(ESCALATE)
    told(world, firing())
    world.clock.at += 10 * MINUTE
    world.sweep()
    (row,), means = rows(world), world.means()

    def somebody_acts() -> None:
        act(row.id, actor="ann", note="", means=means)

    world.seen_ledger = Meddler(world.seen_ledger, call, somebody_acts)
    world.live(minutes=60)

    assert world.provider.shown("oncall") == []
    assert rows(world)[0].deliveries["oncall"].state is State.CANCELLED


def test_who_was_told_before_an_escalation_was_called_off_sees_and_hears_the_rest() -> (
    None
):
    world = world_of(ESCALATE)
    world.provider.editable = True
    told(world, firing())
    world.live(minutes=12)
    world.clock.at = NOON + 21 * MINUTE
    world.sweep()
    acknowledge(rows(world)[0].id, actor="ann", note="", means=world.means())
    world.live(minutes=5)

    (first,) = [post for post in world.provider.posts if post.destination == "oncall"]
    assert first.messages[0].state == "acknowledged"
    told(world, resolved())
    assert first.messages[0].state == "resolved"


def test_a_card_shows_the_end_that_came_while_its_reminder_waited_for_its_turn() -> (
    None
):
    world = world_of({"ack": {"remind": "20m"}, "auto_close": "40m"})
    world.provider.editable = True
    told(world, firing())
    acknowledge(rows(world)[0].id, actor="ann", note="", means=world.means())
    world.live(minutes=15)
    failing(world, "ops")
    world.live(minutes=23)
    assert rows(world)[0].deliveries["ops"].state is State.FAILED
    world.live(minutes=4)
    assert rows(world)[0].is_over
    failing(world)
    world.live(minutes=60)

    (post,) = world.provider.posts
    assert post.messages[0].state == "resolved"


def test_a_changed_file_does_not_break_a_running_escalation() -> None:
    world = world_of(ESCALATE)
    told(world, firing())
    world.settings = replace(world.settings, config=world_of({}).settings.config)
    world.live(minutes=12)

    assert world.provider.shown("oncall") == ["db down"]


FALLBACK = {
    "fallback": [{"after": "60s", "to": ["team"]}, {"after": "5m", "to": ["mail"]}]
}


def test_what_is_delivered_falls_back_nowhere() -> None:
    world = world_of(FALLBACK)
    told(world, event("news"))
    world.live(minutes=20)

    assert world.provider.shown() == ["news"]


def test_what_is_not_delivered_falls_back_and_one_success_cancels_the_rest() -> None:
    world = failing(world_of(FALLBACK), "ops")
    told(world, event("news"))
    world.live(minutes=4)
    world.provider.behaviour = None
    world.live(minutes=200)

    assert world.provider.shown() == ["news"]
    assert rows(world)[0].deliveries["team"].state is State.SENT
    assert rows(world)[0].deliveries["ops"].state is State.CANCELLED
    assert "mail" not in rows(world)[0].deliveries


def test_a_fallback_that_fails_falls_back_further() -> None:
    world = failing(world_of(FALLBACK), "ops", "team")
    told(world, event("news"))
    world.live(minutes=10)

    assert world.provider.shown() == ["news"]
    assert rows(world)[0].deliveries["mail"].state is State.SENT
