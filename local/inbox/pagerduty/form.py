"""What PagerDuty asks of an event, and how it refuses one.

https://developer.pagerduty.com/docs/send-alert-event
"""

from __future__ import annotations

import re
from typing import Any, Final

from local.inbox.calls_in import Refusal
from local.inbox.store import Json

SIZE: Final = 512 * 1024
ACTIONS: Final = ("trigger", "acknowledge", "resolve")
SEVERITIES: Final = ("critical", "error", "warning", "info")
_KEY: Final = re.compile(r"[A-Za-z0-9]{32}")


def read_key(event: Json, size: int) -> str:
    """The routing key. Raises Refusal, as does a body that is too large."""
    if size > SIZE:
        raise invalid("Event exceeds the size limit of 512 KB")
    key = event.get("routing_key")
    if not (isinstance(key, str) and _KEY.fullmatch(key)):
        raise invalid("'routing_key' is missing or is not a valid key")
    return key


def check_alert(event: Json) -> None:
    """An event that opens, acknowledges or resolves. Raises Refusal."""
    action, key = event.get("event_action"), event.get("dedup_key", "")
    if action not in ACTIONS:
        raise invalid(f"'event_action' must be one of {', '.join(ACTIONS)}")
    if not isinstance(key, str) or len(key) > 255:
        raise invalid("'dedup_key' must be at most 255 characters")
    if action == "trigger":
        payload = _payload(event)
        if payload.get("severity") not in SEVERITIES:
            raise invalid(f"'payload.severity' must be one of {', '.join(SEVERITIES)}")
        if not payload.get("source"):
            raise invalid("'payload.source' is missing or blank")
    elif not key:
        raise invalid("'dedup_key' is missing or blank")


def check_change(event: Json) -> None:
    """An event that is only shown. Raises Refusal."""
    _payload(event)


def mistakes(event: Json) -> list[str]:
    """What is let pass, and not shown or not meant."""
    found = []
    if event.get("event_action") == "trigger" and not event.get("dedup_key"):
        found.append("no dedup_key: every retry opens another alert")
    found += [
        "an image is not https: it is not shown"
        for image in _rows(event, "images")
        if not str(image.get("src", "")).startswith("https://")
    ]
    found += ["a link has no href" for one in _rows(event, "links") if not one["href"]]
    return found


def invalid(error: str) -> Refusal:
    """The refusal of an event for its form."""
    body = {
        "status": "invalid event",
        "message": "Event object is invalid",
        "errors": [error],
    }
    return Refusal(400, error, body)


def _payload(event: Json) -> dict[str, Any]:
    payload = event.get("payload")
    if not isinstance(payload, dict):
        raise invalid("'payload' is missing or blank")
    summary = payload.get("summary")
    if not (isinstance(summary, str) and summary.strip()):
        raise invalid("'payload.summary' is missing or blank")
    if len(summary) > 1024:
        raise invalid("'payload.summary' must be at most 1024 characters")
    return payload


def _rows(event: Json, name: str) -> list[dict[str, Any]]:
    rows = event.get(name, [])
    if not (isinstance(rows, list) and all(isinstance(row, dict) for row in rows)):
        raise invalid(f"'{name}' must be a list of objects")
    return [{"href": "", **row} for row in rows]
