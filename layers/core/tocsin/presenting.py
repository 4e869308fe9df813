"""Presenting: our values in the shapes that the operate API answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from tocsin import shapes
from tocsin.comparing import Change
from tocsin.delivery import Delivery, State
from tocsin.desk import Edition
from tocsin.metering import Figures
from tocsin.notification import Notification
from tocsin.outlook import Quietness
from tocsin.ports import Dead, Health
from tocsin.rules.silencing import Silence, active, over
from tocsin.settings import Destination, Signature, Source
from tocsin.trying import Trial


def iso(ms: int) -> str:
    """Ms since the epoch as RFC 3339 in UTC: 2026-11-21T08:31:23.123Z."""
    text = datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def iso_or_none(ms: int | None) -> str | None:
    """The same, where 0 and None mean never."""
    return iso(ms) if ms else None


def brief(notification: Notification) -> shapes.NotificationBrief:
    """A notification as it is listed."""
    return {
        **_head(notification),
        "deliveries": [
            {"destination": name, "status": each.state.value, "reason": each.reason}
            for name, each in notification.deliveries.items()
        ],
    }


def whole(notification: Notification) -> shapes.NotificationShape:
    """A notification with deliveries, trace, audit trail and its event."""
    return {
        **_head(notification),
        "deliveries": [
            _delivery(each, notification.missed.get(name, 0))
            for name, each in notification.deliveries.items()
        ],
        "resolves": notification.resolves,
        "suppressed": notification.suppressed,
        "trace": [
            {"rule": step.rule, "verdict": step.verdict} for step in notification.trace
        ],
        "actions": [
            {
                "at": iso(action.at),
                "actor": action.actor,
                "what": action.what,
                "note": action.note,
            }
            for action in notification.actions
        ],
        "event": notification.event.dump(),
    }


def _head(notification: Notification) -> shapes.NotificationHead:
    event = notification.event
    return {
        "id": notification.id,
        "status": notification.status,
        "state": notification.state,
        "type": event.type,
        "severity": event.severity.value,
        "title": event.title,
        "message": event.message,
        "source": event.source,
        "branch": event.branch,
        "sender": notification.sender,
        "fingerprint": notification.fingerprint,
        "occurrences": notification.occurrences,
        "accepted_at": iso(notification.accepted_at),
        "last_at": iso(notification.last_at),
        "ack_by": notification.ack_by,
        "ack_at": iso_or_none(notification.ack_at),
        "ack_note": notification.ack_note,
        "ack_until": iso_or_none(notification.ack_until),
        "resolved_at": iso_or_none(notification.resolved_at),
    }


def _delivery(delivery: Delivery, held_back: int) -> shapes.DeliveryShape:
    return {
        "destination": delivery.destination,
        "status": delivery.state.value,
        "attempts": delivery.attempts,
        "generation": delivery.generation,
        "possibly_sent": delivery.possibly_sent,
        "reason": delivery.reason,
        "route": delivery.route,
        "due_at": iso_or_none(delivery.due_at),
        "message_id": delivery.message_id,
        "receipt": delivery.receipt,
        "held_back": held_back,
        "log": [
            {"at": iso(line.at), "what": line.what, "reason": line.reason}
            for line in delivery.log
        ],
    }


def dead_letter(dead: Dead, notification: Notification) -> shapes.DeadShape:
    """A dead letter with what its notification says of it."""
    delivery = notification.deliveries.get(dead.destination)
    return {
        "notification_id": dead.notification_id,
        "destination": dead.destination,
        "dead_at": iso(dead.dead_at),
        "reason": delivery.reason if delivery else "",
        "attempts": delivery.attempts if delivery else 0,
        "type": notification.event.type,
        "severity": notification.event.severity.value,
        "title": notification.event.title or notification.event.message[:200],
        "open": notification.is_open,
    }


def edition(made: Edition) -> shapes.EditionShape:
    """A version of the routing file, without its text."""
    return {
        "etag": made.etag,
        "at": iso(made.at),
        "actor": made.actor,
        "media": made.media,
    }


def change_counts(found: Sequence[Change]) -> shapes.ChangeCounts:
    """How many would be told in more places, in fewer, in others."""
    kinds = [each.kind for each in found]
    return {
        "added": kinds.count("added"),
        "dropped": kinds.count("dropped"),
        "moved": kinds.count("moved"),
    }


def change(found: Change) -> shapes.ChangeShape:
    """A notification that would go elsewhere."""
    event = found.notification.event
    return {
        "kind": found.kind,
        "id": found.notification.id,
        "type": event.type,
        "severity": event.severity.value,
        "title": event.title or event.message[:200],
        "before": list(found.before),
        "after": list(found.after),
    }


def health(known: Health | None) -> shapes.HealthShape:
    """What the sender learned; all empty when it never called."""
    seen = known or Health()
    return {
        "disabled": bool(seen.disabled_at),
        "disabled_reason": seen.disabled_reason,
        "blocked_until": iso_or_none(seen.blocked_until),
        "last_ok_at": iso_or_none(seen.last_ok_at),
        "last_error_at": iso_or_none(seen.last_error_at),
        "last_error": seen.last_error,
    }


def destination(known: Destination) -> dict[str, Any]:
    """In the keys it was put with, and a hint in place of the secret."""
    return {
        **known.settings,
        **known.upkeep.dump(),
        "name": known.name,
        "channel": known.channel,
        "secret_hint": known.hint,
    }


def silence(known: Silence, now: int) -> shapes.SilenceShape:
    """A silence in the words it was made with, and whether it holds now."""
    until = active(known, now)
    ended = "ended" if over(known, now) else "waiting"
    recurring = known.recurring
    return {
        "id": known.id,
        "kind": known.kind,
        "match": known.match.model_dump(mode="json", exclude_unset=True),
        "starts_at": iso(known.starts_at),
        "ends_at": iso_or_none(known.ends_at),
        "recurring": (
            None
            if recurring is None
            else recurring.model_dump(mode="json", by_alias=True)
        ),
        "author": known.author,
        "comment": known.comment,
        "created_at": iso(known.created_at),
        "state": ended if until is None else "active",
        "active_until": iso_or_none(until),
    }


def trial(done: Trial) -> shapes.TrialShape:
    """What became of the test message."""
    return {
        "ok": done.ok,
        "outcome": done.outcome.kind.value,
        "reason": done.outcome.reason,
        "advice": done.advice,
        "message_id": done.outcome.message_id,
    }


def source(known: Source) -> shapes.SourceShape:
    """A source with the hints of its keys."""
    return {
        "name": known.name,
        "scopes": sorted(scope.value for scope in known.scopes),
        "keys": [{"hint": key.hint, "made_at": iso(key.made_at)} for key in known.keys],
        "types": list(known.types),
        "rate": known.rate,
        "signature": _signature(known.signature),
        "options": dict(known.options),
    }


def _signature(known: Signature | None) -> shapes.SignatureShape | None:
    if known is None:
        return None
    return {
        "scheme": known.scheme,
        "secrets": [{"made_at": iso(each.secret_version)} for each in known.secrets],
    }


def source_with_key(known: Source, key: str) -> shapes.SourceWithKey:
    """The one time that the key is shown."""
    return {**source(known), "key": key}


def outlook(
    found: Sequence[Quietness], since: int, until: int, zone: str, most: int
) -> shapes.Outlook:
    """The days to come, the earliest first."""
    return {
        "since": iso(since),
        "until": iso(until),
        "timezone": zone,
        "times": [_time(each) for each in found[:most]],
        "more": len(found) > most,
    }


def _time(each: Quietness) -> shapes.TimeShape:
    return {
        "kind": each.kind,
        "name": each.name,
        "id": each.silence_id,
        "starts_at": iso(each.starts_at),
        "ends_at": iso_or_none(each.ends_at),
        "except_for": list(each.except_for),
    }


def metrics(found: Figures) -> shapes.MetricsShape:
    """How it goes, counted."""
    sent = found.states[State.SENT]
    lost = found.states[State.DEAD_LETTER] + found.states[State.FAILED]
    return {
        "since": iso(found.since),
        "until": iso(found.until),
        "complete": found.complete,
        "notifications": found.notifications,
        "states": _states(found.states),
        "success": sent / (sent + lost) if sent + lost else None,
        "latency": {
            "count": len(found.latency.waits),
            "p50_ms": found.latency.at(0.5),
            "p95_ms": found.latency.at(0.95),
            "longest_ms": found.latency.at(1),
        },
        "queue": {
            "waiting": found.waiting,
            "oldest_since": iso_or_none(found.oldest),
            "overdue_since": iso_or_none(found.overdue),
        },
        "slots": [
            {"at": iso(slot.at), "states": _states(slot.states)} for slot in found.slots
        ],
        "destinations": {
            name: {
                "states": _states(tally.states),
                "last_sent_at": iso_or_none(tally.last_sent),
            }
            for name, tally in found.destinations.items()
        },
    }


def _states(counts: Mapping[State, int]) -> dict[str, int]:
    return {state.value: count for state, count in counts.items() if count}


def page(
    found: Sequence[Notification], following: str, reached: int
) -> shapes.NotificationPage:
    """A page of a search, which has looked back to `reached` (ms)."""
    listed = [brief(each) for each in found]
    return {"notifications": listed, "next": following, "reached": iso(reached)}
