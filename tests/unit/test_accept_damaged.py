"""A memory of which something is damaged: news of its fingerprint is taken in still."""

from __future__ import annotations

import pytest

from tests.fakes.world import World, event, settings_for
from tests.unit.accepting import firing, opened, resolved
from tocsin.acknowledge import resolve
from tocsin.aws.items import pack_memory, unpack_memory
from tocsin.delivery import MINUTE

ATTRIBUTES = ["r", "id", "at", "un", "n", "ch", "ca", "expires", "ls", "w"]


def damage(world: World, name: str) -> None:
    """Later, one attribute has been written over, of each memory that has it."""
    world.clock.at += MINUTE
    for key, memory in world.ledger.known.items():
        item = pack_memory(memory)
        if name in item:
            world.ledger.known[key] = unpack_memory({**item, name: {"L": []}})


def states(world: World) -> list[str]:
    return [world.ledger.kept[each].state for each in sorted(world.ledger.kept)]


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_of_a_problem_one_is_told_at_most_that_would_have_been_counted(
    name: str,
) -> None:
    world = World()
    for told in (firing(), resolved(), firing()):
        world.accept(told)
        world.clock.at += MINUTE
    damage(world, name)
    world.accept(firing())
    world.accept(firing())
    world.accept(resolved())
    world.send_all()

    rows = list(world.ledger.kept.values())
    unknown = name == "id"
    assert states(world).count("firing") == unknown
    assert sum(row.occurrences for row in rows if row.event.state == "firing") == 4
    assert len(rows) == 4 + unknown


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_an_end_finds_its_problem_unless_it_is_not_known_which_that_was(
    name: str,
) -> None:
    world = World()
    world.accept(firing())
    damage(world, name)
    (end,) = world.accept(resolved())

    known = name != "id"
    assert end.verdict == ("resolve" if known else "keep")
    assert bool(end.notification.suppressed) is not known
    assert states(world) == ["resolved" if known else "firing", "resolved"]


def test_a_problem_whose_memory_was_lost_can_be_ended_by_hand() -> None:
    world = World()
    (problem,) = world.accept(firing())
    damage(world, "id")
    (since,) = world.accept(firing())
    resolve(problem.notification.id, actor="ann", note="", means=world.means())

    assert states(world) == ["resolved", "firing"]
    assert opened(world) == [since.notification.id]


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_of_notices_one_window_is_told_twice_at_most(name: str) -> None:
    world = World(settings_for("ops", throttle={"limit": 1, "per": "10m"}))
    world.accept(event())
    world.accept(event())
    damage(world, name)
    for _ in range(3):
        world.accept(event())
    world.send_all()

    rows = list(world.ledger.kept.values())
    assert sum(row.occurrences for row in rows) == 5
    assert len(rows) <= 2
    assert world.provider.shown() == ["Disk is full"] * len(rows)
