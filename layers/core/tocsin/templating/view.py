"""What a template sees of a notification: plain data, under the names of `types`."""

from __future__ import annotations

from typing import Any

from tocsin import wording
from tocsin.delivery import Delivery
from tocsin.message import Message
from tocsin.notification import Notification

NAMES = frozenset(
    {
        "acknowledged_by",
        "application",
        "at",
        "branch",
        "channel",
        "data",
        "destination",
        "facts",
        "fingerprint",
        "id",
        "labels",
        "links",
        "message",
        "note",
        "occurrences",
        "opened_at",
        "progress",
        "severity",
        "source",
        "state",
        "thread",
        "title",
        "type",
        "url",
    }
)


def view_of(
    notification: Notification,
    delivery: Delivery,
    message: Message,
    *,
    channel: str,
    application: str,
) -> dict[str, Any]:
    """`message` is the built-in look: title, time, state, facts and links are its."""
    event = notification.event
    return {
        "acknowledged_by": notification.ack_by,
        "application": application,
        "at": message.at,
        "branch": event.branch,
        "channel": channel,
        "data": event.data,
        "destination": delivery.destination,
        "facts": [
            {"name": each.name, "value": each.value.text} for each in message.facts
        ],
        "fingerprint": event.fingerprint,
        "id": notification.id,
        "labels": dict(event.labels),
        "links": [{"label": each.label, "url": each.url} for each in message.links],
        "message": event.message,
        "note": notification.ack_note,
        "occurrences": notification.seen_at(delivery.destination),
        "opened_at": wording.moment(
            notification.opened_at or notification.accepted_at, message.zone
        ),
        "progress": event.progress,
        "severity": event.severity.value,
        "source": event.source or notification.sender,
        "state": message.state,
        "thread": event.thread,
        "title": message.title,
        "type": event.type,
        "url": message.url,
    }
