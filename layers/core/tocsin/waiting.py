"""Waiting: what is held for destinations now, and as what it would be told.

Read from the sweep's calendar: a few pages of each shard, and nothing is written.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import suppress
from operator import attrgetter

from tocsin.delivery import Delivery, Timing
from tocsin.errors import Unreadable
from tocsin.identity import SHARDS
from tocsin.notification import Notification
from tocsin.ports import Calendar, Due, Ledger
from tocsin.summing import Stack, stacks_of, summary_of
from tocsin.values import dataclass

AHEAD = 8 * 86_400_000  # ms: a digest comes each week at the latest
PAGE, PAGES = 200, 5
READ = 200


@dataclass(frozen=True, slots=True)
class Wait:
    """What waits together: as what it would be told at `at` (ms), for what it waits,
    and how many there are."""

    notification: Notification
    hold: str
    at: int
    count: int


def waiting(
    destinations: Collection[str],
    *,
    calendar: Calendar,
    ledger: Ledger,
    zone: str,
    now: int,
    timing: Timing,
) -> tuple[dict[str, list[Wait]], bool]:
    """(by destination, where anything waits, the next first; whether there is more than
    was read)."""
    found = [due for shard in range(SHARDS) for due in _calendar(calendar, shard, now)]
    mine = [due for due in found if due.destination in destinations]
    mine.sort(key=attrgetter("due_at", "notification_id"))
    more = len(mine) > READ or len(found) >= PAGE * PAGES
    rows = _readable(ledger, dict.fromkeys(due.notification_id for due in mine[:READ]))
    held: dict[str, list[tuple[Notification, Delivery]]] = {}
    for due in mine[:READ]:
        row = rows.get(due.notification_id)
        delivery = row.deliveries.get(due.destination) if row else None
        if row and delivery and delivery.hold and delivery.due_at == due.due_at:
            held.setdefault(due.destination, []).append((row, delivery))
    told = {
        name: [
            _told(stack, zone, now, timing)
            for stack in sorted(stacks_of(held[name]), key=attrgetter("slot"))
        ]
        for name in sorted(held)
    }
    return told, more


def _readable(ledger: Ledger, ids: Collection[str]) -> dict[str, Notification]:
    """One row that cannot be read hides no others from people."""
    try:
        return ledger.load(ids)
    except Unreadable:
        found: dict[str, Notification] = {}
        for each in ids:
            with suppress(Unreadable):
                found |= ledger.load([each])
        return found


def _told(stack: Stack, zone: str, now: int, timing: Timing) -> Wait:
    """One that waits alone is told as it is."""
    row = stack.held[0][0]
    if len(stack.held) > 1:
        row = summary_of(stack, 0, zone=zone, now=now, heal=timing.heal)
    return Wait(row, stack.hold, stack.slot, len(stack.held))


def _calendar(calendar: Calendar, shard: int, now: int) -> Iterator[Due]:
    after: Due | None = None
    for _ in range(PAGES):
        page = calendar.due(shard, now + AHEAD, PAGE, after)
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1]
