"""The sweep: what was lost, is due again, or is swept twice at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial

import pytest

from tests.fakes.chaos import Killed
from tests.fakes.meddler import Broken, Meddler
from tests.fakes.provider import Provider
from tests.fakes.world import World, event, settings_for
from tests.unit.sending import delivery
from tests.unit.sweeping import (
    GRACE,
    a_retry_is_due,
    accept_many,
    failing,
    lose_the_queue,
)
from tocsin.delivery import MINUTE, State
from tocsin.errors import Unavailable
from tocsin.message import Message
from tocsin.ports import Kind, Move, Outcome, Target
from tocsin.sweep import PAGE


def test_what_was_committed_and_never_queued_is_sent_by_the_first_sweep_after_90_s() -> (
    None
):
    world = World()
    world.chaos.fatal, world.chaos.after = 2, True
    world.survive(lambda: world.accept(event()))
    assert world.queue.messages == []

    world.clock.at += GRACE
    assert world.sweep().healed == 0
    world.clock.at += 1_000
    assert world.sweep().healed == 1
    world.send_all()
    assert world.provider.shown() == ["Disk is full"]


def test_what_is_on_its_way_is_only_watched_and_not_sent_twice() -> None:
    world = World()
    world.accept(event())
    world.clock.at += GRACE + 1
    world.sweep()
    world.sweep()
    world.send_all()

    assert world.provider.shown() == ["Disk is full"]


def test_a_sweep_that_looks_at_what_is_just_being_sent_makes_no_double() -> None:
    """Its due time goes on top of the claim, and the outcome on top of both."""
    world = World()

    def swept_meanwhile(_: Provider, __: Sequence[Message], ___: Target) -> None:
        world.sweep()

    world.accept(event())
    world.clock.at += GRACE + 1
    world.provider.behaviour = swept_meanwhile
    world.send_all()
    world.live(minutes=15)

    assert world.provider.shown() == ["Disk is full"]
    assert delivery(world).state is State.SENT
    assert not delivery(world).possibly_sent


@pytest.mark.parametrize("kind", [Kind.TRANSIENT, Kind.LIMITED, Kind.UNKNOWN])
def test_no_outcome_is_lost_to_a_sweep_in_between(kind: Kind) -> None:
    world = World()

    def swept_meanwhile(_: Provider, __: Sequence[Message], ___: Target) -> Outcome:
        world.sweep()
        return Outcome(kind, "no", wait_ms=60_000)

    world.accept(event())
    world.clock.at += GRACE + 1
    world.provider.behaviour = swept_meanwhile
    world.send_once()

    expected = State.QUEUED if kind is Kind.LIMITED else State.FAILED
    assert delivery(world).state is expected


def test_a_crashed_sender_s_delivery_is_sent_again_and_marked() -> None:
    world = World()
    world.accept(event())
    world.chaos.fatal, world.chaos.after = len(world.chaos.calls) + 5, True
    assert world.survive(world.send_all)
    assert delivery(world).state is State.PROCESSING
    lose_the_queue(world)
    world.live(minutes=4)

    assert delivery(world).state is State.SENT
    assert delivery(world).possibly_sent


def test_a_delivery_that_may_not_be_doubled_dies_of_a_crash_and_stays_dead() -> None:
    """The sweep's own message for it must not pass for an operator's redrive, though
    the sender's first message is still there."""
    world = World(settings_for("ops", on_unknown="stop"))
    accept_many(world, 10)
    world.chaos.fatal, world.chaos.after = len(world.chaos.calls) + 5, True
    assert world.survive(world.send_all)
    assert len(world.provider.shown()) == 10
    world.live(minutes=30)

    assert len(world.provider.shown()) == 10
    assert world.statuses() == ["dead_letter"] * 10
    assert world.queue.messages == []
    assert {ticket for m in world.queue.dlq for ticket in m.parcel.tickets} == {
        (name, row.deliveries["ops"].ticket) for name, row in world.ledger.kept.items()
    }


def test_what_the_sweep_buried_can_be_redriven() -> None:
    world = World(settings_for("ops", on_unknown="stop"))
    world.accept(event())
    world.chaos.fatal, world.chaos.after = len(world.chaos.calls) + 5, True
    assert world.survive(world.send_all)
    world.live(minutes=10)
    assert delivery(world).state is State.DEAD_LETTER
    world.queue.redrive()
    world.send_all()

    assert delivery(world).state is State.SENT
    assert delivery(world).generation == 1


def test_what_crashes_every_sender_is_buried_after_six_calls() -> None:
    world = World()

    def explode(_: Provider, __: Sequence[Message], ___: Target) -> None:
        raise Killed

    world.provider.behaviour = explode
    world.accept(event())
    for _ in range(90):
        if world.survive(partial(world.live, 1)):
            world.clock.at += MINUTE

    assert len(world.provider.calls) == 6
    assert delivery(world).state is State.DEAD_LETTER
    assert len(world.queue.dlq) == 1


