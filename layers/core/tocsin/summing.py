"""Summing up: what waited for one destination is told together, in a notification of
its own: a digest, the end of quiet hours, a storm, what a broken destination missed.

The summary's id follows from what it sums up, and it lists its members. So two sweeps
at once, or one that died half-way, make the same summary once; who is not among its
members is told by the next one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from tocsin.delivery import Delivery, Purpose, Timing
from tocsin.errors import Stale
from tocsin.identity import new_id
from tocsin.notification import Notification, Step
from tocsin.parcels import hand_over
from tocsin.ports import Clock, Commit, Ledger, Move, Outbox
from tocsin.rules.deciding import Rules
from tocsin.summary import MEMBERS, members_of, summary_event

Held = tuple[Notification, Delivery]
MOVES = 30
PARTS = 100


@dataclass(frozen=True, slots=True)
class Stack:
    """All that waited at one destination for the same reason until the same moment, in
    order of acceptance."""

    destination: str
    hold: str
    slot: int
    held: tuple[Held, ...]


def sum_up(
    held: Iterable[Held],
    *,
    rules: Rules,
    ledger: Ledger,
    outbox: Outbox,
    clock: Clock,
    timing: Timing,
) -> int:
    """Tell it all; returns how many deliveries were told. One that waits alone is sent
    as it is."""
    told = 0
    for stack in _stacks(held):
        run = _Summing(rules, ledger, outbox, clock, timing)
        told += run.tell(stack)
    return told


@dataclass(frozen=True, slots=True)
class _Summing:
    rules: Rules
    ledger: Ledger
    outbox: Outbox
    clock: Clock
    timing: Timing

    def tell(self, stack: Stack) -> int:
        if len(stack.held) == 1:
            return self._release(stack.held)
        summary = self._written(stack)
        if summary is None:
            return 0
        members = set(members_of(summary.event))
        mine = [(row, each) for row, each in stack.held if row.id in members]
        self._mark(mine, summary.id)
        hand_over(_queued(summary), self.outbox)
        return len(mine)

    def _written(self, stack: Stack) -> Notification | None:
        """The summary that tells of the first that waits, written now or before."""
        first = stack.held[0][0].id
        for part in range(PARTS):
            drawn = self._drawn(stack, part)
            found = self.ledger.load([drawn.id]).get(drawn.id)
            if found is None:
                with suppress(Stale):
                    self.ledger.commit([Commit(drawn)])
                found = self.ledger.load([drawn.id]).get(drawn.id)
            if found is not None and first in members_of(found.event):
                return found
        return None

    def _drawn(self, stack: Stack, part: int) -> Notification:
        now = self.clock.now()
        name = _id_of(stack, part)
        held = stack.held[:MEMBERS]
        event = summary_event(
            [row for row, _ in held], hold=stack.hold, zone=self.rules.config.timezone
        )
        delivery = Delivery(
            destination=stack.destination,
            route=held[0][1].route,
            purpose=Purpose.SUMMARY,
            updated_at=now,
            due_at=now + self.timing.heal,
        )
        told = f"tells of {len(held):,} that waited: {stack.hold}"
        return Notification(
            id=name,
            event=event,
            fingerprint=hashlib.sha256(name.encode()).hexdigest()[:32],
            state="notice",
            sender="tocsin",
            accepted_at=stack.slot,
            last_at=now,
            deliveries={stack.destination: delivery},
            trace=(Step("summary", told),),
        )

    def _mark(self, held: Sequence[Held], summary_id: str) -> None:
        now = self.clock.now()
        for start in range(0, len(held), MOVES):
            moves = [
                Move(row.id, old, old.told(now, summary_id))
                for row, old in held[start : start + MOVES]
            ]
            while moves:
                try:
                    self.ledger.move(moves)
                    break
                except Stale as stale:
                    lost = set(stale.losers) or set(range(len(moves)))
                    moves = [each for i, each in enumerate(moves) if i not in lost]

    def _release(self, held: Sequence[Held]) -> int:
        ((row, old),) = held
        new = old.requeued(self.clock.now(), self.timing)
        try:
            self.ledger.move([Move(row.id, old, new)])
        except Stale:
            return 0
        hand_over([(row.id, new)], self.outbox)
        return 1


def _stacks(held: Iterable[Held]) -> Iterator[Stack]:
    stacks: dict[tuple[str, str, int], list[Held]] = {}
    for row, delivery in held:
        place = (delivery.destination, delivery.hold, delivery.due_at or 0)
        stacks.setdefault(place, []).append((row, delivery))
    for place, waiting in stacks.items():
        waiting.sort(key=lambda pair: pair[0].id)
        yield Stack(*place, tuple(waiting))


def _id_of(stack: Stack, part: int) -> str:
    """Made at the slot, so that every run finds it again."""
    text = f"{stack.destination}\x1f{stack.hold}\x1f{stack.slot}\x1f{part}"
    return new_id(stack.slot, hashlib.sha256(text.encode()).digest()[:10])


def _queued(summary: Notification) -> Iterator[tuple[str, Delivery]]:
    for delivery in summary.deliveries.values():
        if not delivery.settled:
            yield summary.id, delivery
