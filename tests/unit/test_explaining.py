"""Explaining: what a file says, and what in it is probably not meant."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.fakes.world import World, event, settings_for
from tocsin.explaining import changes, explain, warnings
from tocsin.rules.config import Config
from tocsin.settings import Destination

OPS = {"ops": Destination("ops", "fake", {}, "put/ops/1", 1)}


def config(*routes: dict[str, Any]) -> Config:
    named = [
        {"name": f"r{index}", "to": ["ops"], **route}
        for index, route in enumerate(routes)
    ]
    return Config.model_validate({"routes": named})


def unreachable(*routes: dict[str, Any]) -> list[str]:
    told = warnings(config(*routes), OPS)
    return [each.split("'")[1] for each in told if "never reached" in each]


def test_each_route_is_told_in_a_sentence() -> None:
    told = explain(
        config(
            {"match": {"type": ["a", "b"], "severity": ">=high"}, "continue": True},
            {"to": []},
        )
    )

    assert told == [
        (
            "r0: events with type 'a' or 'b' and severity '>=high' go to ops;"
            " later routes are asked too."
        ),
        "r1: all events are kept and sent nowhere.",
    ]


@pytest.mark.parametrize(
    "wide",
    [
        {},
        {"match": {"type": "*"}},
        {"match": {"severity": ">=debug"}},
        {"match": {"labels": {"a": "*"}}},
        {"match": {"type": ["aws.*", "x"]}},
    ],
)
def test_a_route_behind_one_that_takes_its_events_is_never_reached(
    wide: dict[str, Any],
) -> None:
    narrow = {"match": {"type": "aws.*", "severity": "high"}}

    assert unreachable(wide, narrow) == ["r1"]
    assert unreachable({**wide, "continue": True}, narrow) == []
    assert unreachable(narrow, {"match": {"type": "other"}}, wide) == []


def test_a_label_that_narrows_does_not_cover() -> None:
    assert unreachable({"match": {"labels": {"a": "1"}}}, {}) == []


def test_a_file_that_can_leave_events_unsent_says_so() -> None:
    assert any("no routes" in each for each in warnings(Config(), OPS))
    narrow = config({"match": {"type": "a"}})

    assert any("not sent" in each for each in warnings(narrow, OPS))
    assert warnings(config({}), OPS) == []


def test_a_destination_without_its_secret_is_named() -> None:
    without = {"ops": Destination("ops", "fake", {})}

    assert any(
        "PUT /v1/destinations/ops" in each for each in warnings(config({}), without)
    )


def test_recent_events_that_would_go_elsewhere_are_found() -> None:
    world = World(settings_for("ops", "audit"))
    world.accept(event("one"))
    world.accept(event("two", severity="critical"))
    recent = world.ledger.recent(
        since=0, until=world.clock.now() + 1, limit=9, cursor=""
    )[0]
    new = config({"match": {"severity": "critical"}, "to": ["ops", "audit"]})
    live = world.settings
    found = changes(
        recent, live=live.rules(), proposed=replace(live, config=new).rules()
    )

    assert [(each.before, each.after) for each in found] == [(("ops", "audit"), ())]
    assert found[0].notification.event.title == "one"
