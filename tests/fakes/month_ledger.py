"""A ledger for a month: what is due and what is kept are looked up, not gone through."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterator

from tests.fakes.clock import FakeClock
from tests.fakes.ledger import FakeLedger
from tocsin.identity import first_id_at, shard_of
from tocsin.notification import Notification
from tocsin.ports import TIMER, Due


class Kept(dict[str, Notification]):
    """The rows, with what is due and their order at hand: a month has many minutes."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: dict[str, list[tuple[str, int]]] = {}
        self.order: list[str] = []

    def __setitem__(self, name: str, row: Notification) -> None:
        if name not in self:
            insort(self.order, name)
        super().__setitem__(name, row)
        dues = [
            (each.destination, each.due_at)
            for each in row.deliveries.values()
            if each.due_at is not None
        ]
        if row.timer_at is not None:
            dues.append((TIMER, row.timer_at))
        if dues:
            self.waiting[name] = dues
        else:
            self.waiting.pop(name, None)


class MonthLedger(FakeLedger):
    """The same, fast where a sweep looks."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(clock)
        self.rows = Kept()
        self.kept = self.rows
        self.amended: Callable[[Notification, Notification], None]

    def due(
        self, shard: int, before: int, limit: int, after: Due | None = None
    ) -> list[Due]:
        found = sorted(
            (at, name, destination)
            for name, dues in self.rows.waiting.items()
            if shard_of(name) == shard
            for destination, at in dues
            if at <= before
        )
        if after is not None:
            last = after.due_at, after.notification_id, after.destination
            found = [each for each in found if each > last]
        return [Due(name, place, at) for at, name, place in found[:limit]]

    def accepted(
        self, shard: int, after: str, before: int, limit: int
    ) -> list[Notification]:
        order = self.rows.order
        first = bisect_right(order, after)
        last = bisect_left(order, first_id_at(before))
        found = (name for name in order[first:last] if shard_of(name) == shard)
        return [self.kept[name] for name, _ in zip(found, range(limit), strict=False)]

    def dues(self) -> Iterator[int]:
        """When a sweep will find something to do."""
        return (at for dues in self.rows.waiting.values() for _, at in dues)

    def amend(self, old: Notification, new: Notification, *, closes: bool) -> None:
        super().amend(old, new, closes=closes)
        self.amended(old, new)
