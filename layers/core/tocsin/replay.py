"""Replaying: what is dead may be sent again. What was sent meanwhile is left alone."""

from __future__ import annotations

from collections.abc import Sequence

from tocsin.delivery import Delivery, State, Timing
from tocsin.errors import Conflict, NotFound, Stale
from tocsin.notification import Notification
from tocsin.parcels import hand_over
from tocsin.ports import Clock, Dead, Ledger, Move, Outbox

AT_ONCE = 50


def replay(
    notification_id: str,
    *,
    destination: str | None,
    actor: str,
    ledger: Ledger,
    outbox: Outbox,
    clock: Clock,
    timing: Timing,
) -> Notification:
    """Send a notification's dead deliveries again (all, or the one named).

    Raises `NotFound`, or `Conflict` when none of them is dead.
    """
    found = ledger.load([notification_id]).get(notification_id)
    if found is None:
        raise NotFound("there is no notification with this id")
    if destination is not None and destination not in found.deliveries:
        raise NotFound(f"it was never on its way to {destination!r}")
    wanted = [destination] if destination else list(found.deliveries)
    tried = [_revive(found, name, actor, ledger, clock, timing) for name in wanted]
    revived = [delivery for delivery in tried if delivery is not None]
    if not revived:
        raise Conflict("none of its deliveries is a dead letter")
    hand_over(((found.id, delivery) for delivery in revived), outbox)
    return ledger.load([notification_id])[notification_id]


def replay_dead(
    selected: Sequence[Dead],
    *,
    actor: str,
    ledger: Ledger,
    outbox: Outbox,
    clock: Clock,
    timing: Timing,
) -> int:
    """Send these dead letters again; returns how many were still dead."""
    count = 0
    for start in range(0, len(selected), AT_ONCE):
        chunk = selected[start : start + AT_ONCE]
        found = ledger.load([dead.notification_id for dead in chunk])
        revived: list[tuple[str, Delivery]] = []
        for dead in chunk:
            notification = found.get(dead.notification_id)
            if notification is None:
                continue
            delivery = _revive(
                notification, dead.destination, actor, ledger, clock, timing
            )
            if delivery is not None:
                revived.append((notification.id, delivery))
        hand_over(revived, outbox)
        count += len(revived)
    return count


def _revive(
    notification: Notification,
    name: str,
    actor: str,
    ledger: Ledger,
    clock: Clock,
    timing: Timing,
) -> Delivery | None:
    """If it was dead, it is queued now, under a new generation and ticket."""
    old = notification.deliveries.get(name)
    if old is None or old.state is not State.DEAD_LETTER:
        return None
    new = old.replayed(clock.now(), f"replayed by {actor}", timing)
    try:
        ledger.move([Move(notification.id, old, new)])
    except Stale:
        return None
    return new
