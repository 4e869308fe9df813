"""Destinations in trouble: limited, refusing, gone, silent. Nothing is lost by it."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.e2e.stack import Mailbox, Stack, embeds_of, until

HTTP_TIMEOUT = 5.0


def test_a_burst_above_the_limit_loses_nothing_and_is_rarely_told_to_wait(
    stack: Stack,
) -> None:
    box = stack.mailbox()
    titles = [f"Burst {number:03d}" for number in range(60)]

    with ThreadPoolExecutor(4) as pool:
        ids = list(pool.map(box.send, titles))

    until(lambda: box.sent() == set(ids), "all of them", 90)
    seen = Counter(embed["title"] for embed in box.embeds())
    assert all(any(title in shown for shown in seen) for title in titles)
    assert all(box.is_marked(title) for title, count in seen.items() if count > 1)
    calls = box.calls()
    limited = [call for call in calls if call["status"] == 429]
    assert len(limited) <= max(1, len(calls) // 10), Counter(
        call["status"] for call in calls
    )


def test_a_rate_limit_costs_no_attempt(stack: Stack) -> None:
    box = stack.mailbox()
    box.behave("limited", seconds=2, times=2)

    sent = box.send("Later")

    found = stack.settled(sent, status="sent", seconds=60)
    assert found["delivery"]["attempts"] == 0
    assert [call["status"] for call in box.calls()] == [429, 429, 200]


def test_one_that_is_refused_does_not_take_the_others_with_it(stack: Stack) -> None:
    box = stack.mailbox()
    box.behave("status", status=400, contains="poison")

    words = ["one", "two", "poison", "four"]
    reply = stack.send([box.event(word) for word in words])
    ids = dict(zip(words, (each["id"] for each in reply.json["results"]), strict=True))

    for word in ("one", "two", "four"):
        stack.settled(ids[word], status="sent", seconds=60)
    dead = stack.settled(ids["poison"], status="dead_letter", seconds=60)
    assert "400" in dead["delivery"]["reason"]
    assert len(box.embeds()) == 3


def test_a_failure_is_retried_when_it_is_due_and_never_early(stack: Stack) -> None:
    box = stack.mailbox()
    box.behave("status", status=503, times=1)

    sent = box.send("Once more")
    found = stack.settled(sent, status="sent", seconds=60)

    first, second = box.calls()
    assert (first["status"], second["status"]) == (503, 200)
    assert second["at"] - first["at"] >= 1.0  # a minute, at this stack's pace
    assert found["delivery"]["attempts"] == 1
    assert found["delivery"]["possibly_sent"] is False


def test_an_unknown_outcome_is_marked_and_the_second_message_says_so(
    stack: Stack,
) -> None:
    box = stack.mailbox()
    box.behave("drop", after_store=True, times=1)

    sent = box.send("Heard?")
    found = stack.settled(sent, status="sent", seconds=60)

    assert found["delivery"]["possibly_sent"] is True
    first, second = (embeds_of(message)[0] for message in box.messages())
    assert "twice" not in first.get("description", "")
    assert "Possibly sent twice" in second["description"]


def test_a_route_may_rather_stop_than_send_twice(stack: Stack) -> None:
    box = stack.new_mailbox(on_unknown="stop")
    box.behave("drop", after_store=True, times=1)

    sent = box.send("Only once")
    found = stack.settled(sent, status="dead_letter", seconds=60)

    assert found["delivery"]["possibly_sent"] is True
    assert len(box.messages()) == 1


def test_a_gone_destination_is_disabled_and_its_owner_is_told(stack: Stack) -> None:
    box, owner = stack.mailbox(), stack.mailbox()
    match = {"type": ["tocsin.destination.gone"], "labels": {"destination": box.name}}
    stack.add_routes(
        {"name": f"owner of {box.name}", "match": match, "to": [owner.name]}
    )
    box.behave("gone")

    first = box.send("Into the void")

    dead = stack.settled(first, status="dead_letter", seconds=60)
    assert "no longer knows" in dead["delivery"]["reason"]
    (told,) = owner.wait()
    assert box.name in embeds_of(told)[0]["title"]
    assert _health(stack, box)["disabled"] is True
    asked = len(box.calls())
    second = box.send("Into the void again")
    stack.settled(second, status="dead_letter", seconds=60)
    assert box.calls()[asked:] == []

    box.behave("ok")
    box.put()
    assert _health(stack, box)["disabled"] is False
    for each in (first, second):
        status, _ = stack.operate("POST", f"/v1/notifications/{each}/replay", {})
        assert status == 200

    for each in (first, second):
        stack.settled(each, status="sent", generation=1, seconds=60)
    assert len(box.embeds()) == 2
    assert len(owner.messages()) == 1


def _health(stack: Stack, box: Mailbox) -> dict[str, Any]:
    status, found = stack.operate("GET", f"/v1/destinations/{box.name}/status")
    assert status == 200
    return dict(found["health"])


def test_a_hanging_destination_does_not_delay_a_healthy_one(stack: Stack) -> None:
    hanging, healthy = stack.mailbox(), stack.mailbox()
    hanging.behave("hang", seconds=20)
    alone = _latency(healthy)

    stuck = hanging.send("Stuck")
    until(lambda: _in_flight(stack), "the hanging call")
    beside = _latency(healthy)

    # This emulator runs one sender at a time: a call's own timeout is the most that
    # any other destination can be made to wait.
    assert beside <= HTTP_TIMEOUT + 3 * alone + 1
    stack.settled(stuck, possibly_sent=True, seconds=60)
    hanging.behave("ok")


def _in_flight(stack: Stack) -> int:
    found = stack.aws("sqs").get_queue_attributes(
        QueueUrl=stack.described["queue_url"],
        AttributeNames=["ApproximateNumberOfMessagesNotVisible"],
    )
    return int(found["Attributes"]["ApproximateNumberOfMessagesNotVisible"])


def _latency(box: Mailbox) -> float:
    """Seconds from the request to what people see."""
    before, began = len(box.messages()), time.monotonic()
    box.send(f"Quick {before}")
    box.wait(before + 1)
    return time.monotonic() - began


def test_a_message_that_the_queue_lost_is_found_by_the_sweep(stack: Stack) -> None:
    box = stack.mailbox()
    queue, url = stack.aws("sqs"), stack.described["queue_url"]
    box.behave("limited", seconds=8, times=1)

    sent = box.send("Not forgotten")
    until(lambda: len(box.calls()) == 1, "the limit")
    queue.purge_queue(QueueUrl=url)
    # SQS remembers for five minutes what was sent, which on AWS is over before the
    # sweep sends it again, and here lasts longer than six minutes of this stack's.
    _forget(queue, url, "queue")
    try:
        stack.settled(sent, status="sent", seconds=90)
    finally:
        _forget(queue, url, "messageGroup")

    assert len(box.embeds()) == 1


def _forget(queue: Any, url: str, scope: str) -> None:
    queue.set_queue_attributes(QueueUrl=url, Attributes={"DeduplicationScope": scope})
