"""Judging: what a sender does with a ticket, by what the ledger says of it. Pure.

The queue message names the delivery; the truth is in the row. The table in
`docs/architecture.md` is this function.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from tocsin.delivery import Delivery, Purpose, State, Timing
from tocsin.notification import Notification
from tocsin.ports import Record
from tocsin.values import dataclass

HEALS = 8  # with their growing waits, about eight hours
EXPIRED = "older than its time to live when its turn came"
_OF_NOW = (Purpose.ESCALATION, Purpose.REMINDER, Purpose.RISE)


class Step(StrEnum):
    """What to do with one ticket of a record."""

    DROP = "drop"
    SEND = "send"
    WAIT = "wait"
    BOUNCE = "bounce"


@dataclass(frozen=True, slots=True)
class Judgement:
    """The step, why, and how the delivery changes by it (None = it does not).

    `wait_ms` is for WAIT: how long another sender's claim still runs.
    """

    step: Step
    why: str
    change: Delivery | None = None
    wait_ms: int = 0


_TO_BE_SENT = Judgement(Step.SEND, "is its turn")


def judge(
    ticket: int,
    record: Record,
    notification: Notification,
    delivery: Delivery,
    now: int,
    timing: Timing,
) -> Judgement:
    """Decide about one ticket. `record` is the queue message that carried it."""
    if delivery.settled:
        return _settled(ticket, record, delivery, now, timing)
    if delivery.state is State.FAILED:
        return Judgement(Step.DROP, "waits for its due time")
    if ticket < delivery.ticket:
        return Judgement(Step.DROP, "a newer queue message exists")
    if delivery.hold:
        return Judgement(Step.DROP, f"waits for the {delivery.hold}")
    if delivery.state is State.PROCESSING:
        return _claimed(delivery, now, timing)
    return _its_turn(notification, delivery, now)


def advance(delivery: Delivery, now: int, timing: Timing) -> Delivery:
    """The next state of an unsettled delivery that the sweep has come upon."""
    if delivery.state is State.FAILED:
        return delivery.requeued(now, timing)
    if delivery.state is State.PROCESSING:
        if (delivery.lease_until or 0) > now:
            return delivery.healed(now, timing)
        crashed = delivery.crashed(now, timing)
        return crashed.reissued() if crashed.settled else crashed.requeued(now, timing)
    if delivery.heals >= HEALS:
        why = "no sender took it over; see the sender's log"
        return delivery.died(now, why).reissued()
    return delivery.healed(now, timing)


def expired(notification: Notification, delivery: Delivery, now: int) -> bool:
    """Whether it is older than it may be when it is told. What tells of how it stands
    by now is no old news. Nor is an end, unless it waits with its problem."""
    if delivery.was_told or delivery.purpose in _OF_NOW:
        return False
    expiry, ttl = delivery.expires_at, notification.event.ttl
    if expiry is None and ttl is not None and not notification.resolves:
        expiry = notification.accepted_at + ttl * 1000
    return expiry is not None and now > expiry


def _settled(
    ticket: int, record: Record, delivery: Delivery, now: int, timing: Timing
) -> Judgement:
    if delivery.state is not State.DEAD_LETTER:
        return Judgement(Step.DROP, f"is {delivery.state} already")
    if ticket < delivery.ticket:
        return Judgement(Step.DROP, "a stale double of a dead delivery")
    return _dead(ticket, record, delivery, now, timing)


def _claimed(delivery: Delivery, now: int, timing: Timing) -> Judgement:
    left = (delivery.lease_until or 0) - now
    if left > 0:
        return Judgement(Step.WAIT, "another sender has it", wait_ms=left)
    change = delivery.crashed(now, timing)
    step = Step.BOUNCE if change.settled else Step.SEND
    return Judgement(step, "its sender crashed", change)


def _its_turn(notification: Notification, delivery: Delivery, now: int) -> Judgement:
    if expired(notification, delivery, now):
        return Judgement(Step.DROP, EXPIRED, delivery.suppressed(now, EXPIRED))
    why = unwanted(notification, delivery)
    if why:
        return Judgement(Step.DROP, why, _called_off(notification, delivery, now, why))
    return _TO_BE_SENT


def _called_off(
    notification: Notification, delivery: Delivery, now: int, why: str
) -> Delivery:
    """What was told there before is a card again: while this waited, nobody asked for
    its edits, so that the sweep does."""
    off = delivery.called_off(now, why)
    is_late = off.is_card and off.shown < notification.edition
    return replace(off, due_at=now) if is_late else off


def unwanted(notification: Notification, delivery: Delivery) -> str:
    """Why nobody needs it any more; "" = it is wanted."""
    if delivery.purpose in _OF_NOW:
        if notification.is_over:
            return "it was resolved before this was sent"
        escalates = delivery.purpose is Purpose.ESCALATION
        if escalates and notification.ack_at is not None:
            return "it was acknowledged before this was sent"
    pair = {Purpose.ROUTE, Purpose.FALLBACK}
    for other in notification.deliveries.values():
        if (
            other.state is State.SENT
            and other.route == delivery.route
            and {other.purpose, delivery.purpose} == pair
        ):
            return f"{other.destination} was told meanwhile"
    return ""


def _dead(
    ticket: int, record: Record, delivery: Delivery, now: int, timing: Timing
) -> Judgement:
    """Bounce the dying message; take another, later one as an operator's redrive."""
    if delivery.dying is None:
        change = delivery.bouncing(now, record.message_id)
        return Judgement(Step.BOUNCE, "is dead: on its way to the DLQ", change)
    if delivery.dying == record.message_id:
        return Judgement(Step.BOUNCE, "is dead: on its way to the DLQ")
    if record.sent_at > (delivery.dead_at or 0):
        why = "redriven from the dead-letter queue"
        # It comes with the ticket that died, which is the current one again: under a
        # new one it could neither bounce nor be redriven a second time.
        alive = replace(delivery.replayed(now, why, timing), ticket=ticket)
        return Judgement(Step.SEND, why, alive)
    return Judgement(Step.DROP, "a stale double of a dead delivery")
