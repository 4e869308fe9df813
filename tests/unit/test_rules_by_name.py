"""What the rules promise, each by its name, in a whole Tocsin under a virtual clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.fakes.chaos import Killed
from tests.fakes.clock import NOON
from tests.fakes.meddler import Meddler
from tests.fakes.world import World, event
from tocsin.acknowledge import acknowledge, release, resolve
from tocsin.delivery import MINUTE, Purpose, State
from tocsin.events import Event
from tocsin.notification import Notification
from tocsin.ports import Kind, Outcome
from tocsin.rules.config import Config
from tocsin.rules.criteria import Match
from tocsin.rules.policy import Upkeep
from tocsin.rules.silencing import Silence
from tocsin.settings import Destination, Settings

HOUR = 60 * MINUTE
NAMES = ("ops", "team", "oncall", "mail", "audit")


def world_of(
    *routes: dict[str, Any], upkeep: Upkeep | None = None, **file: Any
) -> World:
    named = [{"name": f"r{n}", "to": ["ops"], **each} for n, each in enumerate(routes)]
    config = Config.model_validate(
        {**file, "routes": named or [{"name": "r0", "to": ["ops"]}]}
    )
    destinations = {name: Destination(name, "fake", {}) for name in NAMES}
    if upkeep is not None:
        destinations["ops"] = replace(destinations["ops"], upkeep=upkeep)
    return World(Settings(config=config, destinations=destinations))


def firing(title: str = "db down", **more: Any) -> Event:
    return event(title, **{"state": "firing", "severity": "high", **more})


def resolved(title: str = "db down", **more: Any) -> Event:
    return event(title, state="resolved", severity="success", **more)


def rows(world: World) -> list[Notification]:
    return [world.ledger.kept[name] for name in sorted(world.ledger.kept)]


def told(world: World, *events: Event) -> list[str]:
    """Accept, and let the sender work; the verdicts."""
    verdicts = [result.verdict for each in events for result in world.accept(each)]
    world.send_all()
    return verdicts


# --- throttle and dedup -----------------------------------------------------


def test_a_notice_is_told_three_times_in_a_minute_and_then_held_back() -> None:
    world = world_of({})
    verdicts = [told(world, event("deployed"))[0] for _ in range(5)]

    assert verdicts == ["tell", "tell", "tell", "repeat", "repeat"]
    assert world.provider.shown() == ["deployed"] * 3
    assert [row.occurrences for row in rows(world)] == [1, 1, 3]


def test_what_was_held_back_is_told_when_the_window_ends() -> None:
    world = world_of({})
    for _ in range(40):
        told(world, event("deployed"))
    world.live(minutes=3)

    last = rows(world)[-1]
    assert last.occurrences == 38
    assert last.deliveries["ops"].shown == last.edition


def test_the_window_over_notices_are_told_again() -> None:
    world = world_of({})
    for _ in range(5):
        told(world, event("deployed"))
    world.clock.at += MINUTE
    assert told(world, event("deployed")) == ["tell"]


def test_other_notices_are_not_held_back_with_it() -> None:
    world = world_of({})
    for _ in range(5):
        told(world, event("deployed"))

    assert told(world, event("deployed elsewhere")) == ["tell"]


def test_what_no_route_sends_is_kept_by_itself_and_counts_on_nothing() -> None:
    world = world_of({"match": {"severity": ">=high"}, "dedup": {"window": "1h"}})
    loud = event("deployed", severity="high", fingerprint="one")
    verdicts = told(world, loud, event("deployed", fingerprint="one"), loud)

    assert verdicts == ["tell", "keep", "repeat"]


def test_a_route_may_merge_within_an_hour() -> None:
    world = world_of({"dedup": {"window": "1h"}})
    verdicts = []
    for _ in range(7):
        verdicts += told(world, event("deployed"))
        world.clock.at += 10 * MINUTE

    assert verdicts == ["tell", *["repeat"] * 5, "tell"]


def test_a_route_may_tell_everything() -> None:
    world = world_of({"throttle": "off"})

    assert {told(world, event("deployed"))[0] for _ in range(9)} == {"tell"}


def test_a_list_of_equal_notices_is_told_three_times_and_counted_on_the_last() -> None:
    world = world_of({})
    results = world.accept(*(event("deployed") for _ in range(100)))
    world.send_all()

    assert len(results) == 100
    assert [row.occurrences for row in rows(world)] == [1, 1, 98]


def test_a_storm_of_one_problem_is_one_message_and_one_write_for_each_repeat() -> None:
    world = world_of({})
    world.accept(firing())
    world.send_all()
    world.chaos.calls.clear()
    for number in range(9_999):
        world.accept(firing())
        world.clock.at += 3
        if not number % 100:
            world.send_all()
    writes = [
        call for call in world.chaos.calls if call in {"repeat", "commit", "remember"}
    ]
    nudges = world.chaos.calls.count("nudge")
    world.live(minutes=3)

    assert writes == ["repeat"] * 9_999
    assert nudges <= 4
    assert len(world.provider.posts) == 1
    (row,) = rows(world)
    assert (row.occurrences, row.deliveries["ops"].shown) == (10_000, row.edition)


# --- order and flapping -----------------------------------------------------


def at(ms: int) -> dict[str, Any]:
    return {"occurred_at": datetime.fromtimestamp((NOON + ms) / 1000, UTC)}


def later() -> World:
    """Half a minute on, so that events can have happened before."""
    world = world_of({})
    world.clock.at += MINUTE // 2
    return world


def test_an_alarm_that_comes_after_its_own_end_opens_nothing() -> None:
    world = later()
    assert told(world, resolved(**at(9_000))) == ["keep"]
    (late,) = world.accept(firing(**at(4_000)))

    assert late.verdict == "keep"
    assert "after the event that ended it" in late.notification.suppressed
    assert told(world, firing(**at(11_000))) == ["open"]


def test_an_end_that_is_older_than_the_problem_ends_nothing() -> None:
    world = later()
    told(world, firing(**at(9_000)))

    assert told(world, resolved(**at(4_000))) == ["keep"]
    assert told(world, resolved(**at(10_000))) == ["resolve"]


def test_a_sender_whose_clock_is_ahead_silences_nothing() -> None:
    world = later()
    told(world, firing(), resolved(**at(24 * HOUR)))
    world.clock.at += MINUTE

    assert told(world, firing(**at(MINUTE))) == ["open"]


def test_what_flaps_is_said_once_and_then_silent_until_it_is_stable() -> None:
    world = world_of({"flap": {"changes": 4, "within": "10m", "stable": "10m"}})
    verdicts = []
    for _ in range(6):
        verdicts += told(world, firing(), resolved())
        world.clock.at += 10_000
    posts = len(world.provider.posts)

    assert verdicts == [*["open", "resolve"] * 2, "open", *["repeat"] * 7]
    flapping = rows(world)[-1]
    assert (flapping.flapping, flapping.swallowed) == (7, "resolved")
    said = world.provider.posts[-1].messages[0].state_line or ""
    assert said.startswith("〰️ Changed 5 times in 10 min")
    world.live(minutes=13)
    calm = rows(world)[-1]
    assert (calm.flapping, calm.state) == (None, "resolved")
    assert len(world.provider.posts) - posts <= 1
    assert told(world, firing()) == ["open"]


def test_what_flaps_and_stays_bad_is_said_to_be_open() -> None:
    world = world_of({"flap": {"changes": 2, "within": "10m", "stable": "5m"}})
    told(world, firing(), resolved(), firing(), resolved(), firing())
    world.live(minutes=8)
    row = rows(world)[-1]

    assert (row.state, row.flapping) == ("firing", None)
    assert row.actions[-1].what == "found it stable and still open"


# --- severity ---------------------------------------------------------------


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


# --- silences ---------------------------------------------------------------


def silence(until: int, **match: Any) -> Silence:
    return Silence(
        "s1", Match.model_validate(match), NOON - 1, until, "ann", "moving the rack"
    )


def silenced(world: World, until: int, **match: Any) -> World:
    world.settings = replace(world.settings, silences=(silence(until, **match),))
    return world


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


# --- quiet hours and digests ------------------------------------------------


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


def test_a_digest_is_told_at_its_time_once() -> None:
    world = world_of({"digest": {"at": "18:00"}})
    for number in range(30):
        told(world, event(f"news {number % 7}", severity="low"))
        world.clock.at += 5 * MINUTE
    assert world.provider.posts == []
    world.live(minutes=6 * 60)

    assert world.provider.shown() == ["30 notifications: digest of route r0"]
    assert {row.status for row in rows(world)} == {"sent"}


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


def test_the_last_of_a_digest_is_not_told_again_after_a_crash() -> None:
    world = world_of({"digest": {"at": "13:00"}})
    told(world, *(event(f"news {n}") for n in range(31)))
    world.clock.at = NOON + HOUR + MINUTE

    def die() -> None:
        raise Killed

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


def test_a_problem_that_ends_in_quiet_hours_is_told_with_its_end() -> None:
    world = world_of({"quiet": {"from": "11:00", "to": "13:00"}})
    told(world, firing(), event("news"), resolved())
    assert world.provider.calls == []
    world.live(minutes=70)

    (post,) = world.provider.posts
    assert "✅ db down" in post.messages[0].facts[0].value.text


# --- escalation and fallback ------------------------------------------------

ESCALATE = {"escalate": [{"after": "10m", "to": ["oncall"], "repeat": 2}]}


def test_what_nobody_acknowledges_escalates_and_repeats() -> None:
    world = world_of(ESCALATE)
    told(world, firing())
    world.live(minutes=9)
    assert world.provider.shown("oncall") == []
    world.live(minutes=60)

    assert world.provider.shown("oncall") == ["db down"] * 3
    assert world.provider.shown("ops") == ["db down"]


def test_an_end_is_told_where_its_problem_was_escalated_and_reminded_of() -> None:
    world = world_of(ESCALATE | {"ack": {"remind": "20m"}})
    told(world, firing())
    world.live(minutes=12)
    acknowledge(rows(world)[0].id, actor="ann", note="", means=world.means())
    world.live(minutes=25)
    before = len(world.provider.posts)
    told(world, resolved())

    ends = world.provider.posts[before:]
    assert {post.destination for post in ends} == {"ops", "oncall"}
    assert {post.messages[0].state for post in ends} == {"resolved"}


@pytest.mark.parametrize("act", [acknowledge, resolve])
def test_nothing_escalates_after_someone_is_on_it(act: Any) -> None:
    world = world_of(ESCALATE)
    told(world, firing())
    world.live(minutes=12)
    act(rows(world)[0].id, actor="ann", note="", means=world.means())
    world.live(minutes=60)

    assert world.provider.shown("oncall").count("db down") == 1


def test_an_escalation_on_its_way_is_cancelled_by_an_acknowledgement() -> None:
    world = world_of(ESCALATE)
    told(world, firing())
    world.clock.at += 10 * MINUTE
    world.sweep()
    acknowledge(rows(world)[0].id, actor="ann", note="", means=world.means())
    world.send_all()

    assert world.provider.shown("oncall") == []
    delivery = rows(world)[0].deliveries["oncall"]
    assert (delivery.state, delivery.purpose) == (State.CANCELLED, Purpose.ESCALATION)


def test_a_changed_file_does_not_break_a_running_escalation() -> None:
    world = world_of(ESCALATE)
    told(world, firing())
    world.settings = replace(world.settings, config=world_of({}).settings.config)
    world.live(minutes=12)

    assert world.provider.shown("oncall") == ["db down"]


FALLBACK = {
    "fallback": [{"after": "60s", "to": ["team"]}, {"after": "5m", "to": ["mail"]}]
}


def failing(world: World, *names: str) -> World:
    world.provider.behaviour = lambda _, __, target: (
        Outcome(Kind.TRANSIENT, "500") if target.name in names else None
    )
    return world


def test_what_is_delivered_falls_back_nowhere() -> None:
    world = world_of(FALLBACK)
    told(world, event("news"))
    world.live(minutes=20)

    assert world.provider.shown() == ["news"]


def test_what_is_not_delivered_falls_back_and_one_success_cancels_the_rest() -> None:
    world = failing(world_of(FALLBACK), "ops")
    told(world, event("news"))
    world.live(minutes=4)
    world.provider.behaviour = None
    world.live(minutes=200)

    assert world.provider.shown() == ["news"]
    assert rows(world)[0].deliveries["team"].state is State.SENT
    assert rows(world)[0].deliveries["ops"].state is State.CANCELLED
    assert "mail" not in rows(world)[0].deliveries


def test_a_fallback_that_fails_falls_back_further() -> None:
    world = failing(world_of(FALLBACK), "ops", "team")
    told(world, event("news"))
    world.live(minutes=10)

    assert world.provider.shown() == ["news"]
    assert rows(world)[0].deliveries["mail"].state is State.SENT


# --- acknowledgements, ends ---------------------------------------------------


def test_an_acknowledgement_that_runs_out_tells_again() -> None:
    world = world_of({"ack": {"expires": "30m"}})
    told(world, firing())
    acknowledge(rows(world)[0].id, actor="ann", note="", means=world.means())
    world.live(minutes=29)
    assert rows(world)[0].ack_by == "ann"
    world.live(minutes=4)

    assert rows(world)[0].ack_at is None
    assert world.provider.shown() == ["db down"] * 2


def test_an_acknowledged_problem_is_quiet_until_it_ends_and_then_told_anew() -> None:
    world = world_of(ESCALATE)
    told(world, firing())
    acknowledge(rows(world)[0].id, actor="ann", note="", means=world.means())
    told(world, *(firing() for _ in range(20)))
    world.live(minutes=90)
    assert world.provider.shown() == ["db down"]
    told(world, resolved())
    told(world, firing())

    states = [post.messages[0].state for post in world.provider.posts]
    assert states == ["firing", "resolved", "firing"]
    assert rows(world)[-1].ack_at is None


def test_an_acknowledgement_may_say_how_long_it_lasts() -> None:
    world = world_of({})
    told(world, firing())
    means = world.means()
    acknowledge(rows(world)[0].id, actor="ann", note="", means=means, lasts=600)

    assert rows(world)[0].ack_until == world.clock.at + 10 * MINUTE


def test_an_acknowledgement_that_is_taken_back_lets_it_escalate() -> None:
    world = world_of(ESCALATE)
    told(world, firing())
    acknowledge(rows(world)[0].id, actor="ann", note="", means=world.means())
    release(rows(world)[0].id, actor="ann", note="", means=world.means())
    world.live(minutes=12)

    assert world.provider.shown("oncall") == ["db down"]


def test_a_reminder_comes_while_it_is_open() -> None:
    world = world_of({"ack": {"remind": "20m"}})
    told(world, firing())
    acknowledge(rows(world)[0].id, actor="ann", note="", means=world.means())
    world.live(minutes=25)

    assert world.provider.shown() == ["db down"] * 2
    assert rows(world)[0].ack_by == "ann"


def test_what_stays_open_closes_by_itself() -> None:
    world = world_of({"auto_close": "2h"})
    told(world, firing())
    world.live(minutes=125)

    assert rows(world)[0].state == "resolved"
    assert rows(world)[0].actions[-1].actor == "tocsin"
    assert told(world, firing()) == ["open"]


def test_what_is_older_than_its_route_lets_it_be_is_not_sent() -> None:
    world = world_of({"ttl": "10m"})
    world.accept(event("news"))
    world.clock.at += 11 * MINUTE
    world.send_all()

    assert rows(world)[0].status == "suppressed"


# --- progress, mirrors --------------------------------------------------------


def test_progress_is_one_card() -> None:
    world = world_of({})
    verdicts = []
    for percent in (0, 30, 20, 60, 100):
        verdicts += told(world, event("import", progress=percent))
        world.clock.at += 15_000
    world.live(minutes=3)

    assert verdicts == ["open", "update", "repeat", "update", "update"]
    assert len(world.provider.posts) == 1
    (row,) = rows(world)
    assert (row.event.progress, row.state) == (100, "notice")
    assert row.deliveries["ops"].shown == row.edition
    assert told(world, event("import", progress=0)) == ["open"]


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


# --- where, and how many at once ------------------------------------------------


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


def test_the_key_of_a_throttle_is_severity_and_title_never_the_whole_text() -> None:
    world = world_of({"throttle": {"limit": 1}})
    verdicts = told(
        world,
        event("slow", message="took 301 ms"),
        event("slow", message="took 417 ms"),
        event("slow", message="took 301 ms", severity="low"),
    )

    assert verdicts == ["tell", "repeat", "tell"]


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


def test_an_acknowledgement_says_who_when_and_why_and_ends_the_repeats() -> None:
    world = world_of(ESCALATE)
    told(world, firing())
    world.clock.at += MINUTE
    pressed, means = world.clock.at, world.means()
    acknowledge(rows(world)[0].id, actor="ann", note="on it", means=means)
    told(world, *(firing() for _ in range(5)))
    world.live(minutes=60)

    (row,) = rows(world)
    assert (row.ack_by, row.ack_at, row.ack_note) == ("ann", pressed, "on it")
    assert [(each.actor, each.note) for each in row.actions] == [("ann", "on it")]
    assert (row.occurrences, world.provider.shown()) == (6, ["db down"])


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
