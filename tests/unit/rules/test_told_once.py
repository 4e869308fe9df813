"""What is told once: throttles, repeats, late events, flapping, progress."""

from __future__ import annotations

from tests.fakes.world import event
from tests.unit.rules.routed import (
    HOUR,
    at,
    firing,
    later,
    resolved,
    rows,
    told,
    world_of,
)
from tocsin.delivery import MINUTE


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


def test_the_key_of_a_throttle_is_severity_and_title_never_the_whole_text() -> None:
    world = world_of({"throttle": {"limit": 1}})
    verdicts = told(
        world,
        event("slow", message="took 301 ms"),
        event("slow", message="took 417 ms"),
        event("slow", message="took 301 ms", severity="low"),
    )

    assert verdicts == ["tell", "repeat", "tell"]


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


def test_work_that_is_done_long_after_its_last_report_shows_it() -> None:
    world = world_of({})
    world.provider.editable = True
    told(world, event("import", progress=0))
    world.live(minutes=5)
    told(world, event("import", progress=100))

    assert rows(world)[0].deliveries["ops"].shown == rows(world)[0].edition
    (post,) = world.provider.posts
    assert len(post.history) == 2
