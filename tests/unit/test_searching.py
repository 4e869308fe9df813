"""Searching: filters over pages that are read by time, a bounded number a call."""

from __future__ import annotations

import pytest

from tests.fakes.world import World, event, settings_for
from tocsin.ports import Kind, Outcome
from tocsin.rules.config import Match
from tocsin.searching import (
    PAGES_PER_CALL,
    Wanted,
    WantedDead,
    search,
    search_dead,
)


def everything(world: World, wanted: Wanted, limit: int) -> tuple[list[str], int]:
    """(titles of all pages, how many calls it took)."""
    titles: list[str] = []
    cursor, calls = "", 0
    while True:
        found, cursor = search(wanted, limit=limit, cursor=cursor, archive=world.ledger)
        assert len(found) <= limit
        titles += [each.event.title for each in found]
        calls += 1
        if not cursor:
            return titles, calls


def filled(count: int) -> World:
    world = World(settings_for("ops"))
    for number in range(count):
        severity = "high" if number % 10 == 0 else "low"
        world.accept(event(f"n{number}", severity=severity, branch=f"b{number % 3}"))
        world.clock.at += 1_000
    return world


def wanted(world: World, **more: object) -> Wanted:
    return Wanted(since=0, until=world.clock.now() + 1, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("limit", [1, 7, 100])
def test_every_notification_is_found_once_newest_first(limit: int) -> None:
    world = filled(40)
    titles, _ = everything(world, wanted(world), limit)

    assert titles == [f"n{number}" for number in reversed(range(40))]


def test_a_rare_match_is_found_over_several_calls_of_bounded_reads() -> None:
    world = filled(100)
    reads = 0
    recent = world.ledger.recent

    def counted(**asked: object) -> object:
        nonlocal reads
        reads += 1
        return recent(**asked)  # type: ignore[arg-type]

    world.ledger.recent = counted  # type: ignore[assignment, method-assign]
    asked = wanted(world, match=Match(severity=("high",)))
    titles, calls = everything(world, asked, 5)

    assert titles == [f"n{number}" for number in range(90, -1, -10)]
    assert calls > 1
    assert reads <= calls * PAGES_PER_CALL


def test_each_filter_narrows() -> None:
    world = filled(12)
    world.send_all()
    (first,) = (n for n in world.ledger.kept.values() if n.event.title == "n0")

    assert wanted(world, statuses=frozenset({"sent"})).fits(first)
    assert not wanted(world, statuses=frozenset({"failed"})).fits(first)
    assert wanted(world, destination="ops").fits(first)
    assert not wanted(world, destination="other").fits(first)
    assert not wanted(world, states=frozenset({"firing"})).fits(first)
    assert wanted(world, match=Match(branch=("b*",))).fits(first)
    assert not wanted(world, match=Match(branch=("x*",))).fits(first)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("disk",), True),
        (("db-main", "full"), True),
        (("db-main", "empty"), False),
        (("über",), True),
        (("87 %",), True),
        (("node-exporter",), True),
        (("staging",), False),
    ],
)
def test_all_words_must_stand_somewhere_in_it(
    words: tuple[str, ...], found: bool
) -> None:
    world = World(settings_for("ops"))
    told = event(
        "Disk of DB-Main is FULL",
        message="ÜBER the limit",
        source="node-exporter",
        branch="production",
        fields=[{"name": "Used", "value": "87 %"}],
    )
    world.accept(told)

    assert wanted(world, words=words).fits(world.one()) is found


def dead_world() -> World:
    world = World(settings_for("ops", "audit"))
    world.provider.behaviour = lambda *_: Outcome(Kind.PERMANENT, "no")
    world.accept(event("a", type="t.one"))
    world.accept(event("b", type="t.two"))
    world.send_all()
    return world


def test_dead_letters_are_filtered_by_destination_event_and_time() -> None:
    world = dead_world()
    now = world.clock.now()

    def count(since: int = 0, **more: object) -> int:
        asked = WantedDead(since=since, until=now + 1, **more)  # type: ignore[arg-type]
        found = search_dead(asked, archive=world.ledger, ledger=world.ledger)
        assert not found.following
        return len(found.letters)

    assert count() == 4
    assert count(destination="ops") == 2
    assert count(match=Match(type=("*.one",))) == 2
    assert count(match=Match(type=("*.one",)), destination="audit") == 1
    assert count(since=now + 1) == 0


def test_more_dead_letters_than_are_looked_at_are_announced() -> None:
    world = World(settings_for("ops"))
    world.provider.behaviour = lambda *_: Outcome(Kind.PERMANENT, "no")
    for number in range(150):
        world.accept(event(str(number)))
    world.send_all()
    asked = WantedDead(since=0, until=world.clock.now() + 1)
    archive = world.ledger
    first = search_dead(asked, archive=archive, ledger=archive, most=100)
    rest = search_dead(
        asked, archive=archive, ledger=archive, most=100, cursor=first.following
    )

    assert (len(first.letters), len(rest.letters)) == (100, 50)
    assert first.following
    assert not rest.following
    assert len({*first.letters, *rest.letters}) == 150


def test_only_what_is_open_can_be_looked_for_among_the_dead() -> None:
    world = World(settings_for("ops"))
    world.provider.behaviour = lambda *_: Outcome(Kind.PERMANENT, "no")
    world.accept(event("notice"), event("problem", state="firing"))
    world.accept(event("over", state="firing"))
    world.send_all()
    world.accept(event("over", state="resolved"))
    world.send_all()

    def found(**more: object) -> tuple[list[str], int]:
        asked = WantedDead(0, world.clock.now() + 1, **more)  # type: ignore[arg-type]
        told = search_dead(asked, archive=world.ledger, ledger=world.ledger)
        rows = world.ledger.kept
        return [rows[d.notification_id].event.title for d in told.letters], told.open

    titles, still_open = found()
    assert (sorted(set(titles)), still_open) == (["notice", "over", "problem"], 1)
    assert found(open_only=True) == (["problem"], 1)
