"""Replaying: what is dead may be sent again. What was sent meanwhile is left alone.

A letter that goes to another destination is closed, and the delivery that takes its
place added, in one write: a process that dies before it leaves both undone, one that
dies after it a delivery that the sweep queues. Run twice, the second finds it closed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tocsin.delivery import Delivery, Purpose, State, Timing
from tocsin.errors import Conflict, NotFound, Stale
from tocsin.notification import Action, Notification
from tocsin.parcels import hand_over
from tocsin.ports import Clock, Dead, Ledger, Move, Outbox
from tocsin.values import dataclass

AT_ONCE = 50
ACTIONS_KEPT = 50
_TRIES = 5
_KEPT = frozenset({Purpose.AUDIT, Purpose.SUMMARY})


@dataclass(frozen=True, slots=True)
class How:
    """How dead letters are sent again.

    open_only  only where the problem is still open: no notices, nothing that is over
    to         to this destination in the place of their own; "" = as they were
    """

    open_only: bool = False
    to: str = ""


AS_IT_WAS = How()


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many letters are not dead any more; `already` of these needed no message,
    since the destination that they were to go to was told, or is about to be."""

    letters: int
    already: int


def replay(
    notification_id: str,
    *,
    destination: str | None,
    actor: str,
    ledger: Ledger,
    outbox: Outbox,
    clock: Clock,
    timing: Timing,
    how: How = AS_IT_WAS,
) -> Notification:
    """Send a notification's dead deliveries again (all, or the one named).

    Raises `NotFound`, or `Conflict` when none of them is dead, or it is over and only
    what is open was asked for.
    """
    found = ledger.load([notification_id]).get(notification_id)
    if found is None:
        raise NotFound("there is no notification with this id")
    if destination is not None and destination not in found.deliveries:
        raise NotFound(f"it was never on its way to {destination!r}")
    if how.open_only and not found.is_open:
        raise Conflict("it is not open (any more): nothing was sent again")
    names = [destination] if destination else list(found.deliveries)
    again = _Again(actor, how, ledger, clock, timing).told(found, names)
    if not again.closed:
        raise Conflict("none of its deliveries is a dead letter")
    hand_over(((found.id, delivery) for delivery in again.queued), outbox)
    return ledger.load([notification_id])[notification_id]


def replay_dead(
    selected: Sequence[Dead],
    *,
    actor: str,
    ledger: Ledger,
    outbox: Outbox,
    clock: Clock,
    timing: Timing,
    how: How = AS_IT_WAS,
) -> Replayed:
    """Send these dead letters again, as far as they are still dead."""
    letters = already = 0
    means = _Again(actor, how, ledger, clock, timing)
    for start in range(0, len(selected), AT_ONCE):
        chunk = selected[start : start + AT_ONCE]
        names: dict[str, list[str]] = {}
        for dead in chunk:
            names.setdefault(dead.notification_id, []).append(dead.destination)
        found = ledger.load(names)
        done = {each: means.told(found[each], names[each]) for each in found}
        hand_over(
            ((each, fresh) for each, told in done.items() for fresh in told.queued),
            outbox,
        )
        letters += sum(told.closed for told in done.values())
        already += sum(told.closed for told in done.values() if not told.queued)
    return Replayed(letters, already)


@dataclass(frozen=True, slots=True)
class _Told:
    """What became of one notification: so many letters closed, these queued."""

    closed: int = 0
    queued: tuple[Delivery, ...] = ()


_NOTHING = _Told()


@dataclass(frozen=True, slots=True)
class _Again:
    actor: str
    how: How
    ledger: Ledger
    clock: Clock
    timing: Timing

    def told(self, notification: Notification, names: Sequence[str]) -> _Told:
        """Send those of the named deliveries again that are dead."""
        if self.how.open_only and not notification.is_open:
            return _NOTHING
        if self.how.to:
            return self._elsewhere(notification, names)
        tried = [self._revived(notification, name) for name in names]
        revived = tuple(delivery for delivery in tried if delivery is not None)
        return _Told(len(revived), revived)

    def _revived(self, notification: Notification, name: str) -> Delivery | None:
        """If it was dead, it is queued now, under a new generation and ticket."""
        old = notification.deliveries.get(name)
        if old is None or old.state is not State.DEAD_LETTER:
            return None
        why = f"replayed by {self.actor}"
        new = old.replayed(self.clock.now(), why, self.timing)
        try:
            self.ledger.move([Move(notification.id, old, new)])
        except Stale:
            return None
        return new

    def _elsewhere(self, found: Notification, names: Sequence[str]) -> _Told:
        """Closed here and told there, in one write; tried again while others write."""
        old: Notification | None = found
        for _ in range(_TRIES):
            dead = _dead_of(old, names)
            if old is None or not dead:
                return _NOTHING
            there = old.deliveries.get(self.how.to)
            fresh = self._fresh(there, dead[0])
            if fresh is None:
                return _NOTHING
            new = self._moved(old, dead, fresh)
            try:
                self.ledger.amend(old, new, closes=False)
            except Stale:
                old = self.ledger.load([old.id]).get(old.id)
                continue
            return _Told(len(dead), () if fresh == there else (fresh,))
        return _NOTHING

    def _fresh(self, there: Delivery | None, dead: Delivery) -> Delivery | None:
        """The delivery as it is to be there; None = it cannot be changed now."""
        now, why = self.clock.now(), f"replayed by {self.actor}"
        if there is not None and there.state is State.DEAD_LETTER:
            return there.replayed(now, why, self.timing)
        purpose = dead.purpose if dead.purpose in _KEPT else Purpose.REPLAY
        if there is not None and there.state not in _OVER:
            if there.purpose is not Purpose.AUDIT or purpose is Purpose.AUDIT:
                return there
            if not there.settled:
                return None  # It is just being told as a line of an audit.
        why = f"{why}, in the place of {dead.destination}"
        known = there or Delivery(self.how.to)
        told = known.retold(now, why, purpose, self.timing, dead.pings)
        return replace(
            told,
            route=dead.route,
            urgent=dead.urgent,
            on_unknown=dead.on_unknown,
            expires_at=dead.expires_at,
        )

    def _moved(
        self, old: Notification, dead: Sequence[Delivery], fresh: Delivery
    ) -> Notification:
        now, to = self.clock.now(), self.how.to
        why = f"replayed to {to} by {self.actor}"
        closed = {
            each.destination: each.given_up(now, why)
            for each in dead
            if each.destination != to
        }
        note = ", ".join(
            f"{each.destination} ({each.reason})"
            for each in dead
            if each.destination != to
        )
        why_there = f"in the place of {note}" if note else ""
        action = Action(now, self.actor, f"replayed to {to}", why_there)
        return replace(
            old,
            deliveries={**old.deliveries, **closed, to: fresh},
            actions=(*old.actions, action)[-ACTIONS_KEPT:],
            version=old.version + 1,
        )


_OVER = frozenset({State.SUPPRESSED, State.CANCELLED, State.DEAD_LETTER})


def _dead_of(found: Notification | None, names: Sequence[str]) -> list[Delivery]:
    known = found.deliveries if found else {}
    return [
        known[name]
        for name in names
        if name in known and known[name].state is State.DEAD_LETTER
    ]
