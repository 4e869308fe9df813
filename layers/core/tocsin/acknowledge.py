"""Acknowledging and resolving: what people do to a notification, with their name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tocsin.errors import Conflict, NotFound, Stale, Unavailable
from tocsin.notification import Action, Notification
from tocsin.ports import Clock, Ledger

TRIES = 5
ACTIONS_KEPT = 50


def acknowledge(
    notification_id: str, *, actor: str, note: str, ledger: Ledger, clock: Clock
) -> Notification:
    """Someone has seen it and is on it. The latest acknowledgement counts; all stay in
    the audit trail. Raises `NotFound`."""
    now = clock.now()

    def change(old: Notification) -> Notification:
        acted = _acted(old, Action(now, actor, "acknowledged", note))
        return replace(acted, ack_by=actor, ack_at=now, ack_note=note)

    return _amend(notification_id, change, ledger, closes=False)


def resolve(
    notification_id: str, *, actor: str, note: str, ledger: Ledger, clock: Clock
) -> Notification:
    """Someone declares the problem over; the next event of its fingerprint opens a new
    one. Raises `NotFound`, or `Conflict` for a notice or what is resolved already."""
    now = clock.now()

    def change(old: Notification) -> Notification:
        if old.state != "firing":
            raise Conflict(
                "a notice has nothing to resolve"
                if old.state == "notice"
                else "it is resolved already"
            )
        acted = _acted(old, Action(now, actor, "resolved", note))
        return replace(acted, state="resolved", resolved_at=now)

    return _amend(notification_id, change, ledger, closes=True)


def _acted(old: Notification, action: Action) -> Notification:
    actions = (*old.actions, action)[-ACTIONS_KEPT:]
    return replace(
        old, actions=actions, version=old.version + 1, revision=old.revision + 1
    )


def _amend(
    notification_id: str,
    change: Callable[[Notification], Notification],
    ledger: Ledger,
    *,
    closes: bool,
) -> Notification:
    for _ in range(TRIES):
        old = ledger.load([notification_id]).get(notification_id)
        if old is None:
            raise NotFound("there is no notification with this id")
        new = change(old)
        try:
            ledger.amend(old, new, closes=closes)
        except Stale:
            continue
        return new
    raise Unavailable("others keep changing this notification")
