"""Throttles of several routes that take one notice: each keeps to its own."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.meddler import Meddler
from tests.fakes.world import World, event
from tests.unit.accepting import rival_of
from tests.unit.rules.routed import HOUR, rows, silenced, told, world_of
from tocsin.delivery import MINUTE
from tocsin.memory import Memory
from tocsin.rules.config import Config

OPS = {"name": "ops", "continue": True}
ARCHIVE = {"name": "archive", "to": ["audit"], "throttle": "off"}
SLOW = {"name": "slow", "to": ["team"], "dedup": {"window": "1h"}}
WIDE = {"name": "wide", "to": ["team"], "throttle": {"limit": 5}}
WRITES = {"remember", "commit", "repeat", "amend", "move"}


def apart(*routes: dict[str, Any]) -> World:
    world = world_of(*routes)
    world.provider.editable = True
    return world


def heard(world: World, name: str) -> int:
    """Of how many notifications a destination was told."""
    posts = world.provider.posts
    return sum(len(post.messages) for post in posts if post.destination == name)


def lines(world: World, name: str) -> list[str]:
    """What its messages say of how they stand, as they are by now."""
    return [
        message.state_line or ""
        for post in world.provider.posts
        if post.destination == name
        for message in post.messages
    ]


def written(world: World, act: Any) -> list[str]:
    world.chaos.calls.clear()
    act()
    return [call for call in world.chaos.calls if call in WRITES]


def test_one_route_holds_back_while_another_tells_everything() -> None:
    world = apart(OPS, ARCHIVE)
    for _ in range(10):
        told(world, event("deployed"))
    world.live(minutes=3)

    assert (heard(world, "ops"), heard(world, "audit")) == (3, 10)
    assert lines(world, "ops")[2].startswith("Held back 7 since")
    assert not any(lines(world, "audit"))
    third = rows(world)[2]
    assert (third.missed, third.occurrences) == ({"ops": 7}, 1)
    assert third.deliveries["ops"].shown == third.edition


def test_the_trace_says_in_words_which_route_held_it_back() -> None:
    world = apart(OPS, ARCHIVE)
    for _ in range(4):
        told(world, event("deployed"))
    third, fourth = rows(world)[2:]
    said = {step.rule: step.verdict for step in fourth.trace}

    assert list(fourth.deliveries) == ["audit"]
    assert said["throttle"] == (
        f"held back: route ops told 3 in 60 s; counted on {third.id}"
    )
    assert said["route archive"].startswith("taken")


def test_the_longer_window_counts_over_several_of_the_shorter() -> None:
    """`ops` tells three a minute, `slow` one an hour: that hears how many it missed."""
    world = apart(OPS, SLOW)
    for _ in range(5):
        for _ in range(5):
            told(world, event("deployed"))
        world.clock.at += MINUTE
    world.live(minutes=70)

    assert (heard(world, "ops"), heard(world, "team")) == (15, 1)
    assert lines(world, "team")[0].startswith("Held back 24 since")
    counts = [line.partition(" since")[0] for line in lines(world, "ops") if line]
    assert counts == ["Held back 2"] * 5
    assert sum(row.occurrences for row in rows(world)) == 25


def test_the_wider_limit_tells_on_where_the_narrower_counts() -> None:
    world = apart(OPS, WIDE)
    verdicts = [told(world, event("deployed"))[0] for _ in range(12)]
    world.live(minutes=3)

    assert verdicts == [*["tell"] * 5, *["repeat"] * 7]
    assert (heard(world, "ops"), heard(world, "team")) == (3, 5)
    assert lines(world, "ops")[2].startswith("Held back 9 since")
    assert lines(world, "team")[4].startswith("Held back 7 since")


def test_a_destination_of_both_hears_what_either_tells() -> None:
    world = apart(OPS, {**WIDE, "to": ["ops"]})
    for _ in range(12):
        told(world, event("deployed"))
    world.live(minutes=3)

    assert heard(world, "ops") == 5
    assert [line.partition(" since")[0] for line in lines(world, "ops")] == [
        *[""] * 4,
        "Held back 7",
    ]


def test_a_list_is_told_each_as_its_route_lets_it() -> None:
    world = apart(OPS, WIDE)
    results = world.accept(*(event("deployed") for _ in range(100)))
    world.send_all()
    kept = [world.ledger.kept[each.notification.id] for each in results]

    assert [row.occurrences for row in kept[:5]] == [1, 1, 1, 1, 96]
    assert {row.id for row in kept[5:]} == {kept[4].id}
    assert kept[2].missed == {"ops": 97}


def test_a_list_that_one_route_tells_whole_is_told_whole_there() -> None:
    world = apart(OPS, ARCHIVE)
    results = world.accept(*(event("deployed") for _ in range(20)))
    world.send_all()
    kept = [world.ledger.kept[each.notification.id] for each in results]

    assert len(rows(world)) == 20
    assert kept[2].missed == {"ops": 17}
    assert [sorted(row.deliveries) for row in kept] == [
        *[["audit", "ops"]] * 3,
        *[["audit"]] * 17,
    ]


@pytest.mark.parametrize("second", [{}, {"to": ["team"]}, {"to": []}])
def test_where_all_agree_each_that_is_held_back_is_one_write(
    second: dict[str, Any],
) -> None:
    world = apart(OPS, {"name": "second", **second})
    for _ in range(3):
        told(world, event("deployed"))
    writes = [written(world, lambda: world.accept(event("deployed"))) for _ in range(5)]

    # The first looks whether the window is over by writing: most notices are alone.
    assert writes == [["remember", "repeat"]] * 5


def test_one_that_is_told_in_part_is_one_commit_with_what_it_counts_for() -> None:
    world = apart(OPS, ARCHIVE)
    for _ in range(3):
        told(world, event("deployed"))

    assert written(world, lambda: world.accept(event("deployed"))) == [
        "remember",
        "commit",
    ]


def test_a_dry_run_says_what_each_route_would_do() -> None:
    world = apart(OPS, WIDE)
    told(world, *(event("deployed") for _ in range(2)))
    many = [event("deployed") for _ in range(3)]
    rehearsed = world.rehearse(*many)
    happened = [world.accept(each)[0] for each in many]

    assert [sorted(each.notification.deliveries) for each in rehearsed] == [
        ["ops", "team"],
        ["team"],
        ["team"],
    ]
    for one, other in zip(rehearsed, happened, strict=True):
        assert one.verdict == other.verdict
        assert list(one.notification.deliveries) == list(other.notification.deliveries)
        assert [step.rule for step in one.trace] == [step.rule for step in other.trace]


def reconfigured(world: World, *routes: dict[str, Any]) -> None:
    named = [{"name": f"r{n}", "to": ["ops"], **each} for n, each in enumerate(routes)]
    config = Config.model_validate({"routes": named})
    world.settings = replace(world.settings, config=config)


@pytest.mark.parametrize(
    "changed", [(ARCHIVE,), ({**OPS, "name": "elsewhere", "to": ["mail"]}, ARCHIVE)]
)
def test_a_route_that_is_gone_still_tells_what_it_held_back(
    changed: tuple[dict[str, Any], ...],
) -> None:
    world = apart(OPS, ARCHIVE)
    for _ in range(8):
        told(world, event("deployed"))
    reconfigured(world, *changed)
    told(world, event("deployed"))
    world.live(minutes=3)

    assert lines(world, "ops")[2].startswith("Held back 5 since")


def test_a_window_keeps_its_length_though_the_file_changes() -> None:
    world = apart({**OPS, "dedup": {"window": "10m"}}, ARCHIVE)
    told(world, event("deployed"))
    reconfigured(world, {**OPS, "dedup": {"window": "1m"}}, ARCHIVE)
    world.clock.at += 5 * MINUTE
    told(world, event("deployed"))
    world.clock.at += 5 * MINUTE
    told(world, event("deployed"))

    assert (heard(world, "ops"), heard(world, "audit")) == (2, 3)


@pytest.mark.parametrize("others", [(), (ARCHIVE,)])
def test_who_is_added_while_something_is_held_back_hears_the_next_after_that(
    others: tuple[dict[str, Any], ...],
) -> None:
    world = apart({**OPS, "dedup": {"window": "10m"}}, *others)
    told(world, event("deployed"))
    both = {**OPS, "to": ["ops", "team"], "dedup": {"window": "10m"}}
    reconfigured(world, both, *others)
    told(world, event("deployed"))
    world.live(minutes=9)
    assert (heard(world, "ops"), heard(world, "team")) == (1, 0)

    world.live(minutes=2)
    assert heard(world, "team") == 0
    told(world, event("deployed"))
    assert (heard(world, "ops"), heard(world, "team")) == (2, 1)


def test_a_window_keeps_its_limit_though_the_file_changes() -> None:
    """Else nobody would have been asked to tell what is held back."""
    world = apart(OPS, ARCHIVE)
    told(world, event("deployed"))
    reconfigured(world, {**OPS, "throttle": {"limit": 1}}, ARCHIVE)
    for _ in range(5):
        told(world, event("deployed"))
    world.live(minutes=3)

    assert (heard(world, "ops"), heard(world, "audit")) == (3, 6)
    assert lines(world, "ops")[2].startswith("Held back 3 since")


def test_a_route_that_takes_others_of_that_name_has_a_window_of_its_own() -> None:
    world = apart(
        {"name": "eu", "match": {"labels": {"zone": "eu"}}},
        {"name": "us", "match": {"labels": {"zone": "us"}}, "to": ["team"]},
    )
    for _ in range(4):
        told(world, event("deployed", labels={"zone": "eu"}))
    verdicts = told(world, event("deployed", labels={"zone": "us"}))

    assert verdicts == ["tell"]
    assert (heard(world, "ops"), heard(world, "team")) == (3, 1)


def test_what_a_silence_hid_holds_no_route_back_after_it() -> None:
    world = apart({**OPS, "dedup": {"window": "1h"}}, ARCHIVE)
    silenced(world, world.clock.at + 5 * MINUTE)
    told(world, event("deployed"))
    world.clock.at += 6 * MINUTE
    told(world, event("deployed"), event("deployed"))

    assert (heard(world, "ops"), heard(world, "audit")) == (1, 2)


def test_in_quiet_hours_each_route_waits_with_what_it_may_tell() -> None:
    quiet = {"quiet": {"from": "11:00", "to": "13:00"}}  # the world begins at noon
    world = apart({**OPS, **quiet}, ARCHIVE)
    for _ in range(6):
        told(world, event("deployed"))
    assert (heard(world, "ops"), heard(world, "audit")) == (0, 6)
    world.live(minutes=70)

    assert heard(world, "ops") == 1
    assert "×6" in str(world.provider.posts[-1].messages[0].facts)


def old_row(world: World) -> Memory:
    """The memory as versions before this one wrote it: one window for all."""
    (name,) = world.ledger.known
    known = replace(world.ledger.known[name], windows={})
    world.ledger.known[name] = known
    return known


def test_what_an_older_version_remembered_holds_for_every_route() -> None:
    world = apart(OPS, SLOW)
    for _ in range(3):
        told(world, event("deployed"))
    third = rows(world)[-1]
    old_row(world)
    assert told(world, event("deployed")) == ["repeat"]
    assert rows(world)[-1].id == third.id
    world.clock.at += HOUR
    told(world, event("deployed"))

    assert (heard(world, "ops"), heard(world, "team")) == (4, 2)


# --- whoever dies, or comes at the same moment -------------------------------


def missed(world: World) -> Counter[str]:
    found: Counter[str] = Counter()
    for row in rows(world):
        found.update(row.missed)
    return found


def half_told(count: int) -> World:
    world = apart(OPS, {**WIDE, "continue": True}, ARCHIVE)
    for number in range(count):
        world.accept(event("deployed"), key=f"k{number}")
    world.chaos.calls.clear()
    return world


@pytest.mark.parametrize("already", [2, 3, 4, 5, 7])
@pytest.mark.parametrize("call", range(1, 9))
@pytest.mark.parametrize("after", [False, True])
def test_whoever_dies_over_one_told_in_part_counts_it_once(
    already: int, call: int, after: bool
) -> None:
    world = half_told(already)
    world.chaos.fatal, world.chaos.after = call, after
    world.survive(partial(world.accept, event("deployed"), key="last"))
    world.chaos.revive()
    world.accept(event("deployed"), key="last")
    world.accept(event("deployed"), key="another")
    world.live(minutes=5)

    count = already + 2
    assert heard(world, "audit") == count == len(rows(world))
    for name, limit in (("ops", 3), ("team", 5)):
        assert heard(world, name) == min(limit, count)
        assert heard(world, name) + missed(world)[name] == count


def test_two_at_once_are_both_counted_for_who_misses_them() -> None:
    world = half_told(5)
    rival = rival_of(world)
    world.seen_ledger = Meddler(
        world.seen_ledger, "commit", lambda: rival.accept(event("deployed"))
    )
    world.accept(event("deployed"))
    world.live(minutes=3)

    assert [heard(world, name) for name in ("ops", "team", "audit")] == [3, 5, 7]
    assert missed(world) == {"ops": 4, "team": 2}


def test_the_last_place_in_a_window_is_taken_by_one_of_two() -> None:
    world = half_told(4)
    rival = rival_of(world)
    world.seen_ledger = Meddler(
        world.seen_ledger, "remember", lambda: rival.accept(event("deployed")), at=2
    )
    world.accept(event("deployed"))
    world.live(minutes=3)

    assert [heard(world, name) for name in ("ops", "team", "audit")] == [3, 5, 6]
    assert missed(world) == {"ops": 3, "team": 1}


def test_who_was_asleep_finds_its_place_taken() -> None:
    """It had reserved the only place in the window; who came by has told meanwhile."""
    world = apart({**OPS, "dedup": {"window": "1h"}}, ARCHIVE)
    rival = rival_of(world)
    world.seen_ledger = Meddler(
        world.seen_ledger, "commit", lambda: rival.accept(event("deployed"))
    )
    world.accept(event("deployed"))
    world.live(minutes=70)

    assert [heard(world, name) for name in ("ops", "audit")] == [1, 2]
    assert missed(world) == {"ops": 1}


# --- whatever comes -----------------------------------------------------------

LIMITS = st.one_of(
    st.just({"throttle": "off"}),
    st.builds(
        lambda limit, per: {"throttle": {"limit": limit, "per": per}},
        st.integers(1, 4),
        st.sampled_from([10, 60, 300]),
    ),
    st.builds(lambda per: {"dedup": {"window": per}}, st.sampled_from([30, 600])),
)
PLACES = ("ops", "team", "audit")


class Window:
    """What one route may tell, if there were no other."""

    def __init__(self, policy: dict[str, Any]) -> None:
        throttle = policy.get("throttle", {"limit": 1})
        self.limit = 10_000 if throttle == "off" else throttle["limit"]
        per = policy["dedup"]["window"] if "dedup" in policy else 0
        self.per = 1000 * (per or (throttle != "off" and throttle["per"]) or 1)
        self.until = self.told = 0

    def tells(self, now: int) -> bool:
        if now >= self.until:
            self.until, self.told = now + self.per, 0
        self.told += 1
        return self.told <= self.limit


@settings(max_examples=60, derandomize=True)
@given(
    policies=st.tuples(LIMITS, LIMITS, LIMITS),
    waits=st.lists(st.sampled_from([0, 1, 9, 31, 61, 301]), min_size=1, max_size=25),
)
def test_each_route_tells_as_if_it_were_alone(
    policies: tuple[dict[str, Any], ...], waits: list[int]
) -> None:
    world = apart(
        *(
            {"name": name, "to": [name], "continue": True, **policy}
            for name, policy in zip(PLACES, policies, strict=True)
        )
    )
    alone = {
        name: Window(policy) for name, policy in zip(PLACES, policies, strict=True)
    }
    expected: Counter[str] = Counter()
    for seconds in waits:
        world.clock.at += seconds * 1000
        telling = [name for name in PLACES if alone[name].tells(world.clock.at)]
        expected.update(telling)
        (result,) = world.accept(event("deployed"))
        kept = result.notification.deliveries if telling else {}
        assert (result.verdict == "repeat") is (not telling)
        assert list(kept) == telling
    world.live(minutes=11)

    for name in PLACES:
        assert heard(world, name) == expected[name]
        told_of = sum(
            int(line.split()[2].replace(",", "")) for line in lines(world, name) if line
        )
        assert expected[name] + told_of == len(waits), name
