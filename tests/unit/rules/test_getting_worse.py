"""A problem whose severity changes: who is told again, and what its card shows."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.clock import NOON
from tests.fakes.world import World, event
from tests.unit.rules.routed import (
    at,
    firing,
    later,
    resolved,
    rows,
    silenced,
    told,
    world_of,
)
from tocsin.acknowledge import acknowledge
from tocsin.delivery import MINUTE
from tocsin.events import Event


def disk(severity: str, **more: Any) -> Event:
    return firing("disk fills", fingerprint="disk", severity=severity, **more)


PINGING = {
    "match": {"severity": ">=high"},
    "mentions": {"high": ["user:1"], "critical": ["@everyone"]},
    "continue": True,
}


def pings(world: World) -> list[tuple[str, ...]]:
    return [post.messages[0].pings for post in world.provider.posts]


def test_a_problem_that_gets_worse_is_told_again_at_once_and_once_for_each_level() -> (
    None
):
    world = world_of(PINGING, {})
    verdicts = [
        told(world, disk(severity))[0]
        for severity in ("medium", "medium", "high", "high", "critical", "high")
    ]
    verdicts += told(world, disk("critical"), disk("medium"), disk("critical"))
    world.live(minutes=60)

    assert verdicts == [
        *("open", "repeat", "rise", "repeat", "rise", "update"),
        *("update", "update", "update"),
    ]
    assert pings(world) == [(), ("user:1",), ("@everyone",)]
    (row,) = rows(world)
    assert (row.event.severity, row.occurrences) == ("critical", 9)
    said = [post.messages[0].state_line or "" for post in world.provider.posts]
    assert "Got worse: medium → high" in said[1]
    assert "Got worse: high → critical" in said[2]


def test_a_problem_that_gets_better_is_an_edit_and_no_message() -> None:
    world = world_of({})
    world.provider.editable = True
    told(world, disk("critical"))
    world.clock.at += MINUTE
    assert told(world, disk("low")) == ["update"]
    world.live(minutes=3)

    (post,) = world.provider.posts
    assert [shown[0].icon for shown in post.history] == ["🚨", "🟡"]


def test_what_gets_better_soon_after_it_got_worse_is_shown_within_seconds() -> None:
    world = world_of({})
    world.provider.editable = True
    for severity in ("medium", "critical", "low"):
        told(world, disk(severity))
    world.clock.at += 11_000
    world.sweep()
    world.send_all()

    assert world.provider.posts[-1].messages[0].severity == "low"


def test_a_problem_that_gets_worse_reaches_who_is_asked_for_now() -> None:
    severe = {"match": {"severity": "critical"}, "to": ["oncall"], "continue": True}
    escalates = {**severe, "escalate": [{"after": "10m", "to": ["mail"]}]}
    world = world_of(escalates, {"match": {"type": "*"}})
    told(world, disk("medium"))
    told(world, disk("critical"))
    assert world.provider.shown("oncall") == ["disk fills"]
    assert world.provider.shown("ops") == ["disk fills"] * 2
    world.live(minutes=15)
    assert world.provider.shown("mail") == ["disk fills"]

    told(world, resolved("disk fills", fingerprint="disk"))
    ends = {post.destination for post in world.provider.posts[-3:]}
    assert ends == {"ops", "oncall", "mail"}


def test_what_gets_worse_while_someone_is_on_it_stays_quiet_and_shows_it() -> None:
    world = world_of({})
    world.provider.editable = True
    told(world, disk("medium"))
    acknowledge(rows(world)[0].id, actor="ann", note="", means=world.means())
    world.live(minutes=1)
    told(world, disk("critical"))
    world.live(minutes=3)

    (post,) = world.provider.posts
    assert post.messages[0].severity == "critical"


def test_what_gets_worse_in_a_silence_is_told_when_that_is_over() -> None:
    world = world_of({})
    told(world, disk("medium"))
    silenced(world, NOON + 20 * MINUTE)
    told(world, disk("critical"))
    world.live(minutes=18)
    assert len(world.provider.posts) == 1
    world.live(minutes=8)

    assert [post.messages[0].severity for post in world.provider.posts] == [
        "medium",
        "critical",
    ]


def test_what_gets_worse_after_its_digest_is_told_in_the_next() -> None:
    world = world_of({"digest": {"at": ["13:00", "16:00", "19:00"]}})
    told(world, firing(severity="low"), event("news"))
    world.live(minutes=70)
    told(world, firing(severity="high"), firing(severity="high"), event("more"))
    world.live(minutes=10 * 60)

    titles = [post.messages[0].title for post in world.provider.posts]
    assert titles == ["2 notifications: digest of route r0"] * 2
    assert "🔴 db down" in world.provider.posts[1].messages[0].facts[0].value.text


def test_what_gets_worse_in_quiet_hours_is_told_at_once_if_that_is_excepted() -> None:
    world = world_of({"quiet": {"from": "11:00", "to": "13:00"}})
    told(world, disk("medium"))
    told(world, disk("high"))
    assert world.provider.posts == []
    told(world, disk("critical"))
    world.live(minutes=90)

    (post,) = world.provider.posts
    assert post.at < NOON + MINUTE
    assert post.messages[0].severity == "critical"


@pytest.mark.parametrize("edits", [True, False])
@pytest.mark.parametrize(
    "waits",
    [
        {"quiet": {"from": "12:30", "to": "14:00"}},
        {"digest": {"at": ["12:10", "14:00"]}},
    ],
)
def test_what_gets_worse_is_told_in_time_where_others_hear_of_it_at_once(
    waits: dict[str, Any], edits: bool
) -> None:
    """Its card shows it there meanwhile, on a channel that edits."""
    world = world_of({"continue": True}, {"to": ["team"], **waits})
    world.provider.editable = edits
    told(world, disk("low"))
    world.live(minutes=45)
    told(world, disk("medium"))
    told(world, disk("high"))
    assert world.provider.shown("ops") == ["disk fills"] * 3
    assert world.provider.shown("team") == ["disk fills"]
    world.live(minutes=90)

    *_, late = world.provider.posts
    assert world.provider.shown("team") == ["disk fills"] * 2
    assert (late.destination, (late.at - NOON) // MINUTE) == ("team", 120)
    assert "Got worse: medium → high" in (late.messages[0].state_line or "")


@pytest.mark.parametrize(
    ("then", "heard"), [("low", 1), ("critical", 2), ("resolved", 2), ("seen", 1)]
)
def test_what_got_worse_is_told_late_only_if_that_is_still_news(
    then: str, heard: int
) -> None:
    quiet = {"from": "12:30", "to": "14:00"}
    world = world_of({"continue": True}, {"to": ["team"], "quiet": quiet})
    told(world, disk("low"))
    world.live(minutes=45)
    told(world, disk("high"))
    if then == "seen":
        acknowledge(rows(world)[0].id, actor="ann", note="", means=world.means())
    elif then == "resolved":
        told(world, resolved("disk fills", fingerprint="disk"))
    else:
        told(world, disk(then))
    world.live(minutes=90)

    assert len(world.provider.shown("team")) == heard


def test_one_list_may_say_that_it_got_worse() -> None:
    world = world_of({})
    results = world.accept(disk("medium"), disk("medium"), disk("critical"))
    world.send_all()

    assert [each.verdict for each in results] == ["open", "open", "rise"]
    assert rows(world)[0].event.severity == "critical"


def test_a_repeat_that_does_not_say_how_bad_it_is_is_only_counted() -> None:
    world = world_of({})
    told(world, disk("critical"))
    silent = event("disk fills", state="firing", fingerprint="disk")

    assert told(world, silent) == ["repeat"]
    assert rows(world)[0].event.severity == "critical"


def test_late_news_of_a_severity_is_only_counted() -> None:
    world = later()
    told(world, disk("critical", **at(9_000)))

    assert told(world, disk("low", **at(4_000))) == ["repeat"]
    assert rows(world)[0].event.severity == "critical"
