"""What WhatsApp tells by webhook: who wrote, and what became of which message. Pure.

Nothing here is in order, and everything may come twice: windows only grow, and a status
counts only if it says more than the one before (`advanced`).
https://developers.facebook.com/docs/whatsapp/cloud-api/webhooks/reference/messages
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Any

from tocsin.channels.whatsapp import answers
from tocsin.errors import Malformed
from tocsin.ports import Outcome
from tocsin.values import dataclass

WINDOW_MS = 86_400_000
MESSAGES = 1_000
# What a person wrote. A reaction, a change of number and the like open no window.
_WRITTEN = frozenset(
    {"text", "image", "audio", "video", "document", "sticker", "location"}
    | {"contacts", "button", "interactive", "order"}
)
# A message that was delivered after all was delivered: evidence outranks a failure.
_ORDER = ("accepted", "sent", "failed", "delivered", "read", "played")


@dataclass(frozen=True, slots=True)
class Window:
    """`recipient` wrote to the number `phone_number_id`; texts may be sent until
    `until` (ms). Numbers are in the form of `to`: +41791234567."""

    phone_number_id: str
    recipient: str
    until: int


@dataclass(frozen=True, slots=True)
class Report:
    """What became of the message called `message_id` (`Outcome.message_id`).

    `correlation` names the deliveries in it, separated by commas, where they had room.
    """

    phone_number_id: str
    recipient: str
    message_id: str
    status: str
    at: int
    correlation: str = ""
    errors: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)

    @property
    def window_closed(self) -> bool:
        """Whether it failed for being no template: it would pass as one."""
        codes = [answers.code_of(error) for error in self.errors]
        return answers.WINDOW_CLOSED in codes

    def outcome(self, name: str) -> Outcome | None:
        """What a failure comes to for the destination called `name`, else None."""
        if self.status != "failed":
            return None
        return answers.judge_report(self.errors, name=name)


@dataclass(frozen=True, slots=True)
class Told:
    """All that one webhook says."""

    windows: tuple[Window, ...] = ()
    reports: tuple[Report, ...] = ()


def challenged(query: Mapping[str, str], verify_token: str) -> str | None:
    """What to answer, as plain text, to the GET by which Meta checks an address; None
    where it is not to be answered (403)."""
    given = query.get("hub.verify_token", "").encode("utf-8", "replace")
    right = hmac.compare_digest(given, verify_token.encode())
    asked = query.get("hub.challenge", "")
    plain = asked.isascii() and asked.isalnum() and len(asked) <= 100
    subscribes = query.get("hub.mode") == "subscribe"
    return asked if verify_token and right and subscribes and plain else None


def read(body: bytes) -> Told:
    """Read a webhook whose signature fits. What is of no concern is passed over.
    Raises `Malformed` for what is no webhook of WhatsApp's."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        raise Malformed("the body is not JSON") from None
    if not isinstance(told, dict) or told.get("object") != "whatsapp_business_account":
        raise Malformed("not a webhook of a WhatsApp business account")
    windows: dict[tuple[str, str], Window] = {}
    reports: dict[tuple[str, str], Report] = {}
    for value in _values(told):
        for window in _windows(value):
            key = (window.phone_number_id, window.recipient)
            if key not in windows or windows[key].until < window.until:
                windows[key] = window
        for report in _reports(value):
            key = (report.phone_number_id, report.message_id)
            before = reports.get(key)
            if before is None or advanced(before.status, report.status):
                reports[key] = report
    return Told(tuple(windows.values()), tuple(reports.values()))


def advanced(before: str, after: str) -> bool:
    """Whether a status says more than the one that is known ("" = none is)."""
    if after not in _ORDER:
        return False
    return before not in _ORDER or _ORDER.index(after) > _ORDER.index(before)


def _values(told: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The parts of a webhook that speak of messages."""
    for entry in _rows(told.get("entry")):
        for change in _rows(entry.get("changes")):
            value = change.get("value")
            if change.get("field") == "messages" and isinstance(value, dict):
                yield value


def _windows(value: Mapping[str, Any]) -> Iterator[Window]:
    for message in _rows(value.get("messages")):
        number, at = _number(message.get("from")), _ms(message.get("timestamp"))
        if message.get("type") in _WRITTEN and number and at:
            yield Window(_phone_id(value), number, at + WINDOW_MS)


def _reports(value: Mapping[str, Any]) -> Iterator[Report]:
    for row in _rows(value.get("statuses")):
        status, name = row.get("status"), row.get("id")
        if status not in _ORDER or not isinstance(name, str) or not name:
            continue
        correlation = row.get("biz_opaque_callback_data")
        yield Report(
            phone_number_id=_phone_id(value),
            recipient=_number(row.get("recipient_id")),
            message_id=name,
            status=status,
            at=_ms(row.get("timestamp")),
            correlation=correlation if isinstance(correlation, str) else "",
            errors=tuple(_rows(row.get("errors"))),
        )


def _phone_id(value: Mapping[str, Any]) -> str:
    metadata = value.get("metadata")
    name = metadata.get("phone_number_id") if isinstance(metadata, dict) else ""
    return name if isinstance(name, str) else ""


def _number(wa_id: object) -> str:
    """WhatsApp leaves the plus out."""
    text = wa_id if isinstance(wa_id, str) else ""
    digits = text.isascii() and text.isdigit() and len(text) <= 20
    return f"+{text}" if digits else ""


def _ms(seconds: object) -> int:
    text = str(seconds)
    return (
        int(text) * 1000 if text.isascii() and text.isdigit() and len(text) < 12 else 0
    )


def _rows(value: object) -> list[dict[str, Any]]:
    rows = value if isinstance(value, list) else []
    return [row for row in rows[:MESSAGES] if isinstance(row, dict)]
