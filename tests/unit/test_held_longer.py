"""What a broken destination missed is told once, though more of it comes up meanwhile:
what a sender held that had read how it was before."""

from __future__ import annotations

import pytest

from tests.fakes.meddler import Meddler
from tests.fakes.world import World, event
from tests.unit.test_gathering import breaking, deliveries, served, told_each
from tocsin.delivery import MINUTE, State


def works_again(*, tried: bool) -> World:
    """Three wait, and are to be told by the next sweep; or two of them, where one was
    `tried` before."""
    world = served()
    breaking(world, minutes=2)
    world.accept(event("one"), event("three"), event("two"))
    world.send_all()
    world.clock.at += 2 * MINUTE
    if tried:
        world.sweep()
        world.send_all()
        assert len(world.provider.posts) == 1
        world.clock.at += MINUTE
    else:
        world.health.note("ops", world.clock.at, "")
    return world


def one_more(world: World) -> None:
    """It waits a minute longer than they do."""
    for _ in range(5):
        world.health.note("ops", world.clock.at, "503")
    world.accept(event("late"))
    world.send_all()
    world.health.note("ops", world.clock.at, "")
    world.clock.at += MINUTE


TRIED = pytest.mark.parametrize("tried", [False, True])


@TRIED
@pytest.mark.parametrize("after", [False, True])
def test_whoever_dies_over_a_summary_leaves_none_to_be_told_twice(
    after: bool, tried: bool
) -> None:
    for call in range(1, 60):
        world = works_again(tried=tried)
        world.chaos.fatal, world.chaos.after = len(world.chaos.calls) + call, after
        killed = world.survive(world.sweep)
        world.chaos.revive()
        one_more(world)
        world.live(minutes=15)

        assert told_each(world) == ["late", "one", "three", "two"], call
        assert {each.state for each in deliveries(world)} == {State.SENT}
        if not killed:
            break


@TRIED
@pytest.mark.parametrize("at", [1, 2, 3, 4])
@pytest.mark.parametrize("call", ["load", "memories", "remember", "commit", "move"])
def test_of_two_sweeps_one_that_sees_more_tells_none_twice(
    call: str, at: int, tried: bool
) -> None:
    world = works_again(tried=tried)
    plain = world.seen_ledger

    def the_other() -> None:
        world.seen_ledger = plain
        one_more(world)
        world.sweep()

    world.seen_ledger = Meddler(plain, call, the_other, at=at)
    world.sweep()
    world.seen_ledger = plain
    one_more(world) if len(deliveries(world)) == 3 else None
    world.live(minutes=15)

    assert told_each(world) == ["late", "one", "three", "two"]
    assert {each.state for each in deliveries(world)} == {State.SENT}
