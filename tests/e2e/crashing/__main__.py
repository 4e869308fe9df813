"""Crashing: Tocsin's real functions in processes that are killed on their way.

`python -m tests.e2e.crashing` reads one task (JSON) from standard input and prints one
result (JSON) a line. It stays without threads and connections of the functions' own, so
that it can fork: every run, and every recovery, is a process that begins afresh.
"""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from tests.e2e.crashing.functions import Functions, inherited, prepare
from tests.e2e.crashing.site import BROKEN, Site
from tests.e2e.crashing.stories import (
    ASKED_AGAIN,
    OPEN,
    STORIES,
    Story,
    a_lost_queue,
    an_end_that_nobody_repeats,
)
from tests.e2e.tripwire import KILLED, Tripwire
from tocsin.aws.items import unpack

PAUSE: Final = 0.3  # between two rounds of a recovery
BOUND: Final = 60.0  # seconds for a recovery, on a machine that is busy


@dataclass(frozen=True, slots=True)
class Task:
    """What one worker shall do. `points` are (story, call, whether after it); call 0
    lets the story end unharmed."""

    endpoint: str
    inbox: str
    points: list[tuple[str, int, bool]]
    name: str


@dataclass(slots=True)
class Result:
    """What became of one run: `shown` are the state lines that people saw, by
    (notification, destination), and `cards` what they see now: (footer, title)."""

    story: str
    point: tuple[int, bool]
    killed: bool
    calls: list[str] = field(default_factory=list)
    answered: bool = False
    rows: list[dict[str, Any]] = field(default_factory=list)
    shown: list[tuple[str, str, str]] = field(default_factory=list)
    cards: list[tuple[str, str]] = field(default_factory=list)
    trouble: str = ""


def run(task: Task, told_of: str, point: tuple[int, bool], number: int) -> Result:
    """One story up to its crash, and the recovery of what it left behind."""
    story, body, names = STORIES[told_of]
    seed = 1_500_000_000_000_000_000 + time.time_ns() % 10**15 * 100
    webhooks = {name: str(seed + place) for place, name in enumerate(names)}
    site = Site(task.endpoint, task.inbox, f"crash-{task.name}-{number}", webhooks)
    site.build()
    if story is a_lost_queue:
        forked(lambda tell: tell({"answered": accept_and_lose(site, body)}))
        site.make_queues()
        time.sleep(0.3)
    if story is an_end_that_nobody_repeats:
        forked(lambda tell: tell({"answered": opened(site)}))
    status, told = forked(lambda tell: act(site, story, point, tell))
    result = Result(told_of, point, killed=status == KILLED)
    if status not in (0, KILLED):
        result.trouble = f"the story ended with status {status}"
    result.calls = [call for each in told for call in each.get("calls", ())]
    result.answered = any("answered" in each for each in told)
    repeats = story in ASKED_AGAIN and not result.answered
    status, told = forked(lambda tell: recover(site, body if repeats else None, tell))
    result.rows = [row for each in told for row in each.get("rows", ())]
    if status or not result.rows:
        result.trouble += f" the recovery ended with status {status}"
    result.shown, result.cards = list(site.shown()), list(site.cards())
    site.clear()
    return result


def accept_and_lose(site: Site, body: Any) -> int:
    return Functions(site, Tripwire()).ingest(body)


def opened(site: Site) -> int:
    functions = Functions(site, Tripwire())
    status = functions.ingest(OPEN, "opened")
    functions.send_all()
    return status


def act(site: Site, story: Story, point: tuple[int, bool], tell: Any) -> None:
    """The story, in a process of its own, under the tripwire."""
    fatal, after = point
    wire = Tripwire(fatal or None, after=after)
    wire.stretch()
    story(site, Functions(site, wire), lambda: tell({"answered": True}))
    tell({"calls": wire.calls})


def recover(site: Site, body: Any, tell: Any) -> None:
    """What the world does anyway: the caller who heard no 202 repeats the request, the
    poller polls, the sweep sweeps, until nothing is left to do."""
    functions = Functions(site, Tripwire())
    if body is not None:
        assert functions.ingest(body) == 202
    deadline = time.monotonic() + BOUND
    rows: list[dict[str, Any]] = []
    while time.monotonic() < deadline:
        functions.send_all()
        functions.sweep()
        functions.send_all()
        rows = deliveries(site)
        if rows and all(map(is_settled, rows)):
            break
        time.sleep(PAUSE)
    tell({"rows": rows})


def is_settled(row: dict[str, Any]) -> bool:
    """The broken destination's wait for their due time, or are dead."""
    waits = row["destination"] == BROKEN and row["state"] == "failed"
    return waits or row["state"] in ("sent", "dead_letter", "suppressed", "cancelled")


def deliveries(site: Site) -> list[dict[str, Any]]:
    """Every delivery in the table."""
    items = inherited["dynamodb"].scan(TableName=site.name)["Items"]
    rows = [unpack(item) for item in items if item["pk"]["S"].startswith("N#")]
    return [
        {
            "id": row.id,
            "over": row.is_over,
            "resolves": row.resolves,
            "destination": name,
            "state": delivery.state.value,
            "possibly_sent": delivery.possibly_sent,
            "due_at": delivery.due_at,
        }
        for row in rows
        for name, delivery in row.deliveries.items()
    ]


def forked(act: Callable[[Any], None]) -> tuple[int, list[dict[str, Any]]]:
    """(exit status, what it told) of a child process that does this and nothing else."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read)
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)

        def tell(what: dict[str, Any]) -> None:
            os.write(write, json.dumps(what).encode() + b"\n")

        try:
            act(tell)
        except BaseException:  # noqa: BLE001 - the child must not go on as its parent
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        told = [json.loads(line) for line in pipe]
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status), told


def main() -> None:
    """Work off the task."""
    task = Task(**json.load(sys.stdin))
    os.environ |= {"AWS_ENDPOINT_URL": task.endpoint}
    prepare(Site(task.endpoint, task.inbox, "none", {}))
    for number, (story, *point) in enumerate(task.points):
        result = run(task, story, (point[0], bool(point[1])), number)
        sys.stdout.write(json.dumps(asdict(result)) + "\n")


if __name__ == "__main__":
    main()
