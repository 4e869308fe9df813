"""Which destination hears it, in how many calls, and who is told for the record."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.fakes.world import event
from tests.unit.rules.routed import failing, firing, rows, told, world_of
from tocsin.delivery import Purpose
from tocsin.rules.policy import Upkeep


@pytest.mark.parametrize(
    ("said", "where"),
    [
        ({"type": "payments.failed"}, "team"),
        ({"severity": "critical"}, "oncall"),
        ({"branch": "release-7"}, "mail"),
        ({}, "ops"),
    ],
)
def test_type_severity_and_branch_choose_the_destination(
    said: dict[str, str], where: str
) -> None:
    world = world_of(
        {"match": {"type": "payments.*"}, "to": ["team"]},
        {"match": {"severity": ">=critical"}, "to": ["oncall"]},
        {"match": {"branch": "release-*"}, "to": ["mail"]},
        {},
    )
    told(world, event("it happened", **said))

    assert [post.destination for post in world.provider.posts] == [where]


def test_a_burst_is_one_call_and_one_alone_waits_for_nothing() -> None:
    world = world_of({})
    told(world, event("alone"))
    assert [count for _, _, count in world.provider.calls] == [1]
    world.accept(*(event(f"burst {n}") for n in range(10)))
    world.send_all()

    assert [count for _, _, count in world.provider.calls] == [1, 10]


def test_a_destination_with_a_window_gathers_what_comes_in_it() -> None:
    world = world_of({}, upkeep=Upkeep.model_validate({"window": "5s"}))
    told(world, event("first"))
    assert world.provider.posts == []
    world.clock.at += 2_000
    told(world, event("second"))
    world.clock.at += 6_000
    world.send_all()

    assert [len(post.messages) for post in world.provider.posts] == [2]


def test_an_audit_mirror_is_a_delivery_of_its_own_and_delays_nothing() -> None:
    world = world_of({}, upkeep=Upkeep(audit_to="audit"))
    world = failing(world, "audit")
    told(world, firing(severity="critical", mentions=["@everyone"]))

    assert world.provider.shown("ops") == ["db down"]
    mirror = rows(world)[0].deliveries["audit"]
    assert (mirror.purpose, mirror.urgent, mirror.pings) == (Purpose.AUDIT, False, ())


def test_a_mirror_tells_many_in_one_call_a_line_for_each() -> None:
    world = world_of({}, upkeep=Upkeep(audit_to="audit"))
    destinations = dict(world.settings.destinations)
    gathers = Upkeep.model_validate({"window": "30s"})
    destinations["audit"] = replace(destinations["audit"], upkeep=gathers)
    world.settings = replace(world.settings, destinations=destinations)
    for number in range(8):
        told(world, event(f"news {number}", message="in many words"))
        world.clock.at += 1_000
    assert world.provider.shown("ops") == [f"news {number}" for number in range(8)]
    world.live(minutes=2)

    (mirror,) = [post for post in world.provider.posts if post.destination == "audit"]
    assert len(mirror.messages) == 8
    assert all(one.body is None for one in mirror.messages)
