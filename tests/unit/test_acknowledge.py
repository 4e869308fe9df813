"""Acknowledging and resolving: what people do, with their name, whoever else is at it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.fakes.meddler import Broken, Meddler
from tests.fakes.world import World, event
from tocsin.acknowledge import TRIES, acknowledge, resolve
from tocsin.delivery import MINUTE
from tocsin.errors import Conflict, NotFound, Stale, Unavailable
from tocsin.notification import ACTIONS_KEPT, Action, Notification


def with_problem() -> World:
    world = World()
    world.accept(event("db down", state="firing", severity="critical"))
    world.send_all()
    world.clock.at += MINUTE
    return world


def act(
    what: Callable[..., Notification], world: World, actor: str = "ann", note: str = ""
) -> Notification:
    return what(
        world.one().id,
        actor=actor,
        note=note,
        means=world.means(),
    )


def test_an_acknowledgement_is_kept_with_name_time_and_note() -> None:
    world = with_problem()
    answered = act(acknowledge, world, "ann", "on it")
    row = world.one()

    assert answered == row
    assert (row.ack_by, row.ack_at, row.ack_note) == ("ann", world.clock.at, "on it")
    assert row.status == "acknowledged"
    assert row.actions == (Action(world.clock.at, "ann", "acknowledged", "on it"),)


def test_the_latest_acknowledgement_counts_and_all_are_on_record() -> None:
    world = with_problem()
    act(acknowledge, world, "ann")
    world.clock.at += MINUTE
    act(acknowledge, world, "bob", "my turn")

    assert world.one().ack_by == "bob"
    assert [action.actor for action in world.one().actions] == ["ann", "bob"]
    assert world.one().version == 2


def test_an_acknowledged_problem_stays_open_and_its_repeats_count_on() -> None:
    world = with_problem()
    act(acknowledge, world)
    world.accept(event("db down", state="firing"))

    assert (world.one().occurrences, world.one().ack_by) == (2, "ann")


def test_resolving_by_hand_closes_the_problem_so_that_the_next_one_opens_anew() -> None:
    world = with_problem()
    answered = act(resolve, world, "ann", "restarted it")
    assert (answered.state, answered.resolved_at) == ("resolved", world.clock.at)
    assert answered.actions[-1].what == "resolved"
    (next_one,) = world.accept(event("db down", state="firing"))

    assert next_one.verdict == "open"
    assert next_one.notification.id != answered.id


def test_a_notice_has_nothing_to_resolve() -> None:
    world = World()
    world.accept(event())
    row = world.one()
    with pytest.raises(Conflict, match="a notice has nothing to resolve"):
        act(resolve, world)

    assert world.one() == row


def test_what_is_resolved_cannot_be_resolved_again() -> None:
    world = with_problem()
    act(resolve, world)
    with pytest.raises(Conflict, match="resolved already"):
        act(resolve, world, "bob")

    assert [action.actor for action in world.one().actions] == ["ann"]


def test_a_notice_may_be_acknowledged() -> None:
    world = World()
    world.accept(event())

    assert act(acknowledge, world).status == "acknowledged"


@pytest.mark.parametrize("what", [acknowledge, resolve])
def test_what_does_not_exist_is_not_found(what: Callable[..., Notification]) -> None:
    world = World()
    with pytest.raises(NotFound):
        what("0" * 26, actor="a", note="", means=world.means())


def test_two_people_at_once_are_both_on_record() -> None:
    world = with_problem()
    world.seen_ledger = Meddler(
        world.ledger, "amend", lambda: act(acknowledge, world, "bob")
    )
    act(acknowledge, world, "ann")

    assert {action.actor for action in world.one().actions} == {"ann", "bob"}
    assert world.one().ack_by == "ann"


def test_a_repeat_that_comes_in_between_is_not_lost() -> None:
    world = with_problem()
    world.seen_ledger = Meddler(
        world.ledger,
        "amend",
        lambda: world.accept(event("db down", state="firing")),
    )
    act(acknowledge, world)

    assert (world.one().occurrences, world.one().ack_by) == (2, "ann")


def test_of_two_who_resolve_at_once_the_second_is_told() -> None:
    world = with_problem()
    world.seen_ledger = Meddler(
        world.ledger, "amend", lambda: act(resolve, world, "bob")
    )
    with pytest.raises(Conflict, match="resolved already"):
        act(resolve, world, "ann")

    assert [action.actor for action in world.one().actions] == ["bob"]


def test_whoever_always_loses_is_told_to_try_again() -> None:
    world = with_problem()
    world.chaos.calls.clear()
    world.seen_ledger = Broken(world.seen_ledger, Stale([0]), "amend")
    with pytest.raises(Unavailable):
        act(acknowledge, world)

    assert world.chaos.calls.count("load") == TRIES
    assert world.one().actions == ()


def test_the_audit_trail_is_bounded_and_keeps_the_latest() -> None:
    world = with_problem()
    for n in range(ACTIONS_KEPT + 5):
        act(acknowledge, world, f"p{n}")

    actors = [action.actor for action in world.one().actions]
    assert actors == [f"p{n}" for n in range(5, ACTIONS_KEPT + 5)]
