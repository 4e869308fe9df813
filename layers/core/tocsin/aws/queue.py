"""The queue on SQS FIFO: parcels out, records in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from tocsin.aws.calls import available
from tocsin.errors import Unavailable
from tocsin.ports import Parcel, Record

AT_ONCE = 10
ROUNDS = 3


def encode(parcel: Parcel) -> str:
    """A parcel as a message body: names only, no word of any event."""
    body = {
        "to": parcel.destination,
        "urgent": parcel.urgent,
        "tickets": [list(ticket) for ticket in parcel.tickets],
    }
    return json.dumps(body, separators=(",", ":"))


def decode(body: str) -> Parcel:
    """The reverse. Raises ValueError for a body that is not ours."""
    try:
        value = json.loads(body)
        tickets = tuple((str(name), int(number)) for name, number in value["tickets"])
        return Parcel(str(value["to"]), bool(value["urgent"]), tickets)
    except (
        ArithmeticError,
        LookupError,
        RecursionError,
        TypeError,
        ValueError,
    ) as error:
        raise ValueError("not a parcel") from error


def group_of(parcel: Parcel) -> str:
    """One destination and class is served by one sender at a time."""
    return f"{parcel.destination}#{'urgent' if parcel.urgent else 'normal'}"


def dedup_of(parcel: Parcel) -> str:
    """The same tickets again are dropped by SQS for five minutes; a new ticket (retry,
    replay) makes a new id, or it would be silently dropped."""
    return hashlib.sha256(encode(parcel).encode()).hexdigest()


def records_of(event: Mapping[str, Any]) -> tuple[list[Record], list[str]]:
    """(records, ids of messages that are not ours) of a Lambda SQS event."""
    records, strange = [], []
    for each in event["Records"]:
        try:
            parcel = decode(each["body"])
        except ValueError:
            strange.append(each["messageId"])
            continue
        attributes = each["attributes"]
        records.append(
            Record(
                message_id=each["messageId"],
                receipt=each["receiptHandle"],
                sent_at=int(attributes["SentTimestamp"]),
                receives=int(attributes["ApproximateReceiveCount"]),
                parcel=parcel,
            )
        )
    return records, strange


class SqsOutbox:
    """`ports.Outbox` over one FIFO queue."""

    def __init__(self, client: Any, queue_url: str) -> None:
        self._client = client
        self._url = queue_url

    @available
    def send(self, parcels: Sequence[Parcel]) -> None:
        """One call for a lone parcel, one per ten otherwise."""
        if len(parcels) == 1:
            self._client.send_message(QueueUrl=self._url, **_entry(parcels[0]))
            return
        for chunk in _chunks(parcels):
            entries = [
                {"Id": str(position), **_entry(parcel)}
                for position, parcel in enumerate(chunk)
            ]
            self._send_all(entries)

    def _send_all(self, entries: list[dict[str, Any]]) -> None:
        """Some entries of a batch may fail alone: those are sent again, in order."""
        for _ in range(ROUNDS):
            answer = self._client.send_message_batch(
                QueueUrl=self._url, Entries=entries
            )
            failed = {failure["Id"] for failure in answer.get("Failed", ())}
            entries = [entry for entry in entries if entry["Id"] in failed]
            if not entries:
                return
        raise Unavailable("send: SQS keeps refusing part of a batch")


class SqsInflight:
    """`ports.Inflight`: what a sender may do to the records in its hands."""

    def __init__(self, client: Any, queue_url: str) -> None:
        self._client = client
        self._url = queue_url

    @available
    def delete(self, records: Sequence[Record]) -> None:
        """What cannot be deleted comes again, and is then found to be done."""
        for chunk in _chunks(records):
            entries = [
                {"Id": str(position), "ReceiptHandle": record.receipt}
                for position, record in enumerate(chunk)
            ]
            self._client.delete_message_batch(QueueUrl=self._url, Entries=entries)

    @available
    def hide(self, records: Sequence[Record], seconds: int) -> None:
        """What cannot be hidden so long comes back by the queue's own timeout."""
        for chunk in _chunks(records):
            entries = [
                {
                    "Id": str(position),
                    "ReceiptHandle": record.receipt,
                    "VisibilityTimeout": seconds,
                }
                for position, record in enumerate(chunk)
            ]
            self._client.change_message_visibility_batch(
                QueueUrl=self._url, Entries=entries
            )


class SqsDeadLetters(SqsInflight):
    """`ports.DeadLetterQueue`: the DLQ, as our own replay looks into it."""

    @available
    def receive(self) -> list[Record]:
        """Up to ten. Messages that are not ours stay, and are left alone."""
        answer = self._client.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=AT_ONCE,
            VisibilityTimeout=30,
            WaitTimeSeconds=0,
            MessageSystemAttributeNames=["SentTimestamp", "ApproximateReceiveCount"],
        )
        received = [
            {
                "messageId": each["MessageId"],
                "receiptHandle": each["ReceiptHandle"],
                "body": each["Body"],
                "attributes": each["Attributes"],
            }
            for each in answer.get("Messages", ())
        ]
        return records_of({"Records": received})[0]


def _entry(parcel: Parcel) -> dict[str, str]:
    return {
        "MessageBody": encode(parcel),
        "MessageGroupId": group_of(parcel),
        "MessageDeduplicationId": dedup_of(parcel),
    }


def _chunks(values: Sequence[Any]) -> Iterator[list[Any]]:
    rest = iter(values)
    while chunk := list(islice(rest, AT_ONCE)):
        yield chunk
