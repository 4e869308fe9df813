"""The sweep: what it finds, when it queues it, and what a second or a dead one does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial

import pytest

from tests.fakes.chaos import Killed
from tests.fakes.meddler import Broken, Meddler
from tests.fakes.provider import Provider
from tests.fakes.world import World, event, settings_for
from tocsin.delivery import MINUTE, Delivery, State, Timing
from tocsin.errors import Unavailable, Unreadable
from tocsin.identity import SHARDS, shard_of, time_of
from tocsin.message import Message
from tocsin.notification import Notification
from tocsin.ports import Kind, Move, Outcome, Target
from tocsin.sweep import PAGE, sweep

GRACE = Timing().grace
DAY = 24 * 60 * MINUTE


def failing(world: World, *, times: int = 10**6) -> None:
    """The provider answers 500 so often, then well."""
    left = [times]

    def behave(_: Provider, __: Sequence[Message], ___: Target) -> Outcome | None:
        left[0] -= 1
        return Outcome(Kind.TRANSIENT, "500") if left[0] >= 0 else None

    world.provider.behaviour = behave


def accept_many(world: World, count: int) -> None:
    for start in range(0, count, 50):
        world.accept(*(event(f"e{start + n}") for n in range(min(50, count - start))))


def lose_the_queue(world: World) -> None:
    world.queue.messages.clear()
    world.queue.sent.clear()


def delivery(world: World, name: str = "ops") -> Delivery:
    return world.one().deliveries[name]


# --- what was committed and never sent --------------------------------------


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


# --- retries ----------------------------------------------------------------


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


# --- two sweeps, dead sweeps ------------------------------------------------


def a_retry_is_due(world: World) -> None:
    failing(world, times=1)
    world.accept(event())
    world.send_all()
    world.clock.at += MINUTE + 1_000


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


# --- the audit --------------------------------------------------------------


class Reading:
    """The calendar, remembering whom the audit read."""

    def __init__(self, world: World) -> None:
        self._ledger = world.ledger
        self.read: list[str] = []
        self.queries = 0

    def accepted(
        self, shard: int, after: str, before: int, limit: int
    ) -> list[Notification]:
        page = self._ledger.accepted(shard, after, before, limit)
        self.queries += 1
        self.read += [row.id for row in page]
        return page

    def __getattr__(self, name: str) -> object:
        return getattr(self._ledger, name)


def test_the_audit_reads_each_notification_exactly_once() -> None:
    world = World()
    reading = Reading(world)
    for minute in range(30):
        accept_many(world, 1 + (minute * 37) % 90)
        world.seen_ledger = reading
        world.sweep()
        world.clock.at += MINUTE - 7_001 * (minute % 3)
    world.clock.at += GRACE + 1
    world.sweep()

    assert Counter(reading.read) == Counter(list(world.ledger.kept))


def test_the_audit_starts_a_day_back_at_the_very_first_run() -> None:
    world = World()
    accept_many(world, 5)
    lose_the_queue(world)
    world.clock.at += DAY
    world.live(minutes=2)

    assert set(world.statuses()) == {"sent"}


def test_the_mark_moves_on_without_news_or_each_run_would_read_more_days() -> None:
    world = World()
    accept_many(world, 9)
    world.live(minutes=3)
    world.clock.at += 30 * DAY
    world.sweep()

    marks = [world.ledger.mark(shard) for shard in range(SHARDS)]
    assert any(marks)
    assert all(world.clock.at - time_of(mark) < DAY for mark in marks if mark)
    world.accept(event("after the silence"))
    lose_the_queue(world)
    world.live(minutes=10)
    assert set(world.statuses()) == {"sent"}


def test_a_mark_in_a_quiet_hour_costs_no_write() -> None:
    world = World()
    accept_many(world, 9)
    world.live(minutes=3)
    world.chaos.calls.clear()
    world.live(minutes=60)

    assert "set_mark" not in world.chaos.calls


# --- alarms -----------------------------------------------------------------


def test_what_nobody_looked_at_for_long_is_queued_late_and_raises_an_alarm() -> None:
    world = World()
    a_retry_is_due(world)
    world.clock.at += 9 * MINUTE
    swept = world.sweep()
    assert (swept.retried, swept.failures) == (1, 0)

    late = World()
    a_retry_is_due(late)
    late.clock.at += 11 * MINUTE
    swept = late.sweep()
    assert (swept.retried, swept.failures) == (1, 1)


def test_what_no_sender_ever_takes_is_dead_raises_an_alarm_and_reaches_the_dlq() -> (
    None
):
    """Nothing is forgotten in silence: it ends where people look."""
    world = World()
    world.accept(event())
    failures = buried = 0
    for _ in range(9 * 60):
        lose_the_queue(world)
        swept = world.sweep()
        failures, buried = failures + swept.failures, buried + swept.buried
        world.clock.at += MINUTE
        if buried:
            break
    assert (failures, buried) == (1, 1)
    assert delivery(world).state is State.DEAD_LETTER
    world.send_all()

    assert world.provider.calls == []
    assert len(world.queue.dlq) == 1
    world.queue.redrive()
    world.clock.at += 1
    world.send_all()
    assert world.provider.shown() == ["Disk is full"]


def test_a_run_without_trouble_counts_nothing() -> None:
    world = World()
    accept_many(world, 20)
    world.send_all()
    world.clock.at += 2 * MINUTE
    swept = world.sweep()

    assert (swept.retried, swept.healed, swept.buried, swept.failures) == (0, 0, 0, 0)
    assert (swept.audited, swept.complete) == (20, True)


# --- the deadline -----------------------------------------------------------


def test_a_run_that_is_out_of_time_says_so_and_the_next_one_goes_on() -> None:
    world = World()
    accept_many(world, 8 * PAGE)
    lose_the_queue(world)
    world.clock.at += GRACE + 1
    slow = world.ledger.move

    class Slow:
        def __getattr__(self, name: str) -> object:
            return getattr(world.ledger, name)

        def move(self, moves: object) -> None:
            world.clock.at += 100
            slow(moves)  # type: ignore[arg-type]

    def run() -> bool:
        return sweep(
            ledger=Slow(),  # type: ignore[arg-type]
            rules=world.settings.rules(),
            calendar=world.ledger,
            outbox=world.queue,
            health=world.health,
            clock=world.clock,
            timing=world.timing,
            deadline=world.clock.at + 20_000,
        ).complete

    began = world.clock.at
    assert not run()
    assert world.clock.at - began <= 20_000 + PAGE * 100
    runs = 1
    while not run():
        runs += 1
    assert runs <= 8
    assert all(row.deliveries["ops"].due_at for row in world.ledger.kept.values())


def test_a_death_that_the_route_asked_for_raises_no_alarm() -> None:
    world = World(settings_for("ops", on_unknown="stop"))
    world.accept(event())
    row = world.one()
    claimed = delivery(world).claimed(world.clock.at, world.timing.lease)
    world.ledger.move([Move(row.id, delivery(world), claimed)])
    lose_the_queue(world)
    world.clock.at += world.timing.lease + GRACE
    swept = world.sweep()

    assert delivery(world).state is State.DEAD_LETTER
    assert (swept.buried, swept.failures) == (1, 0)


def test_a_row_of_another_version_holds_up_no_retry_and_rings() -> None:
    world = World()
    failing(world)
    accept_many(world, 6)
    world.send_all()
    strange = min(world.ledger.kept)
    load, accepted = world.ledger.load, world.ledger.accepted

    def loads(ids: Iterable[str]) -> dict[str, Notification]:
        asked = list(ids)
        if strange in asked:
            raise Unreadable
        return load(asked)

    def reads(shard: int, after: str, before: int, limit: int) -> list[Notification]:
        if shard == shard_of(strange):
            raise Unreadable
        return accepted(shard, after, before, limit)

    world.ledger.load = loads  # type: ignore[method-assign]
    world.ledger.accepted = reads  # type: ignore[method-assign]
    world.restart()
    world.clock.at += 2 * MINUTE
    swept = world.sweep()

    assert swept.retried == 5
    assert swept.failures >= 1
