"""Clocks as operators live by them: when theirs change, and when two sweeps ring at once."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from threading import Barrier
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.e2e.stack import SCALE, Mailbox, Stack, until

DAY = timedelta(days=1)
ZONES = ["Europe/Berlin", "America/New_York"]
SLOT = 300 / float(SCALE)  # seconds between two times of a digest every five minutes
SWEEPS = 4


@pytest.fixture
def box(stack: Stack) -> Mailbox:
    return stack.new_mailbox(
        digest={"at": "09:00"}, quiet={"from": "22:00", "to": "07:00"}
    )


@pytest.fixture(params=ZONES)
def zone(stack: Stack, request: pytest.FixtureRequest) -> Iterator[ZoneInfo]:
    """The clocks of all routes, for a while."""
    before = stack.call("GET", "/v1/config").json.get("timezone", "UTC")
    put_zone(stack, str(request.param))
    yield ZoneInfo(request.param)
    put_zone(stack, before)


@pytest.mark.parametrize("which", [0, 1])
def test_what_is_told_at_nine_is_told_at_nine_when_the_clocks_have_changed(
    stack: Stack, box: Mailbox, zone: ZoneInfo, which: int
) -> None:
    change = changes(zone)[which]
    since = f"{change - 2 * DAY:%Y-%m-%dT%H:%M:%SZ}"
    found = stack.call("GET", f"/v1/outlook?days=4&since={since}").json

    assert found["timezone"] == str(zone)
    digests, nights = times(found, box, "digest"), times(found, box, "quiet")
    assert len(digests) == 4
    assert {shown(at, zone) for at, _ in digests} == {"09:00"}
    hours = [(b - a) / timedelta(hours=1) for (a, _), (b, _) in pairwise(digests)]
    assert sorted({*hours, 24}) in ([23, 24], [24, 25])
    assert hours.count(24) == 2
    whole = nights[1:-1]  # the first and the last are cut off
    assert {(shown(a, zone), shown(b, zone)) for a, b in whole} == {("22:00", "07:00")}
    assert {(b - a) // timedelta(hours=1) for a, b in whole} in ({8, 9}, {9, 10})


def test_a_digest_at_which_many_sweeps_look_at_once_is_told_once(
    stack: Stack,
) -> None:
    box = stack.new_mailbox(digest={"cron": "*/5 * * * *"})
    sweeps = Sweeps(stack)
    sweeps.together(until=time.time())  # so that there is a warm process for each
    sent = stack.send([box.event(f"Report {number}") for number in range(12)]).json
    ids = [result["id"] for result in sent["results"]]
    due = datetime.fromisoformat(stack.read(ids[0])["deliveries"][0]["due_at"])
    time.sleep(max(due.timestamp() - time.time() - 0.2, 0))
    spans = sweeps.together(until=due.timestamp() + 1)

    for name in ids:
        delivery = stack.settled(name, status="sent")["delivery"]
        assert [line["what"] for line in delivery["log"]].count("told") == 1
    (summary,) = box.wait(contains="12 notifications")
    time.sleep(SLOT)
    assert [message["id"] for message in box.messages()] == [summary["id"]]
    assert max(sum(a <= at < b for a, b in spans) for at, _ in spans) > 1


class Sweeps:
    """Several who ring at the same time."""

    def __init__(self, stack: Stack) -> None:
        self._name = stack.described["sweep_function"]
        self._functions = stack.aws("lambda")
        self._ready = Barrier(SWEEPS)

    def together(self, *, until: float) -> list[tuple[float, float]]:
        """When each run began and ended; each rings once, and again until then."""
        with ThreadPoolExecutor(SWEEPS) as pool:
            done = list(pool.map(self._ring, [until] * SWEEPS))
        return [span for spans in done for span in spans]

    def _ring(self, until: float) -> list[tuple[float, float]]:
        spans: list[tuple[float, float]] = []
        self._ready.wait()
        while not spans or time.time() < until:
            began = time.time()
            answer = self._functions.invoke(FunctionName=self._name, Payload=b"{}")
            assert json.loads(answer["Payload"].read())["complete"]
            spans.append((began, time.time()))
        return spans


def put_zone(stack: Stack, zone: str) -> None:
    def done() -> bool:
        live = stack.call("GET", "/v1/config")
        tag = {"If-Match": live.headers["ETag"]}
        config = {**live.json, "timezone": zone}
        return stack.call("PUT", "/v1/config", config, headers=tag).status == 200

    until(done, "the routing file")


def changes(zone: ZoneInfo) -> list[datetime]:
    """The next two moments at which its clocks jump."""
    at = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    found: list[datetime] = []
    while len(found) < 2:
        later = at + timedelta(hours=1)
        if later.astimezone(zone).utcoffset() != at.astimezone(zone).utcoffset():
            found.append(later)
        at = later
    return found


def times(
    found: dict[str, Any], box: Mailbox, kind: str
) -> list[tuple[datetime, datetime]]:
    """(begin, end) of each that the box's own route brings."""
    return [
        (
            datetime.fromisoformat(each["starts_at"]),
            datetime.fromisoformat(each["ends_at"]),
        )
        for each in found["times"]
        if each["kind"] == kind and box.name in each["name"]
    ]


def shown(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%H:%M}"
