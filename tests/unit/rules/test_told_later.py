"""Quiet hours and digests: what waits, and is told together."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.fakes.chaos import Killed
from tests.fakes.clock import NOON
from tests.fakes.meddler import Meddler
from tests.fakes.world import World, event
from tests.unit.rules.routed import (
    HOUR,
    failing,
    firing,
    resolved,
    rows,
    told,
    world_of,
)
from tocsin.delivery import MINUTE
from tocsin.judging import EXPIRED
from tocsin.summary import TYPE, members_of


def test_quiet_hours_hold_and_tell_in_one_message_and_critical_passes() -> None:
    quiet = {"from": "11:00", "to": "13:00"}
    world = world_of({"quiet": quiet})
    told(world, *(event(f"news {n}") for n in range(12)))
    told(world, firing("fire", severity="critical"))
    assert world.provider.shown() == ["fire"]
    world.live(minutes=70)

    (summary,) = world.provider.shown()[1:]
    assert summary.startswith("12 notifications")
    assert all(row.settled for row in rows(world))


def test_what_waits_alone_is_told_as_it_is() -> None:
    world = world_of({"quiet": {"from": "11:00", "to": "13:00"}})
    told(world, event("news"))
    world.live(minutes=70)

    assert world.provider.shown() == ["news"]


def test_what_grows_too_old_in_quiet_hours_is_not_told_and_says_why() -> None:
    world = world_of({"quiet": {"from": "11:00", "to": "13:00"}})
    told(world, *(event(f"old {n}", ttl=600) for n in range(2)))
    told(world, *(event(f"news {n}", ttl=HOUR // 1000) for n in range(2)))
    world.live(minutes=70)

    old = [row for row in rows(world) if "old" in row.event.title]
    news = [row for row in rows(world) if "news" in row.event.title]
    assert {row.status for row in old} == {"suppressed"}
    assert {row.deliveries["ops"].reason for row in old} == {EXPIRED}
    (summary,) = [row.event for row in rows(world) if row.event.type == TYPE]
    assert members_of(summary) == {row.id for row in news}


@pytest.mark.parametrize("own", [True, False])
def test_an_end_is_not_too_old_unless_its_problem_was(own: bool) -> None:
    """Be it the event that says how long it lives, or its route."""
    more = {"ttl": 600} if own else {}
    world = world_of(
        {"quiet": {"from": "13:00", "to": "14:00"}} | ({} if own else {"ttl": "10m"})
    )
    told(world, firing("told", **more))
    world.clock.at += 65 * MINUTE
    told(world, firing("untold", **more), resolved("untold", **more))
    told(failing(world, "ops"), resolved("told", **more))
    world.live(minutes=10)
    world.provider.behaviour = None
    world.live(minutes=50)

    assert world.provider.shown() == ["told", "told"]
    untold = {row.status for row in rows(world) if row.event.title == "untold"}
    assert untold == {"suppressed"}


def test_a_digest_tells_of_what_was_older_than_its_time_to_live_by_then() -> None:
    """Its route wants it to wait; from then on it grows old."""
    world = world_of({"digest": {"at": "18:00"}, "ttl": "10m"})
    told(world, event("one"), event("two"))
    world.live(minutes=6 * 60 + 5)
    assert world.provider.shown() == ["2 notifications: digest of route r0"]

    told(world, event("three"))
    world.clock.at += 24 * HOUR + 20 * MINUTE
    world.live(minutes=5)
    assert rows(world)[-1].deliveries["ops"].reason == EXPIRED


def test_a_problem_that_ends_in_quiet_hours_is_told_with_its_end() -> None:
    world = world_of({"quiet": {"from": "11:00", "to": "13:00"}})
    told(world, firing(), event("news"), resolved())
    assert world.provider.calls == []
    world.live(minutes=70)

    (post,) = world.provider.posts
    assert "✅ db down" in post.messages[0].facts[0].value.text


@pytest.mark.parametrize(
    ("rule", "ends_at", "told_at"),
    [
        ({"digest": {"at": ["13:00", "16:00"]}}, 70, 240),
        ({"quiet": {"from": "11:00", "to": "13:00"}}, 23 * 60 + 30, 25 * 60),
        ({"quiet": {"from": "11:00", "to": "13:00"}}, 70, 70),
    ],
)
def test_the_end_of_what_was_told_with_others_waits_as_that_did(
    rule: dict[str, Any], ends_at: int, told_at: int
) -> None:
    world = world_of(rule)
    told(world, firing(), event("news"))
    world.live(minutes=61)
    world.clock.at = NOON + ends_at * MINUTE
    told(world, resolved())
    world.live(minutes=4 * 60)

    summary, end = world.provider.posts
    assert summary.messages[0].title.startswith("2 notifications")
    assert (end.at - NOON) // MINUTE == told_at
    assert end.messages[0].icon == "✅"
    assert {row.status for row in rows(world)} == {"sent"}


def test_a_digest_is_told_at_its_time_once() -> None:
    world = world_of({"digest": {"at": "18:00"}})
    for number in range(30):
        told(world, event(f"news {number % 7}", severity="low"))
        world.clock.at += 5 * MINUTE
    assert world.provider.posts == []
    world.live(minutes=6 * 60)

    assert world.provider.shown() == ["30 notifications: digest of route r0"]
    assert {row.status for row in rows(world)} == {"sent"}


@pytest.mark.parametrize(
    ("digest", "days"), [({"at": "09:00"}, 1), ({"at": "09:00", "every": "mon"}, 3)]
)
def test_a_digest_is_daily_or_weekly_on_the_clocks_of_a_zone(
    digest: dict[str, str], days: int
) -> None:
    world = world_of({"digest": digest}, timezone="Europe/Zurich")  # a Friday at 13:00
    told(world, event("one"), event("two"))
    nine = NOON - 4 * HOUR + days * 24 * HOUR
    world.clock.at = nine - MINUTE
    world.sweep()
    world.send_all()
    assert world.provider.posts == []
    world.clock.at = nine + MINUTE
    world.sweep()
    world.send_all()

    assert len(world.provider.posts) == 1


def test_a_digest_that_is_due_in_quiet_hours_waits_and_critical_passes() -> None:
    quiet = {"from": "12:30", "to": "15:00"}
    world = world_of({"digest": {"at": ["13:00", "14:00"]}, "quiet": quiet})
    told(world, event("news"), event("more", severity="low"))
    told(world, *(firing(f"fire {n}", severity="critical") for n in range(2)))
    world.live(minutes=90)
    assert world.provider.shown() == ["2 notifications: digest of route r0"]
    told(world, event("late"))
    world.live(minutes=100)

    (summary,) = world.provider.shown()[1:]
    assert summary == "3 notifications: digest of route r0"


def test_two_sweeps_at_once_make_one_digest() -> None:
    world = world_of({"digest": {"at": "13:00"}})
    told(world, *(event(f"news {n}") for n in range(5)))
    world.clock.at = NOON + HOUR + MINUTE
    for _ in range(3):
        world.sweep()
    world.send_all()
    world.live(minutes=5)

    assert len(world.provider.posts) == 1


@pytest.mark.parametrize("unseen", [(0,), (1,), (2,), (3,), (2, 3), (0, 1, 2)])
@pytest.mark.parametrize("blind_first", [False, True])
@pytest.mark.parametrize(("call", "at"), [("load", 5), ("load", 6), ("commit", 1)])
def test_a_sweep_that_sees_some_and_one_that_sees_all_tell_each_once(
    unseen: tuple[int, ...], blind_first: bool, call: str, at: int
) -> None:
    """One began before the last of it was stored. The other falls into its summing up."""
    world = world_of({"digest": {"at": "13:00"}})
    told(world, *(event(f"news {n}") for n in range(12)))
    world.clock.at = NOON + HOUR + MINUTE
    plain, blind = world.seen_ledger, Blind(world.seen_ledger, unseen)
    first, second = (blind, plain) if blind_first else (plain, blind)

    def the_other() -> None:
        world.seen_ledger = second
        world.sweep()

    world.seen_ledger = Meddler(first, call, the_other, at=at)
    world.sweep()
    world.seen_ledger = plain
    world.live(minutes=5)

    members = [name for row in rows(world) for name in members_of(row.event)]
    assert Counter(members) == {row.id: 1 for row in rows(world) if row.id in members}
    assert len(members) + len(by_itself(world)) == 12


@pytest.mark.parametrize(
    ("lone_first", "call"),
    [
        (False, "load"),
        (False, "commit"),
        (False, "move"),
        (True, "remember"),
        (True, "move"),
    ],
)
@pytest.mark.parametrize("at", [1, 2])
@pytest.mark.parametrize("count", [2, 3, 12])
def test_one_that_a_sweep_sees_alone_is_told_by_itself_or_with_the_others(
    lone_first: bool, call: str, at: int, count: int
) -> None:
    """Another sees it among the others, and is at the same part of the digest."""
    world = world_of({"digest": {"at": "13:00"}})
    told(world, *(event(f"news {n}") for n in range(count)))
    world.clock.at = NOON + HOUR + MINUTE
    plain = world.seen_ledger
    lonely = Lonely(plain, rows(world)[count // 2].id)
    first, second = (lonely, plain) if lone_first else (plain, lonely)

    def the_other() -> None:
        world.seen_ledger = second
        world.sweep()

    world.seen_ledger = Meddler(first, call, the_other, at=at)
    world.sweep()
    world.seen_ledger = plain
    world.live(minutes=5)

    members = [name for row in rows(world) for name in members_of(row.event)]
    titles = [world.ledger.kept[name].event.title for name in members]
    assert sorted(titles + by_itself(world)) == sorted(
        f"news {n}" for n in range(count)
    )


def test_one_that_took_a_part_and_was_not_released_is_told_by_itself() -> None:
    world = world_of({"digest": {"at": "13:00"}})
    told(world, *(event(f"news {n}") for n in range(3)))
    world.clock.at = NOON + HOUR + MINUTE
    plain = world.seen_ledger
    lonely = rows(world)[1]
    world.seen_ledger = Meddler(Lonely(plain, lonely.id), "move", die)
    assert world.survive(world.sweep)
    world.live(minutes=5)

    assert sorted(world.provider.shown()) == [
        "2 notifications: digest of route r0",
        lonely.event.title,
    ]


def die() -> None:
    raise Killed


def by_itself(world: World) -> list[str]:
    return [title for title in world.provider.shown() if title.startswith("news")]


class Blind:
    """A calendar in which some shards show nothing yet."""

    def __init__(self, ledger: Any, unseen: tuple[int, ...]) -> None:
        self._ledger, self._unseen = ledger, unseen

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    def due(self, shard: int, *rest: Any) -> Any:
        return [] if shard in self._unseen else self._ledger.due(shard, *rest)


class Lonely:
    """A calendar in which one notification shows, and nothing else."""

    def __init__(self, ledger: Any, name: str) -> None:
        self._ledger, self._name = ledger, name

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    def due(self, *asked: Any) -> Any:
        found = self._ledger.due(*asked)
        return [each for each in found if each.notification_id == self._name]


def test_the_last_of_a_digest_is_not_told_again_after_a_crash() -> None:
    world = world_of({"digest": {"at": "13:00"}})
    told(world, *(event(f"news {n}") for n in range(31)))
    world.clock.at = NOON + HOUR + MINUTE

    world.seen_ledger = Meddler(world.seen_ledger, "move", die, at=2)
    assert world.survive(world.sweep)
    assert [row.settled for row in rows(world)].count(False) == 2
    world.live(minutes=10)

    assert world.provider.shown() == ["31 notifications: digest of route r0"]
    assert {row.status for row in rows(world)} == {"sent"}


def test_what_one_digest_cannot_hold_is_told_in_another() -> None:
    world = world_of({"digest": {"at": "13:00"}})
    for number in range(12):
        world.accept(*(event(f"news {number} {n}") for n in range(100)))
    world.clock.at = NOON + HOUR
    world.live(minutes=5)

    told_of = sorted(title.split()[0] for title in world.provider.shown())
    assert told_of == ["1,000", "200"]
    assert {row.status for row in rows(world)} == {"sent"}
