"""Accepting: notices, problems, ends and lists of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.meddler import Broken
from tests.fakes.world import World, event, settings_for
from tests.unit.accepting import firing, fresh, opened, resolved, stored, written
from tocsin.delivery import MINUTE, State
from tocsin.errors import Unavailable
from tocsin.events import Event
from tocsin.intaking import Accepted
from tocsin.ports import Kind, Outcome


@pytest.mark.parametrize("state", [None, "info"])
def test_a_notice_is_told_each_time(state: str | None) -> None:
    """`info` is what an alarm says that lacks data: news, and no problem."""
    world = World()
    for _ in range(3):
        world.accept(event("deployed", state=state))
        world.send_all()

    assert world.provider.shown() == ["deployed"] * 3
    assert {row.state for row in world.ledger.kept.values()} == {"notice"}


def test_a_notice_costs_two_writes_and_no_read() -> None:
    world = World()
    world.accept(event())

    assert world.chaos.calls == ["remember", "commit", "send"]


def test_a_problem_opens_once_and_its_repeats_only_count() -> None:
    world = World()
    (opened,) = world.accept(firing())
    world.send_all()
    fresh(world)
    repeats = [world.accept(firing())[0] for _ in range(4)]
    world.send_all()

    assert opened.verdict == "open"
    assert {repeat.verdict for repeat in repeats} == {"repeat"}
    assert {repeat.notification.id for repeat in repeats} == {opened.notification.id}
    assert repeats[-1].notification.occurrences == world.one().occurrences == 5
    assert Counter(written(world)) == {"repeat": 4, "nudge": 1}
    assert world.provider.shown() == ["db down"]


def test_a_repeat_of_what_still_waits_in_the_queue_queues_nothing() -> None:
    world = World()
    world.accept(firing())
    world.accept(firing())

    assert len(world.queue.sent) == 1


def test_a_repeat_says_since_when_the_problem_is_open() -> None:
    world = World()
    (opened,) = world.accept(firing())
    (repeat,) = world.accept(firing())

    assert opened.notification.id in repeat.trace[0].verdict
    assert "told once" in repeat.trace[0].verdict


def test_a_resolution_is_told_where_the_problem_was_told_and_pings_nobody() -> None:
    pings = {"mentions": {"critical": ["@everyone"]}}
    world = World(settings_for("ops", "team", **pings))
    (opened,) = world.accept(firing())
    world.send_all()
    known = settings_for("ops", "team", "elsewhere").destinations
    world.settings = replace(settings_for("elsewhere"), destinations=known)
    world.clock.at += MINUTE
    (end,) = world.accept(resolved())
    world.send_all()

    assert all(d.pings for d in stored(world, opened).deliveries.values())
    assert set(stored(world, end).deliveries) == {"ops", "team"}
    assert all(d.pings == () for d in stored(world, end).deliveries.values())
    assert len(world.provider.shown("ops")) == len(world.provider.shown("team")) == 2
    assert world.provider.shown("elsewhere") == []


def test_a_resolution_closes_the_problem_so_that_the_next_one_opens_anew() -> None:
    world = World()
    (opened,) = world.accept(firing())
    world.clock.at += MINUTE
    (end,) = world.accept(resolved())
    (again,) = world.accept(firing())

    assert stored(world, opened).state == "resolved"
    assert stored(world, opened).resolved_at == world.clock.at
    assert end.notification.resolves == opened.notification.id
    assert end.notification.opened_at == opened.notification.accepted_at
    assert again.verdict == "open"
    assert again.notification.id != opened.notification.id


def test_a_resolution_of_nothing_is_kept_with_the_reason_and_not_sent() -> None:
    world = World()
    (kept,) = world.accept(resolved())
    world.send_all()

    assert (kept.verdict, stored(world, kept).status) == ("keep", "suppressed")
    assert "nothing is open" in stored(world, kept).suppressed
    assert world.provider.calls == []


def test_a_notice_leaves_an_open_problem_of_its_fingerprint_alone() -> None:
    world = World()
    world.accept(firing(fingerprint="db"))
    (notice,) = world.accept(event("db is slow", fingerprint="db"))
    (repeat,) = world.accept(firing(fingerprint="db"))

    assert (notice.verdict, repeat.verdict) == ("tell", "repeat")


def test_what_no_route_wants_is_kept_with_the_reason() -> None:
    world = World(settings_for("ops", match={"severity": ">=high"}))
    (kept,) = world.accept(event())

    assert kept.verdict == "keep"
    assert "no route" in stored(world, kept).suppressed
    assert world.queue.sent == []


def test_what_is_committed_late_gets_a_due_time_since_the_audit_may_have_passed() -> (
    None
):
    world = World()
    world.chaos.fatal = 6
    events = [firing("p"), resolved("p"), event("late")]
    assert world.survive(lambda: world.accept(*events, key="k"))
    world.clock.at += 5 * MINUTE
    world.sweep()
    world.seen_queue = Broken(world.queue, Unavailable("down"), "send")
    world.accept(*events, key="k")
    late = [row for row in world.ledger.kept.values() if row.event.title == "late"]
    assert late[0].deliveries["ops"].due_at == world.clock.at + world.timing.heal
    world.restart()
    world.live(minutes=10)

    assert world.provider.shown().count("late") == 1


def test_what_is_committed_in_time_needs_no_due_time() -> None:
    world = World()
    world.accept(event(), key="k")

    assert world.one().deliveries["ops"].due_at is None


def test_a_list_is_answered_and_told_in_its_order() -> None:
    world = World()
    titles = [f"e{n}" for n in range(25)]
    results = world.accept(*map(event, titles))
    world.send_all()

    assert [each.notification.event.title for each in results] == titles
    assert world.provider.shown() == titles


def test_equal_firing_events_of_a_list_are_folded_into_one() -> None:
    world = World()
    results = world.accept(firing(), event("news"), firing(), firing())

    assert [each.verdict for each in results] == ["open", "tell", "open", "open"]
    assert len({each.notification.id for each in results}) == 2
    assert stored(world, results[0]).occurrences == 3
    assert written(world) == ["commit"]


def test_a_list_may_open_close_and_open_again() -> None:
    world = World()
    results = world.accept(firing(), resolved(), firing(), resolved(), firing())

    assert [r.verdict for r in results] == [
        "open",
        "resolve",
        "open",
        "resolve",
        "open",
    ]
    states = [stored(world, result).state for result in results]
    assert states == ["resolved", "resolved", "resolved", "resolved", "firing"]
    assert len(opened(world)) == 1


def test_a_hundred_notices_are_one_commit_and_ten_parcels() -> None:
    world = World()
    world.accept(*(event(f"e{n}") for n in range(100)))

    assert world.chaos.calls == ["memories", "commit", "commit", "send"]
    assert len(world.queue.sent) == 10


def test_an_empty_list_is_nothing() -> None:
    world = World()

    assert world.accept(key="k") == []
    assert written(world) == []


EVENTS = st.lists(
    st.builds(
        event,
        st.sampled_from(["a", "b"]),
        state=st.sampled_from([None, "info", "firing", "resolved"]),
        severity=st.sampled_from(["critical", "low"]),
        fingerprint=st.sampled_from(["", "own"]),
    ),
    max_size=6,
)


@given(EVENTS, EVENTS)
def test_a_dry_run_decides_as_the_real_run_and_writes_nothing(
    before: list[Event], events: list[Event]
) -> None:
    world = World(settings_for("ops", "team", match={"severity": ">=high"}))
    world.accept(*before)
    kept, sent = dict(world.ledger.kept), list(world.queue.sent)
    fresh(world)
    rehearsed = world.rehearse(*events)

    assert written(world) == []
    assert "send" not in world.chaos.calls
    assert (world.ledger.kept, world.queue.sent) == (kept, sent)
    assert [seen(each) for each in rehearsed] == [
        seen(each) for each in world.accept(*events)
    ]


def seen(accepted: Accepted) -> tuple[object, ...]:
    """All but ids, which the two runs draw anew."""
    row = accepted.notification
    bare = {name: replace(each, rev=0) for name, each in row.deliveries.items()}
    rules = [step.rule for step in accepted.trace]
    counted = row.occurrences if row.state == "firing" else 0
    return accepted.verdict, rules, bare, row.state, counted, row.suppressed


def test_a_failing_destination_does_not_change_what_is_accepted() -> None:
    world = World()
    world.provider.behaviour = lambda *_: Outcome(Kind.TRANSIENT, "500")
    (accepted,) = world.accept(event())
    world.send_all()

    assert stored(world, accepted).deliveries["ops"].state is State.FAILED
