"""The Python client against the whole stack: what it tells, people see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.e2e.stack import Stack, embeds_of, until
from tocsin_client import Tocsin

Connect = Callable[..., Tocsin]
SLOW = {"patience": 60.0, "timeout": 30.0}  # a cold start on the emulator


@pytest.fixture
def connect(stack: Stack) -> Iterator[Connect]:
    """Clients with the ingest key, which send although this is a test."""
    stack.send({"type": "warm-up", "title": "Whoever is cold starts now"})
    made: list[Tocsin] = []

    def connected(key: str = stack.described["ingest_key"], **more: Any) -> Tocsin:
        url = stack.described["api_url"]
        made.append(Tocsin(url, key, send_in_tests=True, **{**SLOW, **more}))
        return made[-1]

    yield connected
    for each in made:
        each.flush(5)


def test_a_notification_is_seen_and_its_result_is_true(
    stack: Stack, connect: Connect
) -> None:
    box = stack.mailbox()

    result = connect().notify(
        box.type,
        "Told from Python",
        severity="high",
        fields={"Owner": "platform"},
        links={"Runbook": "https://example.com/runbook"},
    )

    assert result, result.error
    assert [each.destination for each in result.deliveries] == [box.name]
    assert stack.settled(result.id, status="sent")["status"] == "sent"
    (message,) = box.wait()
    (embed,) = embeds_of(message)
    assert "Told from Python" in embed["title"]
    assert embed["fields"][0]["value"] == "platform"


def test_everything_posted_is_seen_once(stack: Stack, connect: Connect) -> None:
    box = stack.mailbox()
    tocsin = connect()
    titles = [f"posted {number:03d}" for number in range(60)]

    assert all(tocsin.post(box.type, title) for title in titles)

    assert tocsin.flush(90)
    assert tocsin.dropped == 0
    until(lambda: len(box.embeds()) >= len(titles), "all of them", 90)
    seen = Counter(t for t in titles for each in box.embeds() if t in each["title"])
    assert set(seen) == set(titles)
    assert all(box.is_marked(title) for title, count in seen.items() if count > 1)


def test_a_job_is_one_notification_that_ends_resolved(
    stack: Stack, connect: Connect
) -> None:
    box = stack.mailbox()
    tocsin = connect()

    with tocsin.progress("Import of orders", total=4, every=25, type=box.type) as job:
        for _ in range(4):
            job.advance()
    assert tocsin.flush(90)

    told = stack.listed(f"since=1h&type={box.type}")
    opened = [each for each in told if each["state"] != "notice"]
    assert opened
    assert all("firing" not in stack.read(each["id"])["state"] for each in opened)
    until(lambda: [each for each in box.embeds() if "Import" in each["title"]], "it")


def test_a_cloudevent_is_seen(stack: Stack, connect: Connect) -> None:
    box = stack.mailbox()
    tocsin = connect(source="shop")

    assert tocsin.post_cloudevent({"type": box.type, "title": "In their envelope"})

    assert tocsin.flush(90)
    until(box.embeds, "it")
    assert "In their envelope" in box.embeds()[0]["title"]


def test_a_check_tells_right_from_wrong_and_stores_nothing(
    stack: Stack, connect: Connect
) -> None:
    before = len(stack.listed("since=1h&type=service.started"))

    assert connect().check()
    wrong = connect("tk_no-such-key").check()

    assert not wrong
    assert wrong.error.startswith("HTTP 401: ")
    assert len(stack.listed("since=1h&type=service.started")) == before


def test_a_refusal_names_the_field(stack: Stack, connect: Connect) -> None:
    result = connect().notify("a", "b", severity="terrible")

    assert not result
    assert [fault.field for fault in result.faults] == ["severity"]


def test_one_bad_event_among_those_posted_hurts_no_other(
    stack: Stack, connect: Connect
) -> None:
    box = stack.mailbox()
    tocsin = connect()

    tocsin.post(box.type, "good")
    tocsin.post(box.type, "bad", severity="terrible")
    tocsin.post(box.type, "well")

    assert tocsin.flush(90)
    assert tocsin.dropped == 1
    until(lambda: len(box.embeds()) == 2, "both good ones")