def test_a_retry_is_never_early_and_at_most_75_seconds_late() -> None:
    for offset in range(0, 60_000, 7_000):
        world = World()
        failing(world)
        world.accept(event())
        world.send_all()
        world.clock.at += offset
        for _ in range(150):
            due_at, calls = delivery(world).due_at, len(world.provider.calls)
            world.sweep()
            world.send_all()
            if due_at is not None and len(world.provider.calls) > calls:
                assert 0 <= world.provider.calls[-1][0] - due_at <= 75_000
            world.clock.at += MINUTE

        assert len(world.provider.calls) == 6


def test_a_retry_has_a_new_ticket_or_the_queue_would_swallow_it() -> None:
    world = World()
    failing(world, times=3)
    world.accept(event())
    world.live(minutes=25)

    tickets = [parcel.tickets[0][1] for parcel in world.queue.sent]
    assert tickets == [0, 1, 2, 3]
    assert world.provider.shown() == ["Disk is full"]


def test_more_than_a_page_is_worked_off_in_one_run() -> None:
    world = World()
    count = 5 * PAGE
    accept_many(world, count)
    for name, row in world.ledger.kept.items():
        old = row.deliveries["ops"]
        new = old.failed(world.clock.at, "500", world.timing)
        world.ledger.move([Move(name, old, new)])
    world.clock.at += MINUTE + 1
    world.queue.sent.clear()
    swept = world.sweep()

    assert swept.retried == count
    assert sum(len(parcel.tickets) for parcel in world.queue.sent) == count


def the_queue_was_lost(world: World) -> None:
    world.accept(*(event(f"e{n}") for n in range(12)))
    lose_the_queue(world)
    world.clock.at += 6 * MINUTE


def a_sender_crashed(world: World) -> None:
    world.accept(event())
    claimed = len(world.chaos.calls) + 4
    world.chaos.fatal, world.chaos.after = claimed, True
    assert world.survive(world.send_all)
    world.clock.at += 4 * MINUTE


TROUBLES = [a_retry_is_due, the_queue_was_lost, a_sender_crashed]


def calls_of_a_sweep(trouble: Callable[[World], None]) -> list[str]:
    world = World()
    trouble(world)
    world.chaos.calls.clear()
    world.sweep()
    return list(world.chaos.calls)


MOMENTS = [
    (trouble, name, nth)
    for trouble in TROUBLES
    for name, count in Counter(calls_of_a_sweep(trouble)).items()
    for nth in range(1, count + 1)
]


@pytest.mark.parametrize(
    ("trouble", "name", "nth"),
    MOMENTS,
    ids=[f"{trouble.__name__}-{name}-{nth}" for trouble, name, nth in MOMENTS],
)
def test_two_sweeps_at_once_queue_each_ticket_once(
    trouble: Callable[[World], None], name: str, nth: int
) -> None:
    """The second runs from end to end just before each call of the first."""

    def the_other_runs() -> None:
        world.clock.at += 1
        second.sweep()
        world.clock.at += 1

    world = World()
    trouble(world)
    sent = len(world.queue.sent)
    second = World(world.settings, world.clock)
    second.ledger, second.queue = world.ledger, world.queue
    second.restart()
    if name == "send":
        world.seen_queue = Meddler(world.queue, name, the_other_runs, at=nth)
    else:
        world.seen_ledger = Meddler(world.ledger, name, the_other_runs, at=nth)
    world.sweep()

    tickets = [
        ticket for parcel in world.queue.sent[sent:] for ticket in parcel.tickets
    ]
    assert len(tickets) == len(set(tickets)) == len(world.ledger.kept)
    world.restart()
    world.live(minutes=15)
    assert set(world.statuses()) == {"sent"}


DEATHS = [
    (trouble, call, after)
    for trouble in TROUBLES
    for call in range(1, len(calls_of_a_sweep(trouble)) + 1)
    for after in (False, True)
]


@pytest.mark.parametrize(
    ("trouble", "call", "after"),
    DEATHS,
    ids=[f"{t.__name__}-{'after' if a else 'before'}-{c}" for t, c, a in DEATHS],
)
def test_a_sweep_that_dies_at_any_call_loses_nothing(
    trouble: Callable[[World], None], call: int, after: bool
) -> None:
    world = World()
    trouble(world)
    world.chaos.fatal = len(world.chaos.calls) + call
    world.chaos.after = after
    assert world.survive(world.sweep)
    world.live(minutes=20)

    assert set(world.statuses()) == {"sent"}
    shown = Counter(world.provider.shown())
    assert set(shown.values()) == {1}


def test_a_queue_that_is_down_makes_the_run_incomplete_and_the_next_one_heals() -> None:
    world = World()
    a_retry_is_due(world)
    world.seen_queue = Broken(world.queue, Unavailable("down"), "send")
    swept = world.sweep()
    assert (swept.retried, swept.complete) == (1, False)

    world.restart()
    world.live(minutes=8)
    assert world.statuses() == ["sent"]
