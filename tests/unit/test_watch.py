"""Watching: the owner hears of a destination that is gone, once, on two ways."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from tests.fakes.meddler import Broken
from tests.fakes.notice import FakeNotice
from tests.fakes.world import World, settings_for
from tocsin.errors import Unavailable
from tocsin.notification import Notification
from tocsin.ports import Notice
from tocsin.watch import GONE, tell_of_gone


@dataclass
class Watched:
    """A world in which `ops` is gone and `team` is well."""

    world: World = field(default_factory=lambda: World(settings_for("ops", "team")))
    notice: FakeNotice = field(default_factory=FakeNotice)

    def __post_init__(self) -> None:
        self.world.health.disable("ops", self.world.clock.at, "Discord says 10015.")
        self.world.health.note("team", self.world.clock.at, "500")

    def tell(self, notice: Notice | None = None) -> tuple[str, ...]:
        wrap = self.world.chaos.wrap
        return tell_of_gone(
            settings=self.world.settings,
            health=wrap(self.world.health, "all", "told"),
            notice=notice or wrap(self.notice, "tell"),
            ledger=self.world.seen_ledger,
            outbox=self.world.seen_queue,
            clock=self.world.clock,
            timing=self.world.timing,
        )

    def events(self) -> list[Notification]:
        rows = self.world.ledger.kept.values()
        return [row for row in rows if row.event.type == GONE]


def test_a_gone_destination_is_told_once_through_the_routes_and_past_them() -> None:
    watched = Watched()
    assert watched.tell() == ("ops",)
    assert watched.tell() == ()
    watched.world.clock.at += 60_000
    assert watched.tell() == ()

    ((subject, text),) = watched.notice.told
    assert "ops" in subject
    assert "Discord says 10015." in text
    assert "replay" in text
    (row,) = watched.events()
    assert row.event.labels == {"destination": "ops"}
    watched.world.send_all()
    assert watched.world.provider.shown("team") == ["Destination ops is gone"]


def test_a_well_world_is_not_told_of() -> None:
    watched = Watched(World())
    watched.world.health.known.clear()

    assert watched.tell() == ()
    assert watched.notice.told == []


def test_a_destination_that_people_deleted_is_not_told_of() -> None:
    watched = Watched()
    watched.world.settings = settings_for("team")

    assert watched.tell() == ()


def test_one_that_is_gone_a_second_time_is_told_again() -> None:
    watched = Watched()
    watched.tell()
    watched.world.health.known.pop("ops")
    watched.world.clock.at += 60_000
    watched.world.health.disable("ops", watched.world.clock.at, "gone again")

    assert watched.tell() == ("ops",)
    assert len(watched.events()) == len(watched.notice.told) == 2


def calls_of_telling() -> int:
    watched = Watched()
    watched.tell()
    return len(watched.world.chaos.calls)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("call", range(1, calls_of_telling() + 1))
def test_killed_half_way_it_tells_by_one_notification_and_at_most_twice_on_the_topic(
    call: int, after: bool
) -> None:
    watched = Watched()
    chaos = watched.world.chaos
    chaos.fatal, chaos.after = call, after
    assert watched.world.survive(watched.tell)
    watched.world.clock.at += 60_000
    watched.tell()
    watched.tell()

    assert len(watched.events()) == 1
    assert 1 <= len(watched.notice.told) <= 2
    watched.world.live(minutes=5)
    assert watched.world.provider.shown("team") == ["Destination ops is gone"]


def test_a_topic_that_is_down_is_tried_again_without_a_second_notification() -> None:
    watched = Watched()
    down = Broken(watched.notice, Unavailable("down"), "tell")
    assert watched.tell(down) == ()
    watched.world.clock.at += 60_000
    assert watched.tell() == ("ops",)

    assert len(watched.events()) == len(watched.notice.told) == 1
