"""Acknowledging and resolving: what people do to a notification, with their name.

The row is written first, with a time by which its cards must show it; then the edits
are asked for. A process that dies between the two leaves them to the sweep.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tocsin.delivery import State, Timing
from tocsin.errors import Conflict, NotFound, Stale, Unavailable
from tocsin.judging import unwanted
from tocsin.notification import Action, Notification, Plan, Planned, first_due
from tocsin.parcels import hand_over, on_the_way, stale_cards
from tocsin.ports import Clock, Ledger, Outbox
from tocsin.rules.deciding import Rules
from tocsin.rules.policy import Acknowledged
from tocsin.values import dataclass

TRIES = 5
SHOWN_WITHIN = 60_000  # ms, should the edits asked for at once be lost


@dataclass(frozen=True, slots=True)
class Means:
    """What it takes to act on a notification."""

    ledger: Ledger
    outbox: Outbox
    rules: Rules
    clock: Clock
    timing: Timing


def acknowledge(
    notification_id: str,
    *,
    actor: str,
    note: str,
    means: Means,
    lasts: int | None = None,
) -> Notification:
    """Someone has seen it and is on it, for `lasts` seconds or as long as the route
    says. The latest acknowledgement counts; all stay in the audit trail.

    Raises `NotFound`, or `Conflict` when it is over.
    """
    now = means.clock.now()

    def change(old: Notification) -> Notification:
        if old.state == "resolved":
            raise Conflict("it is resolved already: there is nothing to acknowledge")
        worth = _worth(old, means.rules)
        expires = lasts if lasts is not None else worth.expires
        moment = means.rules.moment(now)
        until = None if expires is None else moment.after(expires)
        plan = list(_without(old, Plan.EXPIRE, Plan.REMIND))
        if until is not None:
            plan.append(Planned(until, Plan.EXPIRE))
        if worth.remind is not None and old.is_open:
            plan.append(Planned(moment.after(worth.remind), Plan.REMIND))
        return replace(
            _acted(old, Action(now, actor, "acknowledged", note)),
            ack_by=actor,
            ack_at=now,
            ack_note=note,
            ack_until=until,
            plan=tuple(plan),
        )

    return _amend(notification_id, change, means)


def release(
    notification_id: str, *, actor: str, note: str, means: Means
) -> Notification:
    """Nobody is on it any more: escalation that has not come to its time goes on.

    Raises `NotFound`, or `Conflict` when nobody had acknowledged it.
    """
    now = means.clock.now()

    def change(old: Notification) -> Notification:
        if old.ack_at is None:
            raise Conflict("nobody has acknowledged it")
        return replace(
            _acted(old, Action(now, actor, "took back the acknowledgement", note)),
            ack_by="",
            ack_at=None,
            ack_note="",
            ack_until=None,
            plan=_without(old, Plan.EXPIRE, Plan.REMIND),
        )

    return _amend(notification_id, change, means)


def resolve(
    notification_id: str, *, actor: str, note: str, means: Means
) -> Notification:
    """Someone declares the problem over; the next event of its fingerprint opens a new
    one. Raises `NotFound`, or `Conflict` for a notice or what is resolved already."""
    now = means.clock.now()

    def change(old: Notification) -> Notification:
        if not old.is_open:
            raise Conflict(
                "a notice has nothing to resolve"
                if old.state == "notice"
                else "it is resolved already"
            )
        acted = _acted(old, Action(now, actor, "resolved", note))
        return replace(acted, state="resolved", resolved_at=now, plan=())

    return _amend(notification_id, change, means)


def _worth(notification: Notification, rules: Rules) -> Acknowledged:
    """What the first route that told it says of acknowledgements."""
    config = rules.config
    told = {delivery.route for delivery in notification.deliveries.values()}
    for route in config.routes:
        if route.name in told:
            return config.policy_of(route).ack
    return config.defaults.ack


def _without(notification: Notification, *whats: Plan) -> tuple[Planned, ...]:
    return tuple(each for each in notification.plan if each.what not in whats)


def _acted(old: Notification, action: Action) -> Notification:
    return replace(
        old.noted(action), version=old.version + 1, revision=old.revision + 1
    )


def _called_off(notification: Notification, now: int) -> Notification:
    """Without what nobody needs any more: a sender that has read of it already finds
    it changed, and sends nothing."""
    deliveries = {
        name: each.called_off(now, why)
        if each.state in (State.QUEUED, State.FAILED)
        and (why := unwanted(notification, each))
        else each
        for name, each in notification.deliveries.items()
    }
    return replace(notification, deliveries=deliveries)


def _amend(
    notification_id: str,
    change: Callable[[Notification], Notification],
    means: Means,
) -> Notification:
    for _ in range(TRIES):
        old = means.ledger.load([notification_id]).get(notification_id)
        if old is None:
            raise NotFound("there is no notification with this id")
        now = means.clock.now()
        new = _called_off(change(old), now)
        cards = list(stale_cards(new, now))
        if cards or on_the_way(new):
            new = replace(new, refresh_at=now + SHOWN_WITHIN)
        new = replace(new, timer_at=first_due(new))
        try:
            means.ledger.amend(old, new, closes=old.is_open and not new.is_open)
        except Stale:
            continue
        hand_over(cards, means.outbox)
        return new
    raise Unavailable("others keep changing this notification")
