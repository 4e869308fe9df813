"""Accepting in a race, or while a service is down."""

from __future__ import annotations

import pytest

from tests.fakes.meddler import Broken, Meddler
from tests.fakes.world import World, event
from tests.unit.accepting import DAY, firing, resolved, rival_of, stored
from tocsin.errors import Stale, Unavailable
from tocsin.intaking import TRIES


def test_a_problem_that_another_request_opens_first_becomes_a_repeat() -> None:
    world = World()
    rival = World(world.settings, world.clock)
    rival.ledger = world.ledger
    rival.restart()
    world.seen_ledger = Meddler(
        world.seen_ledger, "commit", lambda: rival.accept(firing())
    )
    (mine,) = world.accept(firing())

    assert mine.verdict == "repeat"
    assert world.one().occurrences == 2


def test_a_problem_that_ends_between_reading_and_counting_opens_anew() -> None:
    world = World()
    world.accept(firing())
    rival = World(world.settings, world.clock)
    rival.ledger = world.ledger
    rival.restart()
    world.seen_ledger = Meddler(
        world.seen_ledger, "repeat", lambda: rival.accept(resolved())
    )
    (mine,) = world.accept(firing())

    assert mine.verdict == "open"
    assert stored(world, mine).state == "firing"


def test_a_request_that_always_loses_is_told_to_try_again() -> None:
    world = World()
    world.seen_ledger = Broken(world.seen_ledger, Stale([0]), "commit")
    with pytest.raises(Unavailable):
        world.accept(firing())

    assert world.chaos.calls.count("memories") == TRIES


def test_two_requests_with_one_key_at_once_are_taken_in_once() -> None:
    world = World()
    rival = rival_of(world)

    def meanwhile() -> None:
        world.clock.at += 1
        rival.accept(event(), key="k")

    world.seen_ledger = Meddler(world.seen_ledger, "commit", meanwhile)
    (again,) = world.accept(event(), key="k")
    world.send_all()

    assert again.verdict == "replayed"
    assert world.provider.shown() == ["Disk is full"]


def test_a_problem_that_expired_while_open_can_be_told_again() -> None:
    world = World()
    world.accept(event(state="firing"))
    world.send_all()
    world.ledger.kept.clear()
    world.clock.at += 91 * DAY
    (again,) = world.accept(event(state="firing"))
    world.send_all()

    assert again.verdict == "open"
    assert world.provider.shown() == ["Disk is full"] * 2


def test_a_queue_that_is_down_is_no_error_and_the_sweep_makes_up_for_it() -> None:
    world = World()
    world.seen_queue = Broken(world.queue, Unavailable("down"), "send")
    (accepted,) = world.accept(event())
    assert accepted.verdict == "tell"
    world.restart()
    world.live(minutes=3)

    assert world.provider.shown() == ["Disk is full"]


def test_a_table_that_is_down_is_an_error_and_nothing_is_sent() -> None:
    world = World()
    world.seen_ledger = Broken(world.ledger, Unavailable("down"), "commit")
    with pytest.raises(Unavailable):
        world.accept(event())

    assert world.queue.sent == []
