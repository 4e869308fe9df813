"""Summing up: what waited for one destination is told together, in a notification of
its own: a digest, the end of quiet hours, a storm, what a broken destination missed.

While a destination is broken, what it missed goes on waiting: one is sent as a probe
now and then, and all the rest is told when that has come through.

The summary's id follows from what it sums up, and it lists its members. So two sweeps
at once, or one that died half-way, make the same summary once; who is not among its
members is told by the next part of it, which is written by those only who know who is
told by the parts before. One that waits alone is sent as it is, and takes a part for
that: nobody writes it any more, so that nobody else tells of it. So do those that have
waited for too long, all together.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import compress

from tocsin.delivery import MINUTE, Delivery, Purpose, Timing
from tocsin.errors import Stale
from tocsin.gathering import (
    BROKEN,
    LONGEST,
    is_broken,
    next_minute,
    next_probe,
    stands_alone,
)
from tocsin.identity import memory_key, new_id
from tocsin.judging import EXPIRED, expired
from tocsin.memory import Memory
from tocsin.notification import Notification, Step, delivery_in
from tocsin.parcels import hand_over, stale_cards
from tocsin.ports import Clock, Commit, Health, HealthBook, Ledger, Move, Outbox
from tocsin.rules.deciding import Rules
from tocsin.summary import MEMBERS, members_of, summary_event
from tocsin.values import dataclass

Held = tuple[Notification, Delivery]
Part = tuple[
    frozenset[str], Notification | None
]  # who, and the summary that tells them
MOVES = 30
PARTS = 100
TAKEN = 24 * 60 * MINUTE  # for which a part is not taken again by one alone
SLACK = MINUTE // 2  # or a probe each minute would be one each other sweep


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
    health: HealthBook,
    clock: Clock,
    timing: Timing,
) -> int:
    """Tell it all; returns how many deliveries were told. One that waits alone is sent
    as it is."""
    run = _Summing(rules, ledger, outbox, clock, timing)
    missed, others = _parted(held)
    # By the time they were to be told at, which all sweeps see alike.
    lasting = run.not_expired(others, lambda each: each.due_at or clock.now())
    told = sum(run.tell(stack) for stack in stacks_of(lasting))
    known = health.health(missed) if missed else {}
    for name, waiting in missed.items():
        told += run.tell_missed(name, waiting, known.get(name, Health()))
    return told


@dataclass(frozen=True, slots=True)
class _Summing:
    rules: Rules
    ledger: Ledger
    outbox: Outbox
    clock: Clock
    timing: Timing

    def tell(self, stack: Stack, *, together: bool = True) -> int:
        """Each in one part of it: in one that is taken already, or else in the next.
        Who has seen others wait than we did may have taken those before. Not
        `together`: what nobody has told is sent, each as it is."""
        rest, told = stack, 0
        for part in range(PARTS):
            members, summary = (
                self._part(rest, part, together) if rest.held else ((), None)
            )
            if not members:
                break
            mine = [held for held in rest.held if held[0].id in members]
            others = tuple(held for held in rest.held if held[0].id not in members)
            rest = replace(rest, held=others)
            if summary is None:
                told += self._release(mine)
                continue
            self._mark(mine, summary.id)
            hand_over(_queued(summary), self.outbox)
            told += len(mine)
        else:
            told += self._release(rest.held)  # Nobody can tell of them any more.
        return told

    def _part(self, rest: Stack, part: int, together: bool) -> Part:
        """Taken before or now; by nobody if there is nothing left to tell."""
        name = _id_of(rest, part)
        found = self.ledger.load([name]).get(name)
        if found is None:
            looks = together and len(rest.held) > 1
            waiting = self._still_waiting(rest.held) if looks else rest.held
            if not waiting:
                return frozenset(), None
            with suppress(Stale):  # Another sweep was faster.
                return self._taken(replace(rest, held=waiting), part, together)
            found = self.ledger.load([name]).get(name)
        return self._released_in(name, rest) if found is None else _told_in(found)

    def _taken(self, stack: Stack, part: int, together: bool) -> Part:
        """Taken by these, unless others have: whether one is told by itself or with
        others is decided by one write. Raises `Stale`."""
        name, now = _id_of(stack, part), self.clock.now()
        if together and len(stack.held) > 1:
            drawn = self._drawn(stack, part)
            self.ledger.commit([Commit(drawn, remembered=_taker(name, now))])
            return _told_in(drawn)
        ids = [row.id for row, _ in stack.held]
        taker = replace(_taker(ids[-1], now), told=len(ids))
        self.ledger.remember(_place_of(name), None, taker)
        return frozenset(ids), None

    def _released_in(self, name: str, rest: Stack) -> Part:
        """Who has taken that part without being told in it: one, or all up to it."""
        taken = set[str]()
        for each in self.ledger.memories([_place_of(name)]).values():
            ids = [row.id for row, _ in rest.held] if each.told > 1 else []
            taken |= {each.holder, *(own for own in ids if own <= each.holder)}
        return frozenset(taken), None

    def _let_go(self, held: Iterable[Held]) -> int:
        """Send each as it is, but for what a summary tells of, whoever made that."""
        return sum(self.tell(stack, together=False) for stack in stacks_of(held))

    def _still_waiting(self, held: tuple[Held, ...]) -> tuple[Held, ...]:
        """Without what another sweep has told since."""
        found = self.ledger.load([row.id for row, _ in held])
        return tuple(
            (row, each)
            for row, each in held
            if delivery_in(found, row.id, each.destination) == each
        )

    def tell_missed(self, name: str, waiting: Sequence[Held], health: Health) -> int:
        """All that a broken destination has missed, once it works again. What is left
        alone meanwhile stays due, and so comes by again with each sweep."""
        now = self.clock.now()
        upkeep = self.rules.upkeeps.get(name)
        if upkeep is None or health.disabled_at:
            # Nobody waits for it any more: the sender says why.
            return self._let_go(waiting)
        old = [each for each in waiting if now - each[0].accepted_at >= LONGEST]
        if old:
            # It is tried, and dies by that, rather than wait for ever.
            return self._let_go(old)
        waiting = self.not_expired(waiting, lambda _: now)
        if is_broken(upkeep, health):
            due = now + SLACK >= next_probe(upkeep, health)
            probe = sorted(waiting, key=_as_probe)[:1] if due else []
            return sum(self.tell(stack) for stack in stacks_of(probe))
        alone = [each for each in waiting if stands_alone(each[1])]
        told = self._release(alone)
        stacks = list(stacks_of(each for each in waiting if not stands_alone(each[1])))
        begun = [len(stacks) < 2 or self._is_begun(stack) for stack in stacks]
        told += sum(self.tell(stack) for stack in compress(stacks, begun))
        # Under one time they are one stack, and whoever dies half-way changes nothing.
        until = next_minute(now)
        self._move(
            [
                Move(row.id, old, old.held(now, until, old.hold))
                for stack, is_begun in zip(stacks, begun, strict=True)
                if not is_begun
                for row, old in stack.held
            ]
        )
        return told

    def _is_begun(self, stack: Stack) -> bool:
        """Whether a summary tells of some of it, which may be marked by nobody yet. If
        not, none does from now on: whoever was about to write one sends each as it is,
        unless it waits longer by then."""
        ids = {row.id for row, _ in stack.held}
        for part in range(PARTS):
            members, summary = self._part(stack, part, together=False)
            if summary is not None or ids <= members:
                return summary is not None
        return False

    def not_expired(
        self, waiting: Sequence[Held], turn: Callable[[Delivery], int]
    ) -> list[Held]:
        """Those that are not too old when it is their `turn`. The others are not told
        any more."""
        now = self.clock.now()
        over = [expired(row, each, turn(each)) for row, each in waiting]
        self._move(
            [
                Move(row.id, old, old.suppressed(now, EXPIRED))
                for row, old in compress(waiting, over)
            ]
        )
        return [each for each, gone in zip(waiting, over, strict=True) if not gone]

    def _drawn(self, stack: Stack, part: int) -> Notification:
        zone, heal = self.rules.config.timezone, self.timing.heal
        return summary_of(stack, part, zone=zone, now=self.clock.now(), heal=heal)

    def _mark(self, held: Sequence[Held], summary_id: str) -> None:
        now = self.clock.now()
        self._move([Move(row.id, old, old.told(now, summary_id)) for row, old in held])
        problems = [row.resolves for row, _ in held if row.resolves]
        found = self.ledger.load(problems) if problems else {}
        for problem in found.values():
            # Its end was told here; its card is still to turn green.
            hand_over(stale_cards(problem, now), self.outbox)

    def _move(self, wanted: Sequence[Move]) -> None:
        """Whoever has changed meanwhile is left out."""
        for start in range(0, len(wanted), MOVES):
            moves = list(wanted[start : start + MOVES])
            while moves:
                try:
                    self.ledger.move(moves)
                    break
                except Stale as stale:
                    lost = set(stale.losers) or set(range(len(moves)))
                    moves = [each for i, each in enumerate(moves) if i not in lost]

    def _release(self, held: Sequence[Held]) -> int:
        """Send each as it is; how many nobody else has changed meanwhile. Who dies over
        thousands has queued those before."""
        count = 0
        for start in range(0, len(held), MOVES):
            released = []
            for row, old in held[start : start + MOVES]:
                new = old.requeued(self.clock.now(), self.timing)
                with suppress(Stale):
                    self.ledger.move([Move(row.id, old, new)])
                    released.append((row.id, new))
            hand_over(released, self.outbox)
            count += len(released)
        return count


def _as_probe(held: Held) -> tuple[bool, str]:
    """The oldest, of those that may go twice, since nobody may answer: it stays the
    same one until that works, so that no other is ever in doubt."""
    row, delivery = held
    return delivery.on_unknown == "stop", row.id


def _parted(held: Iterable[Held]) -> tuple[dict[str, list[Held]], list[Held]]:
    """(what a broken destination has missed, by its name; the others)."""
    missed: dict[str, list[Held]] = {}
    others: list[Held] = []
    for row, delivery in held:
        if delivery.hold == BROKEN:
            missed.setdefault(delivery.destination, []).append((row, delivery))
        else:
            others.append((row, delivery))
    for waiting in missed.values():
        waiting.sort(key=lambda pair: pair[0].id)
    return missed, others


def stacks_of(held: Iterable[Held]) -> Iterator[Stack]:
    """What is told together."""
    stacks: dict[tuple[str, str, int], list[Held]] = {}
    for row, delivery in held:
        place = (delivery.destination, delivery.hold, delivery.due_at or 0)
        stacks.setdefault(place, []).append((row, delivery))
    for place, waiting in stacks.items():
        waiting.sort(key=lambda pair: pair[0].id)
        yield Stack(*place, tuple(waiting))


def summary_of(
    stack: Stack, part: int, *, zone: str, now: int, heal: int
) -> Notification:
    """The notification that tells it, not written yet; `heal` in ms."""
    name = _id_of(stack, part)
    held = stack.held[:MEMBERS]
    rows = [row for row, _ in held]
    event = summary_event(rows, stack.destination, hold=stack.hold, zone=zone)
    delivery = Delivery(
        destination=stack.destination,
        route=held[0][1].route,
        purpose=Purpose.SUMMARY,
        updated_at=now,
        due_at=now + heal,
    )
    told = f"tells of {len(held):,} that waited: {stack.hold}"
    return Notification(
        id=name,
        event=event,
        fingerprint=_fingerprint_of(name),
        state="notice",
        sender="tocsin",
        accepted_at=stack.slot,
        last_at=now,
        deliveries={stack.destination: delivery},
        trace=(Step("summary", told),),
    )


def _id_of(stack: Stack, part: int) -> str:
    """Made at the slot, so that every run finds it again."""
    text = f"{stack.destination}\x1f{stack.hold}\x1f{stack.slot}\x1f{part}"
    return new_id(stack.slot, hashlib.sha256(text.encode()).digest()[:10])


def _fingerprint_of(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:32]


def _place_of(name: str) -> str:
    """Under what is remembered who has taken that part."""
    return memory_key(_fingerprint_of(name), counts=False)


def _taker(name: str, now: int) -> Memory:
    until = now + TAKEN
    return Memory(holder=name, since=now, until=until, expires_at=until)


def _told_in(summary: Notification) -> Part:
    return members_of(summary.event), summary


def _queued(summary: Notification) -> Iterator[tuple[str, Delivery]]:
    for delivery in summary.deliveries.values():
        if not delivery.settled:
            yield summary.id, delivery
