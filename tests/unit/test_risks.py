"""The table of docs/aws-risks.md: each cure has its test, and those that fit nowhere
else stand here."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.fakes.world import World, event
from tocsin.delivery import MINUTE, State
from tocsin.ports import Kind, Outcome

ROOT = Path(__file__).resolve().parents[2]
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
ROWS = [
    line
    for line in (ROOT / "docs" / "aws-risks.md").read_text().splitlines()
    if re.match(r"\| \d+ \|", line)
]


def names_in(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_all_fifteen_are_there() -> None:
    assert [int(row.split("|")[1]) for row in ROWS] == list(range(1, 16))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip())
def test_each_row_names_tests_that_exist(row: str) -> None:
    named = NAMED.findall(row)

    assert named
    for path, name in named:
        assert name in names_in(ROOT / path)


def test_what_failed_leaves_the_queue_and_blocks_nobody() -> None:
    world = World()
    world.provider.behaviour = lambda *_: Outcome(Kind.TRANSIENT, "500")
    world.accept(event("early"))
    world.send_once()
    assert world.queue.messages == []

    world.provider.behaviour = None
    world.accept(event("late"))
    world.send_once()
    assert world.provider.shown() == ["late"]
    world.live(minutes=3)
    assert world.provider.shown() == ["late", "early"]


def test_a_long_wait_leaves_the_queue_until_it_is_over() -> None:
    world = World()
    hour = Outcome(Kind.LIMITED, "quota", wait_ms=60 * MINUTE)
    outcomes = [hour]
    world.provider.behaviour = lambda *_: outcomes.pop() if outcomes else None
    world.accept(event())
    world.send_once()
    (delivery,) = world.one().deliveries.values()
    assert (delivery.state, delivery.attempts) == (State.FAILED, 0)
    assert world.queue.messages == []

    world.live(minutes=59)
    assert world.provider.shown() == []
    world.live(minutes=4)
    assert world.provider.shown() == ["Disk is full"]
