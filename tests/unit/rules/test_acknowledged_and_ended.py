"""Acknowledgements, reminders, and ends that come by themselves."""

from __future__ import annotations

from tests.fakes.world import event
from tests.unit.rules.routed import ESCALATE, firing, resolved, rows, told, world_of
from tocsin.acknowledge import acknowledge, release
from tocsin.delivery import MINUTE


def test_an_acknowledgement_says_who_when_and_why_and_ends_the_repeats() -> None:
    world = world_of(ESCALATE)
    told(world, firing())
    world.clock.at += MINUTE
    pressed, means = world.clock.at, world.means()
    acknowledge(rows(world)[0].id, actor="ann", note="on it", means=means)
    told(world, *(firing() for _ in range(5)))
    world.live(minutes=60)

    (row,) = rows(world)
    assert (row.ack_by, row.ack_at, row.ack_note) == ("ann", pressed, "on it")
    assert [(each.actor, each.note) for each in row.actions] == [("ann", "on it")]
    assert (row.occurrences, world.provider.shown()) == (6, ["db down"])


def test_an_acknowledgement_that_runs_out_tells_again() -> None:
    world = world_of({"ack": {"expires": "30m"}})
    told(world, firing())
    acknowledge(rows(world)[0].id, actor="ann", note="", means=world.means())
    world.live(minutes=29)
    assert rows(world)[0].ack_by == "ann"
    world.live(minutes=4)

    assert rows(world)[0].ack_at is None
    assert world.provider.shown() == ["db down"] * 2


def test_an_acknowledged_problem_is_quiet_until_it_ends_and_then_told_anew() -> None:
    world = world_of(ESCALATE)
    told(world, firing())
    acknowledge(rows(world)[0].id, actor="ann", note="", means=world.means())
    told(world, *(firing() for _ in range(20)))
    world.live(minutes=90)
    assert world.provider.shown() == ["db down"]
    told(world, resolved())
    told(world, firing())

    states = [post.messages[0].state for post in world.provider.posts]
    assert states == ["firing", "resolved", "firing"]
    assert rows(world)[-1].ack_at is None


def test_an_acknowledgement_may_say_how_long_it_lasts() -> None:
    world = world_of({})
    told(world, firing())
    means = world.means()
    acknowledge(rows(world)[0].id, actor="ann", note="", means=means, lasts=600)

    assert rows(world)[0].ack_until == world.clock.at + 10 * MINUTE


def test_an_acknowledgement_that_is_taken_back_lets_it_escalate() -> None:
    world = world_of(ESCALATE)
    told(world, firing())
    acknowledge(rows(world)[0].id, actor="ann", note="", means=world.means())
    release(rows(world)[0].id, actor="ann", note="", means=world.means())
    world.live(minutes=12)

    assert world.provider.shown("oncall") == ["db down"]


def test_a_reminder_comes_while_it_is_open() -> None:
    world = world_of({"ack": {"remind": "20m"}})
    told(world, firing())
    acknowledge(rows(world)[0].id, actor="ann", note="", means=world.means())
    world.live(minutes=25)

    assert world.provider.shown() == ["db down"] * 2
    assert rows(world)[0].ack_by == "ann"


def test_what_stays_open_closes_by_itself() -> None:
    world = world_of({"auto_close": "2h"})
    told(world, firing())
    world.live(minutes=125)

    assert rows(world)[0].state == "resolved"
    assert rows(world)[0].actions[-1].actor == "tocsin"
    assert told(world, firing()) == ["open"]


def test_what_is_older_than_its_route_lets_it_be_is_not_sent() -> None:
    world = world_of({"ttl": "10m"})
    world.accept(event("news"))
    world.clock.at += 11 * MINUTE
    world.send_all()

    assert rows(world)[0].status == "suppressed"
