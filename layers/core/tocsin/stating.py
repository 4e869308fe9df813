"""Stating: how a notification stands, in one line of words. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tocsin import washing, wording
from tocsin.delivery import Delivery, Purpose
from tocsin.notification import Notification

WORSE = "it got worse"
ACTOR_SHOWN = 60
NOTE_SHOWN = 160
_AGAIN = (Purpose.ESCALATION, Purpose.REMINDER, Purpose.RISE)
_CHANGES = re.compile(r"changed \d{1,9} times( in [\w ]{1,20})?", re.ASCII)


def state_line(
    notification: Notification, delivery: Delivery, zone: str, now: int
) -> str:
    """What has become of it, as far as a reader of this delivery needs to know."""
    return " · ".join(_states(notification, delivery, zone, now))


def resolution(notification: Notification) -> str:
    """That it is over, and after how long."""
    opened = notification.opened_at
    if opened is None and notification.event.state != "resolved":
        opened = notification.accepted_at
    ended = notification.resolved_at or notification.accepted_at
    if opened is None or ended < opened:
        return "Resolved"
    return f"Resolved after {wording.duration(ended - opened)}"


def _states(
    notification: Notification, delivery: Delivery, zone: str, now: int
) -> Iterator[str]:
    over = notification.is_over
    if over:
        yield resolution(notification)
    elif delivery.purpose is not Purpose.ROUTE:
        yield from _why_told(notification, delivery)
    if notification.ack_at is not None:
        yield _acknowledgement(notification, zone, now)
    elif notification.event.ack_required and not over:
        yield "Waiting for someone to acknowledge"
    yield from _counted(notification, delivery, zone, now)
    if delivery.generation and delivery.purpose not in _AGAIN:
        yield "Replayed"
    if delivery.possibly_sent:
        yield "Possibly sent twice"


def _why_told(notification: Notification, delivery: Delivery) -> Iterator[str]:
    """Why it is told here, or once more."""
    acknowledged = notification.ack_at is not None
    if delivery.purpose is Purpose.ESCALATION:
        yield "Escalated" if acknowledged else "Escalated: nobody has acknowledged it"
    elif delivery.purpose is Purpose.REMINDER:
        why = "it is still open" if acknowledged else "nobody is on it any more"
        yield f"Reminder: {why}"
    elif delivery.purpose is Purpose.RISE:
        notes = [action.note for action in notification.actions]
        said = [note for note in notes if note.startswith(WORSE)]
        yield f"Got worse{said[-1].removeprefix(WORSE)}" if said else "Got worse"
    elif delivery.purpose is Purpose.FALLBACK:
        yield "Told here because it was not delivered elsewhere"


def _counted(
    notification: Notification, delivery: Delivery, zone: str, now: int
) -> Iterator[str]:
    """How often it came; progress tells itself."""
    seen = notification.seen_at(delivery.destination)
    if notification.flapping is not None and not notification.is_over:
        yield f"〰️ {_changes(notification)}; silent until stable"
    elif seen < 2 or notification.event.progress is not None:
        return
    elif notification.state == "notice":
        held = wording.grouped(seen - 1)
        since = wording.clock(notification.accepted_at, zone, now)
        yield f"Held back {held} since {since}"
    else:
        last = wording.clock(notification.last_at, zone, now)
        yield f"Seen {wording.grouped(seen)} ×, last {last}"


def _changes(notification: Notification) -> str:
    """Those for which it was taken for restless, as its trace says, and those since."""
    said = [step.verdict for step in notification.trace if step.rule == "flapping"]
    match = _CHANGES.match(said[-1]) if said else None
    words = f"C{match[0][1:]}" if match else "Keeps changing"
    since = notification.flapping or 0
    return f"{words}, {wording.grouped(since)} more since" if since else words


def _acknowledgement(notification: Notification, zone: str, now: int) -> str:
    """The time, not "2 min ago": the message stays when the two minutes are over."""
    actor = washing.shortened(washing.line(notification.ack_by), ACTOR_SHOWN)
    note = washing.shortened(washing.line(notification.ack_note), NOTE_SHOWN)
    at = wording.clock(notification.ack_at or now, zone, now)
    words = f"Acknowledged by {actor}" if actor else "Acknowledged"
    return f"{words} at {at}: {note}" if note else f"{words} at {at}"
