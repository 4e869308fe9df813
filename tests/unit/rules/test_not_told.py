"""Silences: what they hide, what they hold up, and what is told when they end."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.fakes.clock import NOON
from tests.fakes.world import event
from tests.unit.rules.routed import (
    HOUR,
    firing,
    resolved,
    rows,
    silenced,
    told,
    world_of,
)
from tocsin.acknowledge import acknowledge
from tocsin.delivery import MINUTE


def test_what_is_silenced_is_kept_with_the_reason() -> None:
    world = silenced(world_of({}), NOON + HOUR, type="test")
    told(world, event("news"), firing())

    assert world.provider.calls == []
    for row in rows(world):
        assert "moving the rack" in row.deliveries["ops"].reason
        assert row.status == "suppressed"
    assert told(world, event("other", type="else")) == ["tell"]


def test_what_still_fires_when_a_silence_ends_is_told_once() -> None:
    world = silenced(world_of({}), NOON + 20 * MINUTE)
    told(world, firing("one"), firing("two"))
    told(world, resolved("two"))
    world.live(minutes=40)

    assert world.provider.shown() == ["one"]
    (row,) = [row for row in rows(world) if row.event.title == "one"]
    assert row.actions[-1].note == "it is still open after the silence"


def test_a_silence_that_is_taken_back_ends_within_minutes() -> None:
    world = silenced(world_of({}), NOON + 9 * HOUR)
    told(world, firing())
    world.live(minutes=10)
    assert world.provider.shown() == []
    world.settings = replace(world.settings, silences=())
    world.live(minutes=8)

    assert world.provider.shown() == ["db down"]


def test_work_that_is_done_after_its_silence_is_told() -> None:
    world = silenced(world_of({}), NOON + 2 * MINUTE)
    told(world, event("import", progress=0), event("export", progress=0))
    told(world, event("export", progress=100))
    world.clock.at += 2 * MINUTE
    told(world, event("import", progress=100))
    world.live(minutes=10)

    assert world.provider.shown() == ["import"]
    (row,) = [row for row in rows(world) if row.event.title == "import"]
    assert row.actions[-1].note == "it is done after the silence"


def test_what_a_silence_hid_holds_nothing_back_after_it() -> None:
    world = silenced(world_of({"dedup": {"window": "1h"}}), NOON + 5 * MINUTE)
    verdicts = told(world, event("deployed"), event("deployed"))
    world.clock.at += 10 * MINUTE
    verdicts += told(world, event("deployed"), event("deployed"))

    assert verdicts == ["tell", "repeat", "tell", "repeat"]
    assert world.provider.shown() == ["deployed"]


@pytest.mark.parametrize(
    ("route", "acknowledged", "heard"),
    [
        ({"escalate": [{"after": "10m", "to": ["oncall"]}]}, False, "oncall"),
        ({"ack": {"expires": "10m"}}, True, "ops"),
        ({"ack": {"remind": "10m"}}, True, "ops"),
    ],
)
def test_what_would_wake_people_waits_for_the_end_of_a_silence(
    route: dict[str, Any], acknowledged: bool, heard: str
) -> None:
    world = world_of(route)
    told(world, firing())
    if acknowledged:
        acknowledge(rows(world)[0].id, actor="ann", note="", means=world.means())
    before = len(world.provider.posts)
    silenced(world, NOON + 40 * MINUTE)
    world.live(minutes=38)
    assert len(world.provider.posts) == before
    world.live(minutes=10)

    (post,) = world.provider.posts[before:]
    assert post.destination == heard
