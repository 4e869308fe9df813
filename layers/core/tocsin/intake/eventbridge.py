"""EventBridge: what a rule or a CloudWatch alarm's action hands to a Lambda function.

Also over HTTPS, from an API destination. Shapes: "Events from AWS services" of the
EventBridge user guide; what nobody here knows is shown readably.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pydantic import JsonValue

from tocsin.events import Event
from tocsin.intake import (
    alarm_events,
    aws_containers,
    aws_findings,
    aws_health,
    aws_pipelines,
    aws_workloads,
    cloudwatch,
)
from tocsin.intake.aws_envelope import Envelope, open_envelope
from tocsin.intake.batch import Batch, Received
from tocsin.intake.demands import an_object
from tocsin.intake.drafts import draft, happened, milliseconds
from tocsin.intake.hooks import Call
from tocsin.intake.payload import Envelope as Outer
from tocsin.intake.payload import event_of, guessed_from
from tocsin.intake.trimming import facts, line
from tocsin.severity import Severity

_ALARMS = {"CloudWatch Alarm State Change", "CloudWatch Alarm Contributor State Change"}
_MESSAGES = ("message", "Message", "statusMessage", "description", "Description")
_SHOWN = ("name", "status", "state", "eventName", "event", "reason", "cause")

Reader = Callable[[Envelope], list[Event]]
READERS: dict[str, Reader] = {
    **aws_pipelines.READERS,
    **aws_workloads.READERS,
    **aws_containers.READERS,
    **aws_findings.READERS,
    **aws_health.READERS,
}


def read(call: Call) -> Batch:
    """What an API destination posts: one event. Raises `Invalid`."""
    return read_invocation(an_object(call.value))


def read_invocation(event: Mapping[str, JsonValue]) -> Batch:
    """A rule's event, or a CloudWatch alarm's direct action. Raises `Invalid`.

    Each is keyed by EventBridge's id, an alarm by what it and SNS agree on.
    """
    items = receive(event)
    return Batch(items, many=len(items) > 1)


def receive(
    event: Mapping[str, JsonValue], key: str = "", sent: str = ""
) -> tuple[Received, ...]:
    """The same without the batch; `key` and `sent` are those of what carried it, where
    it has none itself."""
    if alarm_events.is_action(event):
        return (cloudwatch.receive(alarm_events.of_action(event), key, sent),)
    envelope = open_envelope(event)
    key, at = envelope.id or key, milliseconds(envelope.at or happened(sent))
    if envelope.kind in _ALARMS and envelope.source == "aws.cloudwatch":
        alarm = alarm_events.of_event(envelope)
        return (cloudwatch.receive(alarm, key, line(event.get("time"), 40) or sent),)
    if not envelope.own:
        return (_foreign(envelope, key, at),)
    made = READERS.get(envelope.kind, _readable)(envelope)
    return tuple(
        Received(each, f"{key}:{place}" if key and place else key, at)
        for place, each in enumerate(made)
    )


def _foreign(envelope: Envelope, key: str, at: int) -> Received:
    """What an application put on a bus, in our own keys where it uses them. Raises
    `Invalid` when it means these and they are wrong."""
    outer = Outer(
        type=envelope.kind,
        source=envelope.source,
        subject="",
        at=envelope.at,
        own={},
        extensions=envelope.about,
    )
    data = dict(envelope.detail)
    event = event_of(outer, data)
    return Received(event, key, at, guessed=guessed_from(data))


def _readable(envelope: Envelope) -> list[Event]:
    """What AWS sends and no reader knows."""
    detail = envelope.detail
    said = (line(detail.get(name), 1000) for name in _MESSAGES)
    subject = envelope.subject
    event = draft(
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
    return [event]


def _ordered(detail: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """The simple values, the telling names first, the message left out."""
    first = {name: detail[name] for name in _SHOWN if name in detail}
    return {
        name: value
        for name, value in {**first, **detail}.items()
        if name not in _MESSAGES
    }
