"""Events of one fingerprint in one request are told as if each had come alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from tests.fakes.clock import NOON
from tests.fakes.world import World, event
from tests.unit.rules.routed import HOUR, rows, silenced, world_of
from tocsin.events import Event

PROD = {"name": "prod", "to": ["team"], "match": {"branch": "prod"}}
REST = {"name": "rest", "to": ["ops"]}
BUILD = {"ci.build": {"threshold": {"seconds": 60}}}


def by_branch() -> World:
    return world_of(PROD, REST)


def above_a_threshold() -> World:
    return world_of(REST, types=BUILD)


def in_a_silence_of_one_branch() -> World:
    return silenced(world_of(REST), NOON + HOUR, branch="dev")


def said(*branches: str) -> list[Event]:
    return [event("deployed", branch=each) for each in branches]


def took(*seconds: int) -> list[Event]:
    return [event("built", type="ci.build", data={"seconds": each}) for each in seconds]


def told(make: Callable[[], World], *requests: Sequence[Event]) -> Any:
    """What each destination heard, of which events, and all that was seen of them."""
    world = make()
    for each in requests:
        world.accept(*each)
    world.send_all()
    heard = sorted(
        (name, delivery.state, row.event.branch, str(row.event.data))
        for row in rows(world)
        for name, delivery in row.deliveries.items()
    )
    return heard, sum(row.occurrences for row in rows(world))


@pytest.mark.parametrize(
    ("make", "events"),
    [
        (by_branch, said("dev", "dev", "dev", "prod")),
        (by_branch, said("dev", "prod") * 10),
        (above_a_threshold, took(1, 2, 3, 99)),
        (above_a_threshold, took(99, 1, 99, 1, 99, 1, 99, 1)),
        (in_a_silence_of_one_branch, said("dev", "dev", "dev", "main")),
    ],
)
def test_who_is_told_of_a_list_is_who_is_told_of_each(
    make: Callable[[], World], events: list[Event]
) -> None:
    assert told(make, events) == told(make, *([each] for each in events))
