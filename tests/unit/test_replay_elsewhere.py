"""Replay to another destination: the old letter closes as the new delivery begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.fakes.chaos import Chaos
from tests.fakes.meddler import Meddler
from tests.fakes.provider import Provider
from tests.fakes.world import World, event
from tests.unit.replaying import again, all_dead, ops, selected_again, with_dead
from tocsin.acknowledge import acknowledge
from tocsin.delivery import MINUTE, Delivery, Purpose, State
from tocsin.errors import Conflict
from tocsin.message import Message
from tocsin.ports import Kind, Outcome, Target
from tocsin.replay import How, Replayed
from tocsin.rules.config import Config
from tocsin.settings import Destination, Settings

BACKUP = How(to="backup")


def beside() -> World:
    """A dead letter of `ops`, and a destination that no route names."""
    names = ("ops", "backup")
    route = {"name": "all", "to": ["ops"], "mentions": {"critical": ["@everyone"]}}
    known = {name: Destination(name, "fake", {}) for name in names}
    world = World(Settings(Config.model_validate({"routes": [route]}), "0", known))

    def behave(_: Provider, __: Sequence[Message], target: Target) -> Outcome | None:
        return Outcome(Kind.PERMANENT, "400") if target.name == "ops" else None

    world.provider.behaviour = behave
    world.accept(event("e0", severity="critical", state="firing"))
    world.send_all()
    world.clock.at += MINUTE
    return world


def test_a_letter_is_closed_and_told_elsewhere() -> None:
    world = beside()
    died = ops(world)
    answered = again(world, how=BACKUP)
    world.send_all()
    there = world.one().deliveries["backup"]

    assert answered.deliveries["backup"].state is State.QUEUED
    assert world.provider.shown("backup") == ["e0"]
    assert there.state is State.SENT
    assert (there.purpose, there.route) == (Purpose.REPLAY, "all")
    assert (there.urgent, there.pings) == (died.urgent, died.pings)
    assert ops(world).state is State.CANCELLED
    assert ops(world).reason == "replayed to backup by ann"
    assert all_dead(world) == []
    assert world.one().status == "sent"
    action = world.one().actions[-1]
    assert (action.actor, action.what) == ("ann", "replayed to backup")
    assert action.note == "in the place of ops (400)"


def test_what_went_elsewhere_does_not_come_back_by_a_redrive() -> None:
    world = beside()
    again(world, how=BACKUP)
    world.send_all()
    world.provider.behaviour = None
    world.clock.at += MINUTE
    assert world.queue.redrive() == 1
    world.send_all()

    assert world.provider.shown("ops") == []
    assert world.provider.shown("backup") == ["e0"]
    assert ops(world).state is State.CANCELLED


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("call", [1, 2, 3, 4])
def test_going_elsewhere_survives_a_death_at_any_call_and_shows_once(
    call: int, after: bool
) -> None:
    world = beside()
    world.chaos = Chaos(call, after=after)
    world.restart()
    world.survive(lambda: again(world, how=BACKUP))
    if ops(world).state is State.DEAD_LETTER:
        again(world, how=BACKUP)
    world.live(minutes=10)

    assert world.provider.shown("backup") == ["e0"]
    assert ops(world).state is State.CANCELLED
    assert world.one().deliveries["backup"].state is State.SENT


def test_two_who_send_it_elsewhere_send_it_once() -> None:
    world = beside()
    world.seen_ledger = Meddler(world.ledger, "amend", lambda: again(world, how=BACKUP))
    with pytest.raises(Conflict):
        again(world, how=BACKUP)
    world.restart()
    world.send_all()

    assert world.provider.shown("backup") == ["e0"]
    assert len(world.one().actions) == 1


def test_one_who_acknowledges_meanwhile_is_not_lost() -> None:
    world = beside()
    name = world.one().id
    world.seen_ledger = Meddler(
        world.ledger,
        "amend",
        lambda: acknowledge(name, actor="bo", note="", means=world.means()),
    )
    again(world, how=BACKUP)

    assert [each.actor for each in world.one().actions] == ["bo", "ann"]
    assert world.one().ack_by == "bo"
    assert ops(world).state is State.CANCELLED


def test_one_who_had_read_it_before_does_not_write_over_the_replay() -> None:
    world = beside()
    name = world.one().id
    world.seen_ledger = Meddler(
        world.ledger, "amend", lambda: other_goes_elsewhere(world)
    )
    acknowledge(name, actor="bo", note="", means=world.means())

    assert [each.actor for each in world.one().actions] == ["ann", "bo"]
    assert ops(world).state is State.CANCELLED


def other_goes_elsewhere(world: World) -> None:
    world.seen_ledger = world.ledger
    again(world, how=BACKUP)


def test_both_letters_of_one_notification_become_one_message_elsewhere() -> None:
    world = with_dead(2, "ops", "team")
    known = {**world.settings.destinations, "backup": Destination("backup", "fake", {})}
    world.settings = replace(world.settings, destinations=known)

    assert selected_again(world, all_dead(world), BACKUP) == Replayed(4, 0)
    world.send_all()
    assert sorted(world.provider.shown("backup")) == ["e0", "e1"]
    assert all_dead(world) == []


def test_a_destination_that_was_told_is_not_told_twice() -> None:
    world = with_dead(1, "ops")
    shown = world.provider.shown("team")

    assert selected_again(world, all_dead(world), How(to="team")) == Replayed(1, 1)
    world.send_all()
    assert world.provider.shown("team") == shown == ["e0"]
    assert ops(world).state is State.CANCELLED
    assert all_dead(world) == []


def test_a_letter_that_goes_where_it_died_is_replayed_as_it_was() -> None:
    world = with_dead()
    again(world, how=How(to="ops"))
    world.send_all()

    assert world.provider.shown("ops") == ["e0"]
    assert ops(world).generation == 1


def test_where_it_was_suppressed_it_is_told_now() -> None:
    world = beside()
    row = world.one()
    quiet = Delivery("backup", state=State.SUPPRESSED, rev=3, ticket=2, reason="ttl")
    deliveries = {**row.deliveries, "backup": quiet}
    world.ledger.kept[row.id] = replace(row, deliveries=deliveries)
    again(world, how=BACKUP)
    world.send_all()

    assert world.provider.shown("backup") == ["e0"]
    assert world.one().deliveries["backup"].ticket == 3


def test_a_line_of_an_audit_does_not_stand_for_the_message() -> None:
    world = beside()
    row = world.one()
    line = Delivery("backup", state=State.SENT, purpose=Purpose.AUDIT, rev=3, shown=1)
    deliveries = {**row.deliveries, "backup": line}
    world.ledger.kept[row.id] = replace(row, deliveries=deliveries)
    again(world, how=BACKUP)
    world.send_all()

    assert world.provider.shown("backup") == ["e0"]


def test_what_dies_there_too_is_a_dead_letter_there() -> None:
    world = beside()
    world.provider.behaviour = lambda *_: Outcome(Kind.PERMANENT, "400 again")
    again(world, how=BACKUP)
    world.send_all()
    (dead,) = all_dead(world)

    assert dead.destination == "backup"
    assert ops(world).state is State.CANCELLED
