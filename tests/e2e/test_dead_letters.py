"""Dead letters: after the last retry, and alive again by API and by SQS's own redrive."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.stack import Mailbox, Stack, until

# 1, 5, 15, 30 and 60 minutes, each a second on this stack.
SCHEDULE = (1, 5, 15, 30, 60)


def in_dlq(stack: Stack, notification_id: str) -> dict[str, Any] | None:
    """The SQS message that carries it, as an operator's console polls for it."""
    queue, url = stack.aws("sqs"), stack.described["dlq_url"]
    seen: list[dict[str, Any]] = []
    while True:
        found = queue.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=10,
            VisibilityTimeout=20,
            MessageSystemAttributeNames=["All"],
        )
        if not found.get("Messages"):
            break
        seen += found["Messages"]
    for message in seen:
        queue.change_message_visibility(
            QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
        )
    ours = (dict(each) for each in seen if notification_id in each["Body"])
    return next(ours, None)


def redrive(stack: Stack, message: dict[str, Any]) -> None:
    """What the console's "Start DLQ redrive" does: the same body and group under a new
    message id, then the old one deleted. (The emulator has no StartMessageMoveTask.)"""
    queue = stack.aws("sqs")
    queue.send_message(
        QueueUrl=stack.described["queue_url"],
        MessageBody=message["Body"],
        MessageGroupId=message["Attributes"]["MessageGroupId"],
        MessageDeduplicationId=f"redrive-{message['MessageId']}",
    )
    entry = {"Id": "1", "ReceiptHandle": message["ReceiptHandle"]}
    queue.delete_message_batch(QueueUrl=stack.described["dlq_url"], Entries=[entry])


def refused(stack: Stack, title: str) -> tuple[Mailbox, str]:
    """A mailbox that works again, and the dead notification that it had refused."""
    box = stack.mailbox()
    box.behave("status", status=400, times=1)
    sent = box.send(title)
    stack.settled(sent, status="dead_letter")
    return box, sent


@pytest.fixture(scope="module")
def failing(exhausted: tuple[Mailbox, str]) -> Iterator[tuple[Mailbox, str]]:
    """The one that has failed since the session began."""
    yield exhausted
    exhausted[0].behave("ok")


def test_after_five_retries_on_schedule_it_is_dead(
    stack: Stack, failing: tuple[Mailbox, str]
) -> None:
    box, sent = failing

    found = stack.settled(sent, status="dead_letter", seconds=200)

    delivery = found["delivery"]
    assert "gave up after 6 attempts" in delivery["reason"]
    assert delivery["generation"] == 0
    at = [call["at"] for call in box.calls()]
    assert len(at) == 6
    for wait, earlier, later in zip(SCHEDULE, at, at[1:], strict=False):
        assert later - earlier >= wait
    assert box.messages() == []


def test_sqs_itself_moves_it_to_the_dead_letter_queue(
    stack: Stack, failing: tuple[Mailbox, str]
) -> None:
    _, sent = failing

    message = until(lambda: in_dlq(stack, sent), "the message in the DLQ", 60)

    arn = message["Attributes"]["DeadLetterQueueSourceArn"]
    assert arn.endswith(stack.described["queue_url"].rpartition("/")[2])


def test_replaying_by_filter_counts_first_and_then_sends(
    stack: Stack, failing: tuple[Mailbox, str]
) -> None:
    box, sent = failing
    box.behave("ok")
    asked = {"filter": {"destination": box.name}}

    status, counted = stack.operate(
        "POST", "/v1/dead-letters/replay", {**asked, "dry_run": True}
    )

    assert (status, counted["matched"], counted["replayed"]) == (200, 1, 0)
    assert counted["by_destination"] == {box.name: 1}
    time.sleep(1)
    assert box.messages() == []
    listed = stack.operate("GET", "/v1/dead-letters?limit=100")[1]["dead_letters"]
    (dead,) = [each for each in listed if each["notification_id"] == sent]
    assert dead["destination"] == box.name

    status, done = stack.operate("POST", "/v1/dead-letters/replay", asked)

    assert (status, done["matched"], done["replayed"]) == (200, 1, 1)
    found = stack.settled(sent, status="sent", seconds=60)
    assert found["delivery"]["generation"] == 1
    assert found["delivery"]["attempts"] == 0
    assert len(box.embeds()) == 1
    again = stack.operate("POST", "/v1/dead-letters/replay", asked)[1]
    assert (again["matched"], again["replayed"]) == (0, 0)


def test_a_redrive_in_the_console_sends_it_again(stack: Stack) -> None:
    box, sent = refused(stack, "Redriven")
    message = until(lambda: in_dlq(stack, sent), "the message in the DLQ", 60)

    redrive(stack, message)

    found = stack.settled(sent, status="sent", seconds=60)
    assert found["delivery"]["generation"] == 1
    assert len(box.embeds()) == 1
    assert in_dlq(stack, sent) is None


def test_what_fails_after_a_redrive_is_dead_again(stack: Stack) -> None:
    box, sent = refused(stack, "Redriven in vain")
    message = until(lambda: in_dlq(stack, sent), "the message in the DLQ", 60)
    box.behave("status", status=400)

    redrive(stack, message)

    stack.settled(sent, status="dead_letter", generation=1, seconds=60)
    message = until(lambda: in_dlq(stack, sent), "the message in the DLQ again", 60)
    box.behave("ok")
    redrive(stack, message)
    stack.settled(sent, status="sent", generation=2, seconds=60)
    assert len(box.embeds()) == 1


def test_redriving_what_a_replay_has_sent_meanwhile_does_nothing(stack: Stack) -> None:
    box, sent = refused(stack, "Replayed first")
    message = until(lambda: in_dlq(stack, sent), "the message in the DLQ", 60)
    status, _ = stack.operate("POST", f"/v1/notifications/{sent}/replay", {})
    assert status == 200
    stack.settled(sent, status="sent", generation=1, seconds=60)

    redrive(stack, message)
    after = stack.mailbox()
    after.send("Behind it")
    after.wait()
    time.sleep(1)

    assert len(box.embeds()) == 1
    found = stack.settled(sent, status="sent")
    assert found["delivery"]["generation"] == 1


def test_a_message_that_is_not_ours_reaches_the_dead_letter_queue(
    stack: Stack,
) -> None:
    body = json.dumps({"not": "a parcel", "mark": "foreign-e2e"})
    stack.aws("sqs").send_message(
        QueueUrl=stack.described["queue_url"],
        MessageBody=body,
        MessageGroupId="foreign#normal",
        MessageDeduplicationId=f"foreign-{time.time_ns()}",
    )
    box = stack.mailbox()

    box.send("Not disturbed by it")

    box.wait()
