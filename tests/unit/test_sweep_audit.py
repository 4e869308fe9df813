"""The sweep's audit: each notification is read once, and what is amiss rings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from tests.fakes.world import World, event, settings_for
from tests.unit.sending import delivery
from tests.unit.sweeping import (
    DAY,
    GRACE,
    a_retry_is_due,
    accept_many,
    failing,
    lose_the_queue,
)
from tocsin.delivery import MINUTE, State
from tocsin.errors import Unreadable
from tocsin.identity import SHARDS, shard_of, time_of
from tocsin.notification import Notification
from tocsin.ports import Move
from tocsin.sweep import PAGE, sweep


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
