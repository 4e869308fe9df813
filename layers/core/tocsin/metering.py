"""Metering: how deliveries go, out of the latest notifications. No index, no scan.

At most `MOST` rows are read, newest first; where that does not reach back as far as was
asked for, the figures say since when they hold.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping

from tocsin.delivery import MINUTE, Delivery, Purpose, State
from tocsin.identity import SHARDS
from tocsin.notification import Notification
from tocsin.ports import Archive, Calendar
from tocsin.values import dataclass

MOST = 1_000
SLOTS = 24
_PAGE = 250
_UNDER_WAY = frozenset({State.QUEUED, State.PROCESSING})


@dataclass(frozen=True, slots=True)
class Slot:
    """Deliveries of what was accepted from `at` (ms) on, until the next slot, by the
    state in which they stand now."""

    at: int
    states: Mapping[State, int]


@dataclass(frozen=True, slots=True)
class Latency:
    """Ms from accepted to sent, of those that were to be told at once; () = none."""

    waits: tuple[int, ...] = ()

    def at(self, share: float) -> int | None:
        """The wait within which that share was sent."""
        if not self.waits:
            return None
        ordered = sorted(self.waits)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@dataclass(frozen=True, slots=True)
class Tally:
    """Deliveries to one destination, and when it last took one (ms), None = none."""

    states: Mapping[State, int]
    last_sent: int | None


@dataclass(frozen=True, slots=True)
class Figures:
    """How it went since `since` (ms). `complete`: that is as far back as was asked.

    waiting  deliveries in the queue or with a sender, right now
    oldest   since when the first of them waits (ms), None = none does
    overdue  since when the first of what the sweep is to do is due, None = nothing is
    """

    since: int
    until: int
    complete: bool
    notifications: int
    slots: tuple[Slot, ...]
    latency: Latency
    waiting: int
    oldest: int | None
    overdue: int | None
    destinations: Mapping[str, Tally]

    @property
    def states(self) -> Counter[State]:
        """Deliveries by the state in which they stand."""
        total: Counter[State] = Counter()
        for slot in self.slots:
            total.update(slot.states)
        return total


def figures(now: int, minutes: int, *, archive: Archive, calendar: Calendar) -> Figures:
    """Of the last `minutes`, in `SLOTS` slots that begin at round times."""
    width = max(1, -(-minutes // SLOTS)) * MINUTE
    end = now - now % width + width
    since = end - SLOTS * width
    rows, complete = _latest(archive, since=since, until=now + 1)
    known_since = since if complete else min(row.accepted_at for row in rows)
    told = [(row, each) for row in rows for each in row.deliveries.values()]
    waiting = [each for _, each in told if _waits(each)]
    waits = tuple(wait for row, each in told for wait in _waits_of(row, each))
    return Figures(
        since=known_since,
        until=now,
        complete=complete,
        notifications=len(rows),
        slots=tuple(_slots(told, since, width)),
        latency=Latency(waits),
        waiting=len(waiting),
        oldest=min((each.updated_at for each in waiting), default=None),
        overdue=_overdue(calendar, now),
        destinations=_by_destination([each for _, each in told]),
    )


def _latest(
    archive: Archive, *, since: int, until: int
) -> tuple[list[Notification], bool]:
    rows: list[Notification] = []
    cursor = ""
    while len(rows) < MOST:
        page, cursor = archive.recent(
            since=since, until=until, limit=_PAGE, cursor=cursor
        )
        rows += page
        if not cursor:
            return rows, True
    return rows, False


def _slots(
    told: Iterable[tuple[Notification, Delivery]], since: int, width: int
) -> Iterator[Slot]:
    counts = [Counter[State]() for _ in range(SLOTS)]
    for row, delivery in told:
        place = (row.accepted_at - since) // width
        if 0 <= place < SLOTS:
            counts[place][delivery.state] += 1
    for place, states in enumerate(counts):
        yield Slot(since + place * width, states)


def _by_destination(told: Iterable[Delivery]) -> dict[str, Tally]:
    states: defaultdict[str, Counter[State]] = defaultdict(Counter)
    last: dict[str, int] = {}
    for delivery in told:
        name = delivery.destination
        states[name][delivery.state] += 1
        for line in delivery.log:
            if line.what == "sent":
                last[name] = max(line.at, last.get(name, 0))
    return {name: Tally(states[name], last.get(name)) for name in sorted(states)}


def _waits(delivery: Delivery) -> bool:
    return delivery.state in _UNDER_WAY and not delivery.hold


def _waits_of(row: Notification, delivery: Delivery) -> Iterator[int]:
    """Its first sending, if nothing but Tocsin and the provider made it wait: what was
    held for a digest or a quiet night, or told later on purpose, is no latency."""
    on_purpose = delivery.purpose is not Purpose.ROUTE or delivery.generation
    if on_purpose or any(line.what == "held" for line in delivery.log):
        return
    for line in delivery.log:
        if line.what == "sent":
            yield max(0, line.at - row.accepted_at)
            return


def _overdue(calendar: Calendar, now: int) -> int | None:
    first = [calendar.due(shard, now, 1) for shard in range(SHARDS)]
    return min((due.due_at for found in first for due in found), default=None)
