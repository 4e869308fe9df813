"""A message as an event: trigger, acknowledge or resolve, in at most 512 KB.

https://developer.pagerduty.com/docs/send-alert-event
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from typing import Any

from tocsin.channels import _fitting
from tocsin.channels._fitting import Parts, cut, rows_of
from tocsin.message import Message
from tocsin.values import dataclass

LIMIT = 512_000
SUMMARY = 1024
DEDUP_KEY = 255
LINE = 500
NAME = 100
VALUE = 1_000
URL = 2_000
ALERTS, CHANGES = "/v2/enqueue", "/v2/change/enqueue"
CHANGES_OF_STATE = {"resolved": "resolve", "acknowledged": "acknowledge"}
_SEVERITIES = {"critical": "critical", "high": "error", "medium": "warning"}
_STEPS = (
    ("images", _fitting.leave_out),
    *_fitting.STEPS,
)


@dataclass(frozen=True, slots=True)
class Event:
    """What is said of one thing; everything but the key. `dedup_key` names the alert:
    the same key updates it, so that nothing is opened twice."""

    path: str
    action: str
    dedup_key: str
    parts: Parts = field(default_factory=dict)

    def encoded(self, routing_key: str) -> bytes:
        """The body of the call."""
        head = {"routing_key": routing_key}
        if self.action:
            head |= {"event_action": self.action, "dedup_key": self.dedup_key}
        if not self.parts:
            return _fitting.encoded(head)

        def whole(parts: Parts) -> bytes:
            return _fitting.encoded({**head, **_laid_out(parts, self.path)})

        return _fitting.fitted(dict(self.parts), _STEPS, whole, LIMIT)


PROBE = Event(ALERTS, "resolve", "tocsin-probe")


def event_of(message: Message) -> Event:
    """Problems are named by their key, notices by themselves. A message that has
    neither is a test: a change event, which is shown and wakes nobody."""
    name = message.key or message.id
    if not name:
        return Event(CHANGES, "", "", dict(_parts(message)))
    action = CHANGES_OF_STATE.get(message.state, "trigger")
    key = f"tocsin-{name}"[:DEDUP_KEY]
    parts = dict(_parts(message)) if action == "trigger" else {}
    return Event(ALERTS, action, key, parts)


def _parts(one: Message) -> Iterator[tuple[str, Any]]:
    """What there is; what is empty is left out."""
    links = [(one.title, one.url), *((link.label, link.url) for link in one.links)]
    picture = {"src": one.picture, "alt": cut(one.title, NAME)}
    parts: dict[str, Any] = {
        "summary": cut(one.title, SUMMARY) or "(no title)",
        "source": cut(one.footer, LINE) or "Tocsin",
        "severity": _SEVERITIES.get(one.severity, "info"),
        "timestamp": one.at.isoformat(),
        "class": one.type,
        "group": cut(one.thread, NAME),
        "state": cut(one.state_line or "", LINE),
        "text": one.body.text if one.body else "",
        "code": one.code,
        "facts": rows_of(one.facts, NAME, VALUE),
        "links": [
            {"href": url, "text": cut(label, NAME)} for label, url in links if _web(url)
        ],
        "images": [picture] if _web(one.picture, ("https://",)) else [],
        "client_url": one.url if _web(one.url) else "",
    }
    yield from ((name, value) for name, value in parts.items() if value)


def _laid_out(parts: Parts, path: str) -> dict[str, Any]:
    """Where PagerDuty wants each of them."""
    told = {name: parts[name] for name in ("state", "text", "code") if name in parts}
    details = {row["name"]: row["value"] for row in parts.get("facts", ())} | told
    if "shortened" in parts:
        details["shortened"] = ", ".join(parts["shortened"])
    links = {"links": parts["links"]} if "links" in parts else {}
    named: tuple[str, ...] = ("summary", "source", "timestamp")
    if path == ALERTS:
        named = (*named, "severity", "class", "group")
    payload = {name: parts[name] for name in named if name in parts}
    if details:
        payload["custom_details"] = details
    if path != ALERTS:
        return {"payload": payload, **links}
    rest = ("images", "client_url")
    more: dict[str, Any] = {name: parts[name] for name in rest if name in parts}
    return {"payload": payload, "client": "Tocsin", **links, **more}


def _web(url: str | None, schemes: tuple[str, ...] = ("https://", "http://")) -> bool:
    """Whether PagerDuty links it; pictures must be https."""
    return url is not None and url.startswith(schemes) and len(url) <= URL
