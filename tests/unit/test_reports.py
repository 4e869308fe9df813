"""What Tocsin tells of itself: lint, noise, digests of nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from pydantic import ValidationError

from tests.fakes.clock import NOON
from tests.fakes.world import FakeVault, World, event
from tocsin import reporting
from tocsin.acknowledge import acknowledge
from tocsin.delivery import MINUTE
from tocsin.notification import Notification
from tocsin.ports import Probe, Target
from tocsin.reporting import Desk, report
from tocsin.rules.config import Config
from tocsin.rules.criteria import Match
from tocsin.rules.silencing import Silence
from tocsin.settings import Destination, Settings

HOUR = 60 * MINUTE
AT_NOON = {"lint": "12:00", "noise": "off"}
NOISE = {"lint": "off", "noise": "fri 12:00"}  # that noon is a Friday's
ROUTES: list[dict[str, Any]] = [{"name": "all", "to": ["ops"]}]


def world_of(
    reports: dict[str, str],
    routes: Sequence[dict[str, Any]] = ROUTES,
    names: Sequence[str] = ("ops",),
) -> World:
    config = Config.model_validate({"routes": list(routes), "reports": reports})
    destinations = {name: Destination(name, "fake", {}, "kept") for name in names}
    return World(Settings(config=config, destinations=destinations))


def reported(world: World) -> tuple[str, ...]:
    told = report(
        Desk(
            settings=world.settings,
            ledger=world.seen_ledger,
            archive=world.ledger,
            health=world.health,
            vault=FakeVault(),
            channels=lambda _: world.provider,
            outbox=world.seen_queue,
            clock=world.clock,
            timing=world.timing,
            deadline=world.clock.now() + 30_000,
        )
    )
    world.send_all()
    return told


def told_of(world: World, kind: str) -> list[Notification]:
    return [row for row in world.ledger.kept.values() if row.event.type == kind]


def facts(row: Notification) -> dict[str, str]:
    return {fact.name: fact.value for fact in row.event.fields}


def test_nothing_is_said_where_nothing_looks_wrong() -> None:
    world = world_of(AT_NOON)
    world.clock.at = NOON - HOUR
    world.accept(event("news"))
    world.clock.at = NOON

    assert reported(world) == ()


def test_each_thing_that_looks_wrong_is_named_in_one_event() -> None:
    idle = {"name": "idle", "match": {"type": "never"}, "to": ["ops"]}
    world = world_of(AT_NOON, [idle, *ROUTES], ["ops", "spare", "broken"])
    world.clock.at = NOON - HOUR
    world.accept(event("news"))
    world.clock.at = NOON
    world.health.note("broken", NOON - 1, "503 every time")
    endless = Silence("s1", Match(), NOON + 9, None, "ann", "for ever")
    world.settings = replace(world.settings, silences=(endless,))

    assert reported(world) == ("lint",)
    (row,) = told_of(world, "tocsin.lint")
    assert facts(row) == {
        "Idle routes": "idle took none in the last 7 days",
        "Destinations that fail": "broken has not worked ever: 503 every time",
        "Destinations that nothing names": "broken\nspare",
        "Silences without an end": "s1, set by ann: for ever",
    }
    assert "5 things look wrong in Tocsin's settings" in world.provider.shown()


@pytest.mark.parametrize(("pages", "says"), [(2, True), (20, False)])
@pytest.mark.parametrize(("kind", "when"), [("lint", AT_NOON), ("noise", NOISE)])
def test_a_report_that_was_cut_short_says_how_far_it_looked(
    kind: str,
    when: dict[str, str],
    pages: int,
    says: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reporting, "PAGE", 2)
    monkeypatch.setattr(reporting, "PAGES", pages)
    world = world_of(when, ROUTES, ["ops", "spare"])
    for hours in (50, 49, 2, 1, 1, 1):
        world.clock.at = NOON - hours * HOUR
        world.accept(event(f"news {hours}"))
        world.send_all()
    world.clock.at = NOON

    assert reported(world) == (kind,)
    (row,) = told_of(world, f"tocsin.{kind}")
    looked = "Looked at the last 4 notifications, since 10:00 UTC"
    assert row.event.message.startswith(looked) == says


def test_a_provider_is_asked_without_posting() -> None:
    world = world_of(AT_NOON)

    def gone(target: Target) -> Probe:
        return Probe(False, f"there is no {target.name}")

    world.provider.probe = gone  # type: ignore[method-assign]
    reported(world)

    (row,) = told_of(world, "tocsin.lint")
    assert facts(row) == {"What providers say": "ops: there is no ops"}
    assert [name for _, name, _ in world.provider.calls] == ["ops"]


def test_a_run_that_is_called_again_or_dies_tells_it_once() -> None:
    for fatal in range(1, 12):
        world = world_of(AT_NOON, ROUTES, ["ops", "spare"])
        world.chaos.fatal = fatal
        world.survive(partial(reported, world))
        world.chaos.revive()
        for _ in range(3):
            world.clock.at += 4 * MINUTE
            reported(world)
        world.live(minutes=10)

        assert len(told_of(world, "tocsin.lint")) == 1
        assert len(set(world.provider.shown())) == 1


def test_it_is_told_at_its_time_only_and_not_when_it_is_off() -> None:
    world = world_of(AT_NOON, ROUTES, ["ops", "spare"])
    for minutes in (-1, 16):
        world.clock.at = NOON + minutes * MINUTE
        assert reported(world) == ()
    off = world_of({"lint": "off", "noise": "off"}, ROUTES, ["ops", "spare"])
    assert reported(off) == ()


def test_noise_says_what_each_route_told_and_who_cared() -> None:
    loud = {"name": "loud", "match": {"type": "cpu"}, "to": ["ops"], "throttle": "off"}
    world = world_of(NOISE, [loud, *ROUTES])
    world.clock.at = NOON - HOUR
    for _ in range(30):
        world.accept(event("CPU high", type="cpu", severity="low"))
    for number in range(4):
        world.accept(event(f"db {number}", state="firing", severity="high"))
    world.send_all()
    opened = [row.id for row in world.ledger.kept.values() if row.is_open]
    world.clock.at += 10 * MINUTE
    acknowledge(opened[0], actor="ann", note="", means=world.means())
    world.clock.at = NOON

    assert reported(world) == ("noise",)
    (row,) = told_of(world, "tocsin.noise")
    assert facts(row) == {
        "Route loud": "30 told\n→ throttle it: 30 were of one fingerprint\n"
        "→ digest it: none was urgent, and nobody acknowledged any",
        "Route all": "4 told · 25 % of 4 problems acknowledged, after 10 min"
        " · 3 never looked at",
    }


def test_a_week_in_which_nothing_was_told_makes_no_noise() -> None:
    assert reported(world_of(NOISE)) == ()


EMPTY = {"name": "daily", "to": ["ops"], "digest": {"at": "12:00", "empty": True}}
OFF = {"lint": "off", "noise": "off"}


def test_a_digest_of_nothing_says_so_once() -> None:
    world = world_of(OFF, [EMPTY])
    assert reported(world) == ("empty daily",)
    world.clock.at += 5 * MINUTE

    assert reported(world) == ()
    assert world.provider.shown() == ["Nothing to tell: digest of route daily"]


@pytest.mark.parametrize("count", [1, 3])
def test_a_digest_of_something_does_not_say_that_there_was_nothing(count: int) -> None:
    world = world_of(OFF, [EMPTY])
    world.clock.at = NOON - HOUR
    for number in range(count):
        world.accept(event(f"news {number}"))
    world.live(minutes=61)

    assert reported(world) == ()
    assert not any("Nothing" in title for title in world.provider.shown())


def test_a_digest_of_nothing_says_so_when_its_quiet_hours_are_over() -> None:
    quiet = {"from": "11:30", "to": "12:30"}
    world = world_of(OFF, [{**EMPTY, "quiet": quiet}])
    assert reported(world) == ()
    world.clock.at = NOON + HOUR // 2

    assert reported(world) == ("empty daily",)


def test_a_digest_that_does_not_ask_for_it_says_nothing() -> None:
    route = {"name": "daily", "to": ["ops"], "digest": {"at": "12:00"}}

    assert reported(world_of(OFF, [route])) == ()


@pytest.mark.parametrize("when", ["3 o'clock", "24:00", "moon 08:00", 180, ""])
def test_a_time_that_is_none_is_refused(when: object) -> None:
    with pytest.raises(ValidationError, match=r"reports\.lint"):
        Config.model_validate({"reports": {"lint": when}})


def test_reports_are_written_back_as_they_were() -> None:
    file = {"reports": {"lint": "off", "noise": "fri 17:30"}}

    assert Config.model_validate(file).dump()["reports"]["noise"] == "fri 17:30"
    assert (
        Config.model_validate(Config.model_validate(file).dump()).reports.lint is None
    )
