"""Crash at every step, for real: processes that are killed before and after each call
they make, others that take over, and a stand-in that counts what people saw."""

from __future__ import annotations

import itertools
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from local.place import ROOT
from local.surroundings import toward_emulator
from tests.e2e.stack import Stack

WORKERS = 4  # each mostly waits for leases and queues
EVENTS = {"one_notification": 1, "ten_over_three": 10, "a_lost_queue": 1}
LEAST = {"one_notification": 18, "ten_over_three": 12, "a_lost_queue": 5}
READS = re.compile(r"\.(Get|BatchGet|Query|Scan)")
BROKEN = "broken"
Outcome = dict[str, Any]
Point = tuple[str, int, bool]
_names = itertools.count(int(time.time()))


@pytest.fixture(scope="module")
def outcomes(stack: Stack) -> dict[str, list[Outcome]]:
    """For each story, what became of it: first unharmed, then killed at every point."""
    whole = worked_off(stack, [(story, 0, False) for story in EVENTS])
    points = [point for outcome in whole for point in points_of(outcome)]
    found: dict[str, list[Outcome]] = {story: [] for story in EVENTS}
    for outcome in [*whole, *worked_off(stack, points)]:
        found[outcome["story"]].append(outcome)
    return found


def points_of(whole: Outcome) -> list[Point]:
    """Both sides of every call that an unharmed run makes. Of the longer stories only
    the far side of what writes: whoever dies before the next write, or in whatever is
    only read until then, leaves the very same behind."""
    story, calls = whole["story"], whole["calls"]
    if story == "one_notification":
        return [
            (story, n, far) for n in range(1, len(calls) + 1) for far in (False, True)
        ]
    wrote = [n for n, call in enumerate(calls, 1) if not READS.search(call)]
    return [(story, wrote[0], False), *((story, n, True) for n in wrote)]


def worked_off(stack: Stack, points: Sequence[Point]) -> list[Outcome]:
    """The outcomes, story by story, from workers side by side."""
    shares = [points[start::WORKERS] for start in range(WORKERS)]
    with ThreadPoolExecutor(WORKERS) as pool:
        done = list(pool.map(lambda share: work(stack, share), filter(None, shares)))
    return [outcome for some in done for outcome in some]


def work(stack: Stack, points: Sequence[Point]) -> list[Outcome]:
    """One worker's outcomes."""
    task = {
        "endpoint": stack.place.endpoint,
        "inbox": stack.place.inbox_url,
        "points": points,
        "name": str(next(_names)),
    }
    paths = [str(ROOT / "layers" / "core"), str(ROOT)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.e2e.crashing"],
        input=json.dumps(task),
        env=toward_emulator(stack.place, os.environ)
        | {"PYTHONPATH": os.pathsep.join(paths)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return [
        {**json.loads(line), "stderr": done.stderr[-500:]}
        for line in done.stdout.splitlines()
    ]


def broken_promises(outcome: Outcome) -> Iterator[str]:
    """What is wrong with a recovered run, in words."""
    if outcome["trouble"]:
        yield f"{outcome['trouble']}: {outcome['stderr']}"
    rows, shown = outcome["rows"], outcome["shown"]
    destinations = {row["destination"] for row in rows}
    if len(rows) != EVENTS[outcome["story"]] * len(destinations):
        yield f"{len(rows)} deliveries to {len(destinations)} destinations"
    for row in rows:
        seen = [
            words
            for name, footer, words in shown
            if name == row["destination"] and row["id"][-8:] in footer
        ]
        yield from _wrong_with(row, seen)


def _wrong_with(row: Outcome, seen: Sequence[str]) -> Iterator[str]:
    name, state = row["destination"], row["state"]
    if name == BROKEN:
        waits = state == "failed" and row["due_at"] is not None
        if not (waits or state == "dead_letter") or seen:
            yield f"{name}: {state}, seen {len(seen)} times"
    elif state != "sent" or not 1 <= len(seen) <= 2:
        yield f"{name}: {state}, seen {len(seen)} times"
    elif len(seen) == 2 and not (row["possibly_sent"] and "twice" in seen[-1]):
        yield f"{name}: seen twice, not marked: {seen}"


@pytest.mark.parametrize("story", EVENTS)
def test_a_crash_loses_nothing_and_doubles_at_most_once_marked(
    outcomes: dict[str, list[Outcome]], story: str
) -> None:
    wrong = {
        f"call {outcome['point'][0]}, {'after' if outcome['point'][1] else 'before'}": [
            *broken_promises(outcome)
        ]
        for outcome in outcomes[story]
    }

    assert not {point: words for point, words in wrong.items() if words}


@pytest.mark.parametrize("story", EVENTS)
def test_there_were_calls_and_processes_did_die_at_them(
    outcomes: dict[str, list[Outcome]], story: str
) -> None:
    _, *crashed = outcomes[story]

    assert len(crashed) >= LEAST[story]
    # Lanes run side by side: how many calls are made varies by one or two.
    assert sum(outcome["killed"] for outcome in crashed) >= len(crashed) - 2


def test_some_crashes_did_show_a_message_twice(
    outcomes: dict[str, list[Outcome]],
) -> None:
    """Or this page would prove nothing: killed after the provider took it."""
    shown = [len(outcome["shown"]) for outcome in outcomes["one_notification"]]

    assert max(shown) == 2


def test_a_caller_who_heard_no_202_repeats_and_is_counted_once(
    outcomes: dict[str, list[Outcome]],
) -> None:
    unheard = [
        outcome
        for story in ("one_notification", "ten_over_three")
        for outcome in outcomes[story]
        if not outcome["answered"]
    ]

    assert len(unheard) >= 8
    for outcome in unheard:
        assert len({row["id"] for row in outcome["rows"]}) == EVENTS[outcome["story"]]


def test_an_end_whose_sender_never_tries_again_leaves_no_card_as_it_was(
    stack: Stack,
) -> None:
    """Killed at every write: the problem is over and its card says so, or neither."""
    (whole,) = work(stack, [("an_end_that_nobody_repeats", 0, False)])
    crashed = worked_off(stack, points_of(whole))

    assert len(crashed) >= 5
    assert any(not outcome["answered"] for outcome in crashed)
    found = [over_by_row_and_card(outcome) for outcome in [whole, *crashed]]
    assert set(found) == {(True, True, True), (False, False, False)}, found


def over_by_row_and_card(outcome: Outcome) -> tuple[bool, bool, bool]:
    """Whether the problem is over, by its row, its end's row, and its card."""
    assert not outcome["trouble"], outcome
    (problem,) = [row for row in outcome["rows"] if not row["resolves"]]
    ends = [row for row in outcome["rows"] if row["resolves"] == problem["id"]]
    assert all(end["state"] == "sent" for end in ends), ends
    titles = [title for foot, title in outcome["cards"] if problem["id"][-8:] in foot]
    return problem["over"], bool(ends), "Resolved" in titles[-1]
