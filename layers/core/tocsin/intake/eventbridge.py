"""EventBridge: what a rule or a CloudWatch alarm's action hands to a Lambda function.

Also over HTTPS, from an API destination. Shapes: "Events from AWS services" of the
EventBridge user guide; what nobody here knows is shown readably.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pydantic import JsonValue

from tocsin.errors import Invalid
from tocsin.events import Event
from tocsin.intake import (
    alarm_events,
    aws_findings,
    aws_health,
    aws_pipelines,
    aws_workloads,
    cloudwatch,
)
from tocsin.intake.aws_envelope import Envelope, open_envelope
from tocsin.intake.batch import Batch, Received
from tocsin.intake.demands import an_object
from tocsin.intake.drafts import draft, milliseconds
from tocsin.intake.hooks import Call
from tocsin.intake.payload import Envelope as Outer
from tocsin.intake.payload import event_of
from tocsin.intake.trimming import facts, line
from tocsin.severity import Severity

_ALARMS = {"CloudWatch Alarm State Change", "CloudWatch Alarm Contributor State Change"}
_MESSAGES = ("message", "Message", "statusMessage", "description", "Description")
_SHOWN = ("name", "status", "state", "eventName", "event", "reason", "cause")

Reader = Callable[[Envelope], list[Event]]
READERS: dict[str, Reader] = {
    **aws_pipelines.READERS,
    **aws_workloads.READERS,
    **aws_findings.READERS,
    **aws_health.READERS,
}


def read(call: Call) -> Batch:
    """What an API destination posts: one event. Raises `Invalid`."""
    return read_invocation(an_object(call.value))


def is_event(value: Mapping[str, JsonValue]) -> bool:
    """Whether this JSON is an event of EventBridge."""
    return "detail-type" in value and "detail" in value


def read_invocation(event: Mapping[str, JsonValue]) -> Batch:
    """A rule's event, or a CloudWatch alarm's direct action. Raises `Invalid`.

    Each is keyed by EventBridge's id, an alarm by what it and SNS agree on.
    """
    items = receive(event)
    return Batch(items, many=len(items) > 1)


def receive(event: Mapping[str, JsonValue]) -> tuple[Received, ...]:
    """The same without the batch."""
    if alarm_events.is_action(event):
        return (cloudwatch.receive(alarm_events.of_action(event)),)
    envelope = open_envelope(event)
    at = milliseconds(envelope.at)
    if envelope.kind in _ALARMS and envelope.source == "aws.cloudwatch":
        alarm = alarm_events.of_event(envelope)
        return (cloudwatch.receive(alarm, envelope.id, line(event.get("time"), 40)),)
    read_detail = READERS.get(envelope.kind) if envelope.own else None
    made = read_detail(envelope) if read_detail else [_readable(envelope)]
    return tuple(
        Received(each, f"{envelope.id}:{place}" if place else envelope.id, at)
        for place, each in enumerate(made)
    )


def _readable(envelope: Envelope) -> Event:
    """What AWS sends and no reader knows; what others send may be in our own form."""
    if not envelope.own:
        outer = Outer(
            type=envelope.kind,
            source=envelope.source,
            subject="",
            at=envelope.at,
            own={},
            extensions=envelope.about,
        )
        try:
            return event_of(outer, dict(envelope.detail))
        except Invalid:
            pass  # It looked like ours and is not: shown like any other.
    detail = envelope.detail
    said = (line(detail.get(name), 1000) for name in _MESSAGES)
    subject = envelope.subject
    return draft(
        envelope.slug,
        f"{subject}: {envelope.kind}" if subject else envelope.kind,
        message=next((each for each in said if each), ""),
        severity=Severity.INFO,
        source=envelope.source,
        about=envelope.about,
        facts=[
            *((each["name"], each["value"]) for each in facts(_ordered(detail))),
            *envelope.place,
        ],
        data=dict(detail),
        at=envelope.at,
    )


def _ordered(detail: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """The simple values, the telling names first, the message left out."""
    first = {name: detail[name] for name in _SHOWN if name in detail}
    return {
        name: value
        for name, value in {**first, **detail}.items()
        if name not in _MESSAGES
    }
