"""What a lane has in hand: tickets, their rows in the ledger, their queue messages."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import field

from tocsin.delivery import Delivery, State
from tocsin.errors import Stale
from tocsin.message import Message, Posted
from tocsin.notification import Notification
from tocsin.ports import Clock, Inflight, Ledger, Move, Record
from tocsin.values import dataclass

PARK_MS = 900_000  # longer waits leave the queue
RECEIVES = 7  # beyond these a record leaves the queue before SQS gives up on it


@dataclass(slots=True)
class Item:
    """One ticket in hand. `alone`: it must not share a call with others. `answers`: the
    message under which it is to be put."""

    record: Record
    notification: Notification
    delivery: Delivery
    message: Message | None = None
    alone: bool = False
    answers: Posted | None = None


@dataclass(slots=True)
class Hand:
    """Changes rows by compare-and-swap, and remembers which records must stay."""

    records: Sequence[Record]
    ledger: Ledger
    inflight: Inflight
    clock: Clock
    dead: int = 0
    _kept: dict[str, int] = field(default_factory=dict)

    def swap(self, items: Sequence[Item], news: Sequence[Delivery]) -> tuple[int, ...]:
        """Positions that lost; if none did, the items carry their new deliveries."""
        moves = [
            Move(item.notification.id, item.delivery, new)
            for item, new in zip(items, news, strict=True)
        ]
        try:
            self.ledger.move(moves)
        except Stale as stale:
            return stale.losers or tuple(range(len(items)))
        for item, new in zip(items, news, strict=True):
            item.delivery = new
        return ()

    def record(self, items: Sequence[Item], change: Callable[[Item], Delivery]) -> None:
        """Swap all; whose claim someone else ended meanwhile keeps their change."""
        rest = list(items)
        while rest:
            lost = self.swap(rest, [change(item) for item in rest])
            if not lost:
                return
            ended = self._ended([rest[position] for position in lost])
            rest = [item for item in rest if item.notification.id not in ended]

    def _ended(self, items: Sequence[Item]) -> set[str]:
        """Whose claim does not stand. A claim that does may have been looked at: the
        sweep gives it a due time, and then the outcome belongs on top of that."""
        found = self.ledger.load([item.notification.id for item in items])
        ended = set()
        for item in items:
            row = found.get(item.notification.id)
            now = row.deliveries.get(item.delivery.destination) if row else None
            if now and now.lease_until == item.delivery.lease_until:
                item.delivery = now
            else:
                ended.add(item.notification.id)
        return ended

    def claim(self, items: Sequence[Item], lease: int) -> list[Item]:
        """Write the intent before the call; drop what someone else has changed."""
        now, rest = self.clock.now(), list(items)
        while rest:
            lost = self.swap(rest, [item.delivery.claimed(now, lease) for item in rest])
            if not lost:
                break
            for position in lost:
                self.keep(rest[position].record, 0)
            rest = [item for i, item in enumerate(rest) if i not in lost]
        return rest

    def bury(self, items: Iterable[Item], reason: str) -> None:
        """Dead at once: each one's queue message bounces into the DLQ."""
        now = self.clock.now()
        for item in items:
            dead = item.delivery.died(now, reason, item.record.message_id)
            if not self.swap([item], [dead]):
                self.dead += 1
            self.keep(item.record, 0)

    def bounce_dead(self, items: Iterable[Item]) -> None:
        """Those whose last attempt just failed start bouncing."""
        for item in items:
            if item.delivery.state is State.DEAD_LETTER:
                self.dead += 1
                self.keep(item.record, 0)

    def put_off(self, items: Iterable[Item], wait_ms: int, why: str) -> None:
        """Hide the records, or let the deliveries leave the queue until they are due:
        when the wait is long, or SQS would soon dead-letter a healthy message."""
        now = self.clock.now()
        for item in items:
            if wait_ms > PARK_MS or item.record.receives >= RECEIVES:
                parked = item.delivery.parked(now, now + wait_ms, why)
                if not self.swap([item], [parked]):
                    continue
            self.keep(item.record, math.ceil(wait_ms / 1000))

    def keep(self, record: Record, seconds: int) -> None:
        """The record stays in the queue, hidden at least so long."""
        known = self._kept.get(record.message_id, 0)
        self._kept[record.message_id] = max(known, seconds)

    def kept(self) -> list[Record]:
        """Records that must stay."""
        return [record for record in self.records if record.message_id in self._kept]

    def finished(self) -> list[Record]:
        """Records with nothing left to do."""
        return [
            record for record in self.records if record.message_id not in self._kept
        ]

    def hide(self) -> None:
        """Tell the queue how long each kept record stays hidden."""
        waits: dict[int, list[Record]] = {}
        for record in self.kept():
            waits.setdefault(self._kept[record.message_id], []).append(record)
        for seconds, records in waits.items():
            self.inflight.hide(records, seconds)
