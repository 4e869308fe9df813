"""What grows too old before it can be told, and the record that delays nothing."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.e2e.stack import SCALE, Mailbox, Stack, shown_in, until

ZONE = ZoneInfo("Europe/Zurich")
EXPIRED = "older than its time to live when its turn came"
TTL = 2  # seconds: less than the provider makes us wait, or two retries take


@pytest.fixture(scope="module")
def late(stack: Stack) -> dict[str, tuple[Mailbox, list[str]]]:
    """What cannot be told in its time, by why: the mailbox, and the notifications. All
    of it is waited for from the beginning."""
    boxes = {why: stack.mailbox() for why in ("failing", "paused", "route", "type")}
    arranged(stack, boxes)
    boxes["paused"].behave("limited", retry_after=4, times=1)
    for why in ("failing", "route", "type"):
        boxes[why].behave("status", status=500)
    found = {why: (box, [sent(box, why)]) for why, box in boxes.items()}
    return {"quiet": quiet(stack), **found}


def quiet(stack: Stack) -> tuple[Mailbox, list[str]]:
    """Quiet hours that end in some minutes; of what came in them one is news by then."""
    shown = datetime.fromtimestamp(time.time() * float(SCALE), ZONE)
    begin, end = shown - timedelta(minutes=30), shown + timedelta(minutes=9)
    box = stack.new_mailbox(quiet={"from": f"{begin:%H:%M}", "to": f"{end:%H:%M}"})
    events = [box.event(f"Old {n}", ttl=TTL) for n in range(2)]
    reply = stack.send([*events, box.event("Still news", ttl=3600)])
    return box, [each["id"] for each in reply.json["results"]]


def arranged(stack: Stack, boxes: dict[str, Mailbox]) -> None:
    """A time to live of a route's own, and one of a type's."""
    route = {**boxes["route"].route(), "name": f"short {boxes['route'].name}"}
    declared = {boxes["type"].type: {"title": "A friend is here", "ttl": TTL}}

    def done() -> bool:
        live = stack.call("GET", "/v1/config")
        routes = [{**route, "ttl": TTL}, *live.json["routes"]]
        types = {**live.json.get("types", {}), **declared}
        config = {**live.json, "routes": routes, "types": types}
        tag = {"If-Match": live.headers["ETag"]}
        return stack.call("PUT", "/v1/config", config, headers=tag).status == 200

    until(done, "the routing file")


def sent(box: Mailbox, why: str) -> str:
    """Only where neither its type nor its route says how long it is news, it does."""
    own = {} if why in ("route", "type") else {"ttl": TTL}
    return box.send("A friend is here", **own)


@pytest.mark.parametrize("why", ["failing", "paused", "route", "type"])
def test_what_is_too_old_when_its_destination_works_again_is_not_told(
    stack: Stack, late: dict[str, tuple[Mailbox, list[str]]], why: str
) -> None:
    box, (name,) = late[why]

    kept = stack.settled(name, status="suppressed", reason=EXPIRED)

    box.behave("ok")
    assert kept["status"] == "suppressed"
    assert kept["delivery"]["log"][-1]["reason"] == EXPIRED
    assert box.messages() == []


def test_what_is_too_old_when_quiet_hours_end_is_not_told(
    stack: Stack, late: dict[str, tuple[Mailbox, list[str]]]
) -> None:
    box, (*old, news) = late["quiet"]

    (told,) = box.wait(contains="Still news")
    stack.settled(news, status="sent")
    for name in old:
        stack.settled(name, status="suppressed", reason=EXPIRED)
    assert [message["id"] for message in box.messages()] == [told["id"]]
    assert "Old" not in told["text"]


def test_a_mirror_tells_many_in_one_call_after_the_originals(stack: Stack) -> None:
    box, log = stack.mailbox(), stack.mailbox()
    put(stack, log, window="5s")
    put(stack, box, audit_to=log.name)

    titles = [f"Key {number} was rotated" for number in range(4)]
    for title in titles:
        box.send(title, message="all of it", severity="high")
    until(lambda: len(box.embeds()) == len(titles), "the originals")
    assert log.calls() == []

    (together,) = log.wait()
    lines = shown_in(together)
    assert len(log.calls()) == 1
    assert [line["title"].split(" ", 1)[1].split(" · ")[0] for line in lines] == titles
    assert not any("\n" in line["title"] or line.get("fields") for line in lines)
    assert "all of it" not in together["text"]


def test_a_mirror_that_fails_delays_no_original(stack: Stack) -> None:
    box, log = stack.mailbox(), stack.mailbox()
    put(stack, box, audit_to=log.name)
    log.behave("status", status=500)

    sent = box.send("Keys were rotated")

    box.wait(contains="Keys were rotated")
    until(lambda: states(stack, sent) == {"sent", "failed"}, "a failing mirror")
    assert log.messages() == []
    log.behave("ok")
    log.wait(contains="Keys were rotated")
    assert len(box.calls()) == 1


def put(stack: Stack, box: Mailbox, **upkeep: Any) -> None:
    given = {"channel": "discord", "url": box.url, **upkeep}
    status, told = stack.operate("PUT", f"/v1/destinations/{box.name}", given)
    assert status == 200, told


def states(stack: Stack, name: str) -> set[str]:
    return {each["status"] for each in stack.read(name)["deliveries"]}
