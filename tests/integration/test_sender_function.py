"""The sender as it is deployed: wired by its own module, over AWS in process."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from moto import mock_aws

from tests.fakes.clock import NOON, FakeClock
from tests.fakes.moto_http import use_moto
from tests.fakes.table import make_table
from tests.fakes.world import event, settings_for
from tests.integration.functions import load
from tocsin.accept import Sender, accept
from tocsin.aws.calls import client
from tocsin.aws.ledger import DynamoLedger
from tocsin.aws.queue import SqsOutbox, encode
from tocsin.aws.settings import DynamoSettings
from tocsin.delivery import State, Timing
from tocsin.desk import Upsert
from tocsin.ports import Parcel
from tocsin.settings import Destination

CONTEXT = SimpleNamespace(get_remaining_time_in_millis=lambda: 30_000)


class Stack:
    """The function, and an event to three destinations that all mean trouble: a
    channel that breaks, a secret that is missing, a destination that was deleted."""

    def __init__(self, url: str) -> None:
        dynamodb = client("dynamodb")
        self.sqs = client("sqs")
        self.url = url
        self.ledger = DynamoLedger(dynamodb, "t")
        clock = FakeClock()
        book = DynamoSettings(dynamodb, "t", clock)
        self.app = load("sender")
        reference = self.app.ports.vault.put("one", "a secret")
        for name, secret in (("one", reference), ("two", "")):
            broken = Destination(name, "no such channel", {}, secret)
            book.put_destination(Upsert(None, broken))
        (accepted,) = accept(
            [event()],
            sender=Sender("app"),
            settings=settings_for("one", "two", "deleted"),
            ledger=self.ledger,
            outbox=SqsOutbox(self.sqs, url),
            clock=clock,
            timing=Timing(),
        )
        self.id = accepted.notification.id

    def receive(self) -> list[dict[str, Any]]:
        answer = self.sqs.receive_message(
            QueueUrl=self.url,
            MaxNumberOfMessages=10,
            MessageSystemAttributeNames=["All"],
        )
        return [
            {
                "messageId": each["MessageId"],
                "receiptHandle": each["ReceiptHandle"],
                "body": each["Body"],
                "attributes": each["Attributes"],
            }
            for each in answer["Messages"]
        ]


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    with mock_aws():
        for name, value in {
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": "eu-central-1",
            "POWERTOOLS_METRICS_NAMESPACE": "Tocsin",
            "POWERTOOLS_SERVICE_NAME": "tocsin",
            "TOCSIN_TABLE": "t",
            "TOCSIN_SECRETS_PREFIX": "/tocsin/t/destinations",
        }.items():
            monkeypatch.setenv(name, value)
        use_moto(monkeypatch)
        make_table(client("dynamodb"), "t")
        sqs = client("sqs")
        made = sqs.create_queue(QueueName="q.fifo", Attributes={"FifoQueue": "true"})
        monkeypatch.setenv("TOCSIN_QUEUE_URL", made["QueueUrl"])
        yield Stack(made["QueueUrl"])


def test_a_batch_of_nothing_but_trouble_is_answered_record_by_record(
    stack: Stack,
) -> None:
    """An exception would slow polling for every destination."""
    records = stack.receive()
    strange = {**records[0], "messageId": "strange", "body": "what?"}
    answered = stack.app.handler({"Records": [*records, strange]}, CONTEXT)

    kept = [each["itemIdentifier"] for each in answered["batchItemFailures"]]
    assert sorted(kept) == sorted([each["messageId"] for each in records] + ["strange"])
    deliveries = stack.ledger.load([stack.id])[stack.id].deliveries
    states = {name: delivery.state for name, delivery in deliveries.items()}
    assert states == {
        "one": State.QUEUED,
        "two": State.DEAD_LETTER,
        "deleted": State.DEAD_LETTER,
    }


def test_a_message_without_its_row_is_done_with(stack: Stack) -> None:
    attributes = {"SentTimestamp": str(NOON), "ApproximateReceiveCount": "1"}
    body = encode(Parcel("one", False, (("0" * 26, 0),)))
    record = {
        "messageId": "lost",
        "receiptHandle": "r",
        "body": body,
        "attributes": attributes,
    }

    assert stack.app.handler({"Records": [record]}, CONTEXT) == {
        "batchItemFailures": []
    }
