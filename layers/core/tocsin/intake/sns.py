"""SNS: what a topic hands to a Lambda function, alarms and plain text alike."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from pydantic import JsonValue

from tocsin.catalog import TYPES
from tocsin.errors import Fault, Invalid, Refused
from tocsin.events import Event
from tocsin.intake import cloudevents, cloudwatch, native
from tocsin.intake.batch import Batch, Received, Rejection
from tocsin.intake.reading import read_json
from tocsin.intake.trimming import (
    facts,
    labels,
    line,
    mapping,
    moment,
    severity,
    text,
)
from tocsin.severity import Severity

TYPE = "aws.sns.message"
CODE_LENGTH = 3000
TEXT_LENGTH = 20_000
_TITLES = ("title", "subject", "summary", "detail-type", "Event", "event", "name")
_TEXTS = ("message", "description", "text", "detail")


class Envelope(NamedTuple):
    """One SNS message without its signature."""

    topic: str
    region: str
    account: str
    subject: str
    text: str
    at: str
    attributes: Mapping[str, str]


def read_notification(event: Mapping[str, JsonValue]) -> Batch:
    """The events of one Lambda invocation; each key is the SNS message id, or what an
    alarm and an event of EventBridge are known by, however they come.

    Content is never refused. Raises `Invalid` when this is no SNS invocation at all.
    """
    records = event.get("Records")
    if not isinstance(records, list):
        raise Invalid("not an SNS event", [Fault("Records", "should be a list")])
    items: list[Received | Rejection] = []
    for index, record in enumerate(records):
        told = mapping(mapping(record).get("Sns"))
        if told:
            items.extend(_receive(told))
        else:
            items.append(Rejection(index, (Fault("Sns", "is missing"),)))
    return Batch(tuple(items), many=True)


def _open(sns: Mapping[str, JsonValue]) -> Envelope:
    arn = line(sns.get("TopicArn"), 500)
    parts = arn.split(":") if arn.count(":") == 5 else ["", "", "", "", "", arn]
    message = sns.get("Message")
    attributes = mapping(sns.get("MessageAttributes"))
    return Envelope(
        topic=parts[5][:200],
        region=parts[3],
        account=parts[4],
        subject=line(sns.get("Subject"), 300),
        text=message if isinstance(message, str) else "",
        at=line(sns.get("Timestamp"), 100),
        attributes=labels(
            {name: mapping(told).get("Value") for name, told in attributes.items()}
        ),
    )


def _receive(sns: Mapping[str, JsonValue]) -> Iterable[Received]:
    value = _parsed(sns.get("Message"))
    key, sent = line(sns.get("MessageId"), 200), line(sns.get("Timestamp"), 100)
    why = ""
    if isinstance(value, dict):
        read = next((read for mine, read in READERS if mine(value)), None)
        try:
            if read is not None:
                return read(value, key, sent)
        except Refused as refused:
            why = refused.detail
    return [Received(_notice(_open(sns), value, why), key, _stamp(sent))]


def _stamp(sent: str) -> int:
    at = moment(sent)
    return round(at.timestamp() * 1000) if at else 0


def _parsed(message: JsonValue) -> JsonValue:
    """The object or list that a text holds, or None: then it is text."""
    if not isinstance(message, str) or not message.lstrip().startswith(("{", "[")):
        return None
    try:
        return read_json(message)
    except Refused:
        return None


def _is_native(value: Mapping[str, JsonValue]) -> bool:
    kind = value.get("type")
    said = "title" in value or "message" in value
    return "type" in value and (said or (isinstance(kind, str) and kind in TYPES))


def _is_mail(value: Mapping[str, JsonValue]) -> bool:
    return value.get("notificationType") == "Received" and "mail" in value


def _is_bus(value: Mapping[str, JsonValue]) -> bool:
    return "detail-type" in value and "detail" in value


# What rarely comes is imported when it does: every cold start would pay for it.
def _read_mail(value: dict[str, JsonValue], key: str, sent: str) -> Iterable[Received]:
    from tocsin.intake.email import read_mail  # noqa: PLC0415

    return [Received(read_mail(value), key, _stamp(sent))]


def _read_bus(value: dict[str, JsonValue], key: str, sent: str) -> Iterable[Received]:
    from tocsin.intake.eventbridge import receive  # noqa: PLC0415

    return receive(value, key, sent)


def _read_alarm(value: dict[str, JsonValue], key: str, sent: str) -> Iterable[Received]:
    return [cloudwatch.receive(value, key, sent)]


def _carried(read: Callable[[dict[str, JsonValue]], Received]) -> Reader:
    """A reader whose events are known by the message that carries them."""

    def read_carried(
        value: dict[str, JsonValue], key: str, sent: str
    ) -> Iterable[Received]:
        return [replace(read(value), key=key, at=_stamp(sent))]

    return read_carried


Reader = Callable[[dict[str, JsonValue], str, str], Iterable[Received]]
READERS: tuple[tuple[Callable[[Mapping[str, JsonValue]], bool], Reader], ...] = (
    (cloudwatch.is_alarm, _read_alarm),
    (cloudevents.is_cloudevent, _carried(cloudevents.read_structured)),
    (_is_bus, _read_bus),
    (_is_mail, _read_mail),
    (_is_native, _carried(native.read_event)),
)


def _notice(envelope: Envelope, value: JsonValue, why: str) -> Event:
    """What no adapter reads: shown as it is, and why if it looked like an event."""
    if value is None and "AWS Budget" in envelope.text[:200]:
        from tocsin.intake.budgets import is_budget, read_budget  # noqa: PLC0415

        if is_budget(envelope.text):
            return read_budget(envelope.text, envelope.at)
    body = mapping(value)
    first, _, rest = envelope.text.strip().partition("\n")
    own = _first(body, _TITLES) if value is not None else line(first, 200)
    title = envelope.subject or own or f"Message from {envelope.topic or 'SNS'}"
    if value is not None:
        message = "\n\n".join(
            part for part in (_first(body, _TEXTS), _code(value)) if part
        )
    else:
        message = text(rest if title == first.strip() else envelope.text, TEXT_LENGTH)
    stated = envelope.attributes.get("severity") or body.get("severity")
    return Event.model_validate(
        {
            "type": TYPE,
            "title": title,
            "message": message,
            "format": "text" if value is None else "markdown",
            "severity": severity(stated) or Severity.INFO,
            "source": envelope.topic,
            "labels": labels(
                {
                    "topic": envelope.topic,
                    "region": envelope.region,
                    "account": envelope.account,
                    **envelope.attributes,
                }
            ),
            "fields": facts({"Not read as an event": why}),
            "data": dict(body),
            "occurred_at": moment(envelope.at),
        }
    )


def _first(body: Mapping[str, JsonValue], names: tuple[str, ...]) -> str:
    """The first of these that is text, kept from opening a code block of its own."""
    for name in names:
        told = body.get(name)
        if isinstance(told, str) and told.strip():
            return text(told, 1000).replace("```", "'''")
    return ""


def _code(value: JsonValue) -> str:
    """Pretty-printed JSON as a code block that its own text cannot close."""
    pretty = json.dumps(value, indent=2, ensure_ascii=False).replace("```", "\\u0060``")
    return f"```json\n{text(pretty, CODE_LENGTH)}\n```"
