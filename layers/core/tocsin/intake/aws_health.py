"""AWS Health: AWS's own trouble, planned changes and notes to an account."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime

from pydantic import JsonValue

from tocsin.events import Event
from tocsin.intake.aws_envelope import Envelope
from tocsin.intake.drafts import clock, draft, happened
from tocsin.intake.trimming import line, mapping, sequence, text, words
from tocsin.severity import Severity

AFFECTED = 5
PAGE = "https://health.aws.amazon.com/health/home#/account/event-log?eventID="
_GRADES = {
    "issue": Severity.HIGH,
    "investigation": Severity.MEDIUM,
    "scheduledChange": Severity.MEDIUM,
    "accountNotification": Severity.LOW,
}


def health(envelope: Envelope) -> list[Event]:
    """An issue is a problem until it is closed; the rest is told as it comes."""
    detail = envelope.detail
    category = envelope.text("eventTypeCategory", 60)
    service = envelope.text("service", 60) or "AWS"
    code = envelope.text("eventTypeCode", 120)
    arn = envelope.text("eventArn", 500)
    over = envelope.text("statusCode", 40) == "closed"
    lasting = category in ("issue", "investigation")
    said = words(code.removeprefix(f"AWS_{service}_").lower()) or "an event"
    where = envelope.text("eventRegion", 40) or envelope.region
    event = draft(
        "aws.health.event",
        f"{service} in {where}: {said}" + (" is over" if lasting and over else ""),
        message=_description(detail.get("eventDescription")),
        severity=_GRADES.get(category, Severity.MEDIUM),
        state=("resolved" if over else "firing") if lasting else None,
        source=envelope.source,
        fingerprint=f"aws.health:{envelope.account}:{arn}" if arn and lasting else "",
        about={"service": service, "category": category, **envelope.about},
        facts=[
            ("Starts", clock(_time(detail.get("startTime")))),
            ("Ends", clock(_time(detail.get("endTime")))),
            ("Affected", _affected(detail.get("affectedEntities"))),
            *envelope.place,
        ],
        links=[("Open event", f"{PAGE}{arn}" if arn.startswith("arn:") else "")],
        data={"event": arn, "code": code},
        at=_time(detail.get("lastUpdatedTime")) or envelope.at,
    )
    return [event]


def _description(value: JsonValue) -> str:
    """In English where there is a choice."""
    told = [mapping(each) for each in sequence(value)]
    english = [each for each in told if line(each.get("language"), 10)[:2] == "en"]
    chosen = next(iter(english or told), {})
    return text(chosen.get("latestDescription"), 3000).replace("\\n", "\n")


def _affected(value: JsonValue) -> str:
    told = [line(mapping(each).get("entityValue"), 120) for each in sequence(value)]
    names = [name for name in told if name]
    more = f" and {len(names) - AFFECTED:,} more" if len(names) > AFFECTED else ""
    return ", ".join(names[:AFFECTED]) + more


def _time(value: JsonValue) -> datetime | None:
    """Health writes times as mail does: "Fri, 27 Jan 2023 06:02:51 GMT"."""
    try:
        read = parsedate_to_datetime(line(value, 60))
    except (ValueError, TypeError, IndexError):
        return happened(value)
    return happened(read.isoformat())


READERS: Mapping[str, Callable[[Envelope], list[Event]]] = {"AWS Health Event": health}
