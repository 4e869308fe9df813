"""Sweeping: once a minute, what is due is queued again, and everything is audited.

Two readings find all that is not settled: the calendar (retries, parked and watched
deliveries, by due time) and the audit (every new notification once, in order of id).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field

from tocsin.delivery import MINUTE, Delivery, State, Timing
from tocsin.ending import completed
from tocsin.errors import Stale, Unreadable
from tocsin.gathering import BROKEN
from tocsin.identity import SHARDS, first_id_at, time_of
from tocsin.judging import HEALS, advance
from tocsin.notification import Notification
from tocsin.parcels import hand_over, stale_cards, watched
from tocsin.ports import TIMER, Calendar, Clock, Due, HealthBook, Ledger, Move, Outbox
from tocsin.rules.deciding import Rules
from tocsin.summing import Held, sum_up
from tocsin.ticking import tick, wanted
from tocsin.values import dataclass

PAGE = 100
OVERDUE = 10 * MINUTE
BEGINNING = 24 * 60 * MINUTE
IDLE = 24 * 60 * MINUTE  # the mark moves on without news, or each run reads more days


@dataclass(frozen=True, slots=True)
class Swept:
    """What one run did. `failures`: promise 1 was at risk, which raises an alarm;
    `complete`: it came to the end before its time was over."""

    retried: int
    healed: int
    audited: int
    buried: int
    failures: int
    complete: bool
    ticked: int = 0
    summed: int = 0


def sweep(
    *,
    rules: Rules,
    ledger: Ledger,
    calendar: Calendar,
    outbox: Outbox,
    health: HealthBook,
    clock: Clock,
    timing: Timing,
    deadline: int,
) -> Swept:
    """One run over all shards. It may overlap with another or die at any point: each
    step is a compare-and-swap that leaves the next run a due time."""
    run = _Run(rules, ledger, calendar, outbox, health, clock, timing, deadline)
    begun = clock.now()
    for shard in range(SHARDS):
        run.work_off_due(shard, begun)
    run.sum_up()
    for shard in range(SHARDS):
        try:
            run.audit(shard)
        except Unreadable:
            # The mark stays before that row until a version that knows it runs.
            run.failures += 1
    return Swept(
        run.retried,
        run.healed,
        run.audited,
        run.buried,
        run.failures,
        run.complete,
        run.ticked,
        run.summed,
    )


@dataclass(slots=True)
class _Run:
    rules: Rules
    ledger: Ledger
    calendar: Calendar
    outbox: Outbox
    health: HealthBook
    clock: Clock
    timing: Timing
    deadline: int
    retried: int = 0
    healed: int = 0
    audited: int = 0
    buried: int = 0
    failures: int = 0
    complete: bool = True
    ticked: int = 0
    summed: int = 0
    held: list[Held] = field(default_factory=list)
    _wanted: list[tuple[str, Delivery]] = field(default_factory=list)
    _unreadable: set[str] = field(default_factory=set)

    def work_off_due(self, shard: int, before: int) -> None:
        """Queue again what is due; what becomes due meanwhile is for later, or of what
        waits together one shard would be seen without another."""
        after: Due | None = None
        while self._in_time():
            page = self.calendar.due(shard, before, PAGE, after)
            self._look_at(page)
            self._flush()
            if len(page) < PAGE:
                return
            after = page[-1]

    def _look_at(self, page: Sequence[Due]) -> None:
        found = self._readable({due.notification_id for due in page})
        found |= self._completed(found.values())
        for due in page:
            if due.notification_id in self._unreadable:
                continue
            notification = found.get(due.notification_id)
            if self.clock.now() - due.due_at > OVERDUE:
                self.failures += not _misses(notification, due.destination)
            if notification is None or due.due_at != _due_of(notification, due):
                self.calendar.forget(due)
            elif due.destination == TIMER:
                self._tick(notification)
            else:
                self._attend(notification, notification.deliveries[due.destination])

    def _attend(self, notification: Notification, delivery: Delivery) -> None:
        """It is due: to be told with others, to be shown anew, or to be sent."""
        if delivery.hold and delivery.state is State.QUEUED:
            self.held.append((notification, delivery))
        elif delivery.settled:
            self._show_anew(notification, delivery)
        else:
            self._advance(notification.id, delivery)

    def _tick(self, old: Notification) -> None:
        """What was planned for now, once, whoever else is at it."""
        now = self.clock.now()
        ticked = tick(old, rules=self.rules, timing=self.timing, now=now)
        new = ticked.notification
        changed = new.edition != old.edition or old.refresh_at != new.refresh_at
        if changed or any(stale_cards(new, now)):
            new = watched(new, now, self.timing)
        try:
            self.ledger.amend(old, new, closes=ticked.closes)
        except Stale:
            return  # It has changed: the next run ticks on what it is then.
        self.ticked += 1
        self._wanted += wanted(old, new)
        self._wanted += stale_cards(new, now)

    def _show_anew(self, notification: Notification, old: Delivery) -> None:
        """What was not edited is asked for again, ever rarer, and then no more."""
        now = self.clock.now()
        asked = [
            each
            for each in stale_cards(notification, now)
            if each[1].destination == old.destination and old.heals < HEALS
        ]
        tired = "it could not be edited" if old.shown < notification.edition else ""
        rests = old.left_as_it_is(now, tired)
        new = old.healed(now, self.timing) if asked else rests
        try:
            self.ledger.move([Move(notification.id, old, new)])
        except Stale:
            return
        self._wanted += asked

    def sum_up(self) -> None:
        """What waited is told in one message per destination and reason, unless the
        time was too short to see all of it: half a digest is worse than a late one."""
        if self.complete and self.held:
            self.summed += sum_up(
                self.held,
                rules=self.rules,
                ledger=self.ledger,
                outbox=self.outbox,
                health=self.health,
                clock=self.clock,
                timing=self.timing,
            )

    def _readable(self, ids: set[str]) -> dict[str, Notification]:
        """Those of another version are left as they are, and told by the alarm."""
        try:
            return self.ledger.load(ids) if ids else {}
        except Unreadable:
            found: dict[str, Notification] = {}
            for each in ids:
                try:
                    found |= self.ledger.load([each])
                except Unreadable:
                    self._unreadable.add(each)
            self.failures += 1
            return found

    def audit(self, shard: int) -> None:
        """Read each notification once; give what is not settled a due time."""
        mark = self.calendar.mark(shard)
        before = self.clock.now() - self.timing.grace
        after = mark or first_id_at(before - BEGINNING)
        while self._in_time():
            page = self.calendar.accepted(shard, after, before, PAGE)
            found = {each.id: each for each in page} | self._completed(page)
            for notification_id, old in _unwatched(found.values()):
                self._advance(notification_id, old)
            self._flush()
            self.audited += len(page)
            if page or before - time_of(after) > IDLE:
                after = page[-1].id if page else first_id_at(before)
                try:
                    self.calendar.set_mark(shard, mark, after)
                except Stale:
                    return  # Another sweep is ahead of this one.
                mark = after
            if len(page) < PAGE:
                return

    def _completed(self, rows: Iterable[Notification]) -> dict[str, Notification]:
        """Ends by which no problem was closed yet."""
        try:
            return completed(rows, ledger=self.ledger, now=self.clock.now())
        except Unreadable:
            self.failures += 1
            return {}

    def _advance(self, notification_id: str, old: Delivery) -> None:
        """Swap one delivery to its next state, and want it queued."""
        new = advance(old, self.clock.now(), self.timing)
        try:
            self.ledger.move([Move(notification_id, old, new)])
        except Stale:
            return  # A sender, an operator or another sweep is at it.
        if new.state is State.DEAD_LETTER:
            self.buried += 1
            # One that no sender took is our failure; one that its route forbids to
            # send twice is the route's will.
            self.failures += old.state is State.QUEUED
        elif old.state is State.QUEUED:
            self.healed += 1
        else:
            self.retried += 1
        if new.state in (State.QUEUED, State.DEAD_LETTER):
            # A dead one needs a queue message too, to bounce into the DLQ.
            self._wanted.append((notification_id, new))

    def _flush(self) -> None:
        wanted, self._wanted = self._wanted, []
        if not hand_over(wanted, self.outbox):
            self.complete = False

    def _in_time(self) -> bool:
        if self.clock.now() > self.deadline:
            self.complete = False
        return self.clock.now() <= self.deadline


def _misses(notification: Notification | None, destination: str) -> bool:
    """Whether it waits for a broken destination, which may be long."""
    delivery = notification and notification.deliveries.get(destination)
    return bool(delivery and delivery.hold == BROKEN)


def _due_of(notification: Notification, due: Due) -> int | None:
    if due.destination == TIMER:
        return notification.timer_at
    delivery = notification.deliveries.get(due.destination)
    return delivery.due_at if delivery else None


def _unwatched(page: Iterable[Notification]) -> Iterator[tuple[str, Delivery]]:
    for notification in page:
        for delivery in notification.deliveries.values():
            if not delivery.settled and delivery.due_at is None:
                yield notification.id, delivery
