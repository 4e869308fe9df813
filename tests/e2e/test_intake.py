"""Events come in over HTTPS in every form, and people see each of them once."""

from __future__ import annotations

import time
from collections import Counter

import pytest

from tests.e2e.stack import Stack, embeds_of, holds_a_mark, until


def test_a_first_message_is_seen_within_seconds(stack: Stack) -> None:
    box = stack.mailbox()

    reply = stack.send(box.event("It works", message="End to end.", severity="high"))
    (message,) = box.wait()

    assert reply.status == 202
    assert reply.json["deliveries"] == [{"destination": box.name, "status": "queued"}]
    (embed,) = embeds_of(message)
    assert "It works" in embed["title"]
    assert "End to end." in embed["description"]
    assert message["query"]["wait"] == "true"
    found = stack.settled(reply.json["id"], status="sent")
    assert found["status"] == "sent"
    assert found["delivery"]["message_id"] == message["id"]
    assert message["warnings"] == []


def test_a_list_of_a_hundred_is_seen_once_each_in_few_messages(stack: Stack) -> None:
    box = stack.mailbox()
    titles = [f"entry {number:03d} of many" for number in range(100)]

    reply = stack.send([box.event(title) for title in titles])

    assert reply.status == 202
    assert (reply.json["accepted"], reply.json["rejected"]) == (100, 0)
    ids = {result["id"] for result in reply.json["results"]}
    until(lambda: box.sent() == ids, "all of them", 90)
    shown = [embed["title"] for embed in box.embeds()]
    seen = Counter(title for title in titles for each in shown if title in each)
    assert set(seen) == set(titles)
    # A send longer than the sped-up lease is tried again, and marked so.
    assert all(box.is_marked(title) for title, count in seen.items() if count > 1)
    told_once = [got for got in box.messages() if not holds_a_mark(got)]
    # Ten on a machine that is not busy, which may split a few.
    assert len(told_once) <= 13


def test_one_bad_element_of_a_list_does_not_hurt_the_others(stack: Stack) -> None:
    box = stack.mailbox()

    reply = stack.send([box.event("good"), {"type": box.type}, box.event("well")])

    assert reply.status == 202
    assert (reply.json["accepted"], reply.json["rejected"]) == (2, 1)
    assert reply.json["results"][1]["errors"]
    until(lambda: len(box.embeds()) == 2, "both good ones")


CLOUDEVENT = {
    "specversion": "1.0",
    "source": "/orders",
    "id": "A234-1234-1234",
    "subject": "Order 7",
    "datacontenttype": "application/json",
}


def test_a_structured_cloudevent_is_seen_and_its_own_id_makes_it_one(
    stack: Stack,
) -> None:
    box = stack.mailbox()
    sent = {**CLOUDEVENT, "type": f"{box.type}.structured", "data": {"rows": 412}}
    kind = "application/cloudevents+json; charset=utf-8"

    first = stack.send(sent, content_type=kind)
    second = stack.send(sent, content_type=kind)

    assert first.status == second.status == 202
    assert first.json["id"] == second.json["id"]
    assert len(box.wait()) == 1
    found = stack.settled(first.json["id"], status="sent")
    assert found["type"] == f"{box.type}.structured"
    assert len(box.messages()) == 1


def test_a_batch_of_cloudevents_is_seen(stack: Stack) -> None:
    box = stack.mailbox()
    batch = [
        {
            **CLOUDEVENT,
            "id": f"b{number}",
            "type": box.type,
            "subject": f"Part {number}",
        }
        for number in range(3)
    ]

    reply = stack.send(batch, content_type="application/cloudevents-batch+json")

    assert reply.json["accepted"] == 3
    for number in range(3):
        box.wait(contains=f"Part {number}")


def test_a_binary_cloudevent_is_seen(stack: Stack) -> None:
    box = stack.mailbox()

    reply = stack.send(
        b'{"file": "invoices.csv", "rows": 412}',
        content_type="application/json",
        ce_specversion="1.0",
        ce_id="binary",
        ce_source="/imports",
        ce_type=f"{box.type}.binary",
        ce_subject="Import%20f%C3%BCr%20M%C3%BCller%20AG",
    )

    assert reply.status == 202
    box.wait(contains="Import für Müller AG")


def test_the_same_idempotency_key_counts_once(stack: Stack) -> None:
    box = stack.mailbox()
    event = box.event("Paid once")

    replies = [stack.send(event, idempotency_key=box.name) for _ in range(3)]
    other = stack.send(box.event("Paid twice"), idempotency_key=box.name)

    assert {reply.status for reply in replies} == {202}
    assert len({reply.json["id"] for reply in replies}) == 1
    assert other.status == 409
    assert other.json["errors"][0]["field"] == "Idempotency-Key"
    stack.settled(replies[0].json["id"], status="sent")
    assert len(box.embeds()) == 1


def test_a_dry_run_says_what_would_happen_and_does_nothing(stack: Stack) -> None:
    box = stack.mailbox()

    reply = stack.call(
        "POST", "/v1/events?dry_run=true", box.event("Only asking"), key="ingest"
    )

    assert reply.status == 200
    assert reply.json["dry_run"] is True
    assert "id" not in reply.json
    assert [each["destination"] for each in reply.json["deliveries"]] == [box.name]
    assert any(box.name in step["verdict"] for step in reply.json["trace"])
    assert stack.listed(f"type={box.type}") == []
    time.sleep(1)
    assert box.messages() == []


HOSTILE = "@everyone @here <@123456789012345678> <@&123456789012345678>"


@pytest.mark.parametrize("severity", ["info", "critical"])
def test_no_text_of_an_event_pings_anyone(stack: Stack, severity: str) -> None:
    box = stack.mailbox()

    box.send(
        f"Hello {HOSTILE}",
        message=HOSTILE,
        severity=severity,
        source=HOSTILE[:40],
        fields=[{"name": HOSTILE[:30], "value": HOSTILE}],
        mentions=["@everyone"],
    )
    (message,) = box.wait()

    assert message["payload"]["allowed_mentions"]["parse"] == []
    assert not any(message["pings"].values()), message["pings"]


def test_an_allowed_route_pings_everyone_for_what_is_critical_only(
    stack: Stack,
) -> None:
    box = stack.new_mailbox(mentions={"critical": ["@everyone"]})

    box.send("Wake up", severity="critical")
    (urgent,) = box.wait(contains="Wake up")
    box.send("Sleep on", severity="high")
    (calm,) = box.wait(contains="Sleep on")

    assert urgent["pings"]["everyone"] is True
    assert not any(calm["pings"].values())
