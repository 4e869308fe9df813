"""Replay: what is dead is sent again, where it died."""

from __future__ import annotations

import pytest

from tests.fakes.chaos import Chaos
from tests.fakes.meddler import Broken, Meddler
from tests.fakes.world import World, event
from tests.unit.replaying import (
    again,
    all_dead,
    ops,
    refusing,
    selected_again,
    with_dead,
)
from tocsin.delivery import MINUTE, State
from tocsin.errors import Conflict, NotFound, Unavailable
from tocsin.ports import Dead, Kind, Outcome
from tocsin.replay import AT_ONCE, How, Replayed, replay


def test_a_dead_delivery_is_sent_again_under_a_new_generation() -> None:
    world = with_dead()
    before = ops(world)
    answered = again(world)
    world.send_all()

    assert answered.deliveries["ops"].state is State.QUEUED
    assert answered.deliveries["ops"].attempts == 0
    assert ops(world).state is State.SENT
    assert ops(world).generation == before.generation + 1
    assert "replayed by ann" in [line.reason for line in ops(world).log]
    assert world.provider.shown() == ["e0", "e0"]
    assert world.provider.shown("ops") == ["e0"]


def test_only_what_is_dead_is_replayed() -> None:
    world = with_dead()
    sent = world.one().deliveries["team"]
    again(world)

    assert world.one().deliveries["team"] == sent


def test_one_destination_may_be_named() -> None:
    world = with_dead(1, "ops", "team")
    again(world, "team")

    assert ops(world).state is State.DEAD_LETTER
    assert world.one().deliveries["team"].state is State.QUEUED


@pytest.mark.parametrize("destination", [None, "ops"])
def test_where_nothing_is_dead_there_is_nothing_to_replay(
    destination: str | None,
) -> None:
    world = World()
    world.accept(event())
    world.send_all()
    row = world.one()
    with pytest.raises(Conflict, match="none of its deliveries is a dead letter"):
        again(world, destination)

    assert world.one() == row
    assert world.queue.messages == []


def test_what_does_not_exist_cannot_be_replayed() -> None:
    world = with_dead()
    with pytest.raises(NotFound, match="'elsewhere'"):
        again(world, "elsewhere")
    with pytest.raises(NotFound, match="no notification"):
        replay(
            "0" * 26,
            destination=None,
            actor="ann",
            ledger=world.ledger,
            outbox=world.queue,
            clock=world.clock,
            timing=world.timing,
        )


def test_a_double_click_sends_once() -> None:
    world = with_dead()

    def other_click() -> None:
        world.clock.at += 1
        again(world)

    world.seen_ledger = Meddler(world.ledger, "move", other_click)
    with pytest.raises(Conflict):
        again(world)
    world.restart()
    world.send_all()

    assert world.provider.shown("ops") == ["e0"]
    assert ops(world).generation == 1


def test_after_a_replay_the_old_message_redriven_does_nothing() -> None:
    world = with_dead()
    again(world)
    world.send_all()
    world.clock.at += MINUTE
    assert world.queue.redrive() == 1
    world.send_all()

    assert world.provider.shown("ops") == ["e0"]
    assert world.queue.messages == []
    assert ops(world).generation == 1


def test_an_old_message_redriven_while_the_replay_waits_is_dropped() -> None:
    world = with_dead()
    again(world)
    world.queue.redrive()
    world.send_all()

    assert world.provider.shown("ops") == ["e0"]


def test_what_dies_again_after_a_replay_is_redriven_by_its_new_message_only() -> None:
    world = with_dead()
    (first,) = world.queue.dlq
    world.queue.dlq.clear()
    world.provider.behaviour = lambda *_: Outcome(Kind.PERMANENT, "400 again")
    again(world)
    world.send_all()
    (second,) = world.queue.dlq
    world.provider.behaviour = None

    for message, generation, shown in ((first, 1, []), (second, 2, ["e0"])):
        world.clock.at += MINUTE
        world.queue.dlq = [message]
        world.queue.redrive()
        world.send_all()
        assert ops(world).generation == generation
        assert world.provider.shown("ops") == shown


def test_a_replay_whose_message_is_lost_is_healed_by_the_sweep() -> None:
    world = with_dead()
    again(world, outbox=Broken(world.queue, Unavailable("down"), "send"))
    world.live(minutes=8)

    assert ops(world).state is State.SENT


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("call", [1, 2, 3, 4])
def test_a_replay_that_is_killed_at_any_call_loses_nothing(
    call: int, after: bool
) -> None:
    world = with_dead()
    world.chaos = Chaos(call, after=after)
    world.restart()
    world.survive(lambda: again(world))
    if ops(world).state is State.DEAD_LETTER:
        again(world)
    world.live(minutes=10)

    assert world.provider.shown("ops") == ["e0"]
    assert ops(world).state is State.SENT


@pytest.mark.parametrize("count", [1, AT_ONCE, 2 * AT_ONCE + 1])
def test_a_selection_is_replayed_in_full_parcels(count: int) -> None:
    world = with_dead(count)
    world.queue.sent.clear()

    assert selected_again(world, all_dead(world)).letters == count
    world.send_all()
    assert sorted(world.provider.shown("ops")) == sorted(f"e{n}" for n in range(count))
    assert len(world.queue.sent) <= -(-count // 10) + count // AT_ONCE
    assert all_dead(world) == []


def test_a_selection_counts_only_what_was_still_dead() -> None:
    world = with_dead(3)
    selection = all_dead(world)
    assert selected_again(world, selection[:1]).letters == 1
    world.send_all()
    strangers = [Dead("0" * 26, "ops", 1), Dead(selection[1].notification_id, "x", 1)]

    assert selected_again(world, [*selection, *strangers]).letters == 2
    world.send_all()
    assert len(world.provider.shown("ops")) == 3


def test_an_empty_selection_is_nothing() -> None:
    assert selected_again(World(), []) == Replayed(0, 0)


def test_only_what_is_still_open_is_sent_again_where_that_is_asked() -> None:
    world = refusing("ops", "team")
    world.accept(event("notice"), event("problem", state="firing"))
    world.accept(event("over", state="firing"))
    world.send_all()
    world.accept(event("over", state="resolved"))
    world.send_all()
    world.provider.behaviour = None
    before = len(world.provider.shown())

    done = selected_again(world, all_dead(world), How(open_only=True))
    world.send_all()

    assert done.letters == 2
    assert world.provider.shown()[before:] == ["problem", "problem"]


def test_a_notification_that_is_over_is_not_sent_again_as_open() -> None:
    world = with_dead()
    row = world.one()
    with pytest.raises(Conflict, match="not open"):
        again(world, how=How(open_only=True))

    assert world.one() == row
