"""Accepting: what becomes of events, of repeats, of second tries and of races."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.meddler import Broken, Meddler
from tests.fakes.world import World, event, settings_for
from tocsin.delivery import MINUTE, State
from tocsin.errors import Conflict, Stale, Unavailable
from tocsin.events import Event
from tocsin.intaking import TRIES, Accepted
from tocsin.notification import Notification
from tocsin.ports import Kind, Outcome

DAY = 24 * 60 * MINUTE


def firing(title: str = "db down", **more: object) -> Event:
    return event(title, state="firing", severity="critical", **more)


def resolved(title: str = "db down", **more: object) -> Event:
    return event(title, state="resolved", severity="success", **more)


def written(world: World) -> list[str]:
    """The calls that changed the table, in order."""
    changing = {
        "commit", "remember", "finish", "repeat", "nudge", "move", "amend", "set_mark",
        "forget",
    }  # fmt: skip
    return [call for call in world.chaos.calls if call in changing]


def opened(world: World) -> list[str]:
    """The ids that further events would count on."""
    return [memory.holder for memory in world.ledger.known.values() if memory.holder]


def fresh(world: World) -> World:
    """Forget the calls made so far."""
    world.chaos.calls.clear()
    return world


def stored(world: World, accepted: Accepted) -> Notification:
    return world.ledger.kept[accepted.notification.id]


# --- notices and problems ---------------------------------------------------


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


# --- idempotency keys -------------------------------------------------------


def test_the_same_key_and_body_answers_the_same_and_tells_nothing_new() -> None:
    world = World()
    first = world.accept(event("a"), firing("b"), key="k")
    world.send_all()
    fresh(world)
    second = world.accept(event("a"), firing("b"), key="k")
    world.send_all()

    assert [each.notification.id for each in second] == [
        each.notification.id for each in first
    ]
    assert {each.verdict for each in second} == {"replayed"}
    assert written(world) == []
    assert sorted(world.provider.shown()) == ["a", "b"]


def test_a_second_try_queues_what_the_first_one_only_stored() -> None:
    world = World()
    world.chaos.fatal, world.chaos.after = 3, True
    assert world.survive(lambda: world.accept(event(), key="k"))
    assert (len(world.ledger.kept), world.queue.sent) == (1, [])
    world.accept(event(), key="k")
    world.send_all()

    assert world.provider.shown() == ["Disk is full"]


def test_the_same_key_for_another_body_is_refused_and_changes_nothing() -> None:
    world = World()
    world.accept(event("a"), key="k", body="one")
    fresh(world)
    with pytest.raises(Conflict) as caught:
        world.accept(event("b"), key="k", body="other")

    assert [fault.field for fault in caught.value.faults] == ["Idempotency-Key"]
    assert written(world) == []


def test_equal_keys_of_two_senders_never_meet() -> None:
    world = World()
    world.accept(event("a"), key="k", sender="one", body="one")
    world.accept(event("b"), key="k", sender="other", body="other")
    world.send_all()

    assert world.provider.shown() == ["a", "b"]


def test_a_key_is_free_again_after_a_day_though_its_row_lingers() -> None:
    world = World()
    world.accept(event("a"), key="k", body="one")
    world.clock.at += DAY
    world.accept(event("b"), key="k", body="other")
    world.send_all()

    assert world.provider.shown() == ["a", "b"]


def test_a_keyed_repeat_that_is_tried_again_counts_once() -> None:
    world = World()
    world.accept(firing())
    for _ in range(3):
        world.accept(firing(), key="k")

    assert world.one().occurrences == 2


def test_a_key_whose_first_round_only_counted_is_remembered_all_the_same() -> None:
    world = World()
    world.accept(firing())
    for _ in range(2):
        world.accept(firing(), resolved(), event("news"), key="k")
        world.send_all()

    assert world.provider.shown().count("news") == 1


def test_a_list_that_counts_and_ends_opens_nothing_when_it_is_tried_again() -> None:
    world = World()
    world.accept(firing())
    for _ in range(2):
        world.accept(firing(), resolved(), key="k")

    assert opened(world) == []
    assert sum(row.occurrences for row in world.ledger.kept.values()) == 3


def test_a_keyed_repeat_that_is_tried_again_after_the_end_opens_nothing() -> None:
    world = World()
    world.accept(firing())
    world.accept(firing(), key="k")
    world.accept(resolved())
    world.accept(firing(), key="k")

    assert opened(world) == []


def test_a_key_that_was_counted_before_hides_no_other_problem() -> None:
    world = World()
    for key in ("", "k"):
        world.accept(firing(), key=key)
    world.accept(resolved())
    world.accept(firing(), key="another")
    world.accept(resolved(), key="k2")
    world.accept(firing())

    assert [row.state for row in world.ledger.kept.values()].count("firing") == 1
    assert len(opened(world)) == 1


def many_rounds() -> list[Event]:
    """Three rounds, since events of one fingerprint are judged one after another."""
    return [
        event("a"), firing("p"), resolved("p"), event("b"), firing("p"), event("c"),
    ]  # fmt: skip


def calls_of(events: list[Event]) -> int:
    world = World()
    world.accept(*events, key="k")
    return len(world.chaos.calls)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("call", range(1, calls_of(many_rounds()) + 1))
def test_a_keyed_list_that_was_half_taken_in_is_completed_without_doubles(
    call: int, after: bool
) -> None:
    world = World()
    world.chaos.fatal, world.chaos.after = call, after
    world.survive(lambda: world.accept(*many_rounds(), key="k"))
    world.clock.at += 45_000
    world.accept(*many_rounds(), key="k")
    world.live(minutes=10)

    assert len(world.ledger.kept) == 6
    assert sorted(world.provider.shown()) == ["Resolved: p", "a", "b", "c", "p", "p"]
    assert world.statuses() == ["sent"] * 6


@pytest.mark.parametrize("destinations", [1, 3, 8])
def test_a_long_list_that_was_half_taken_in_fits_its_transactions(
    destinations: int,
) -> None:
    """Late deliveries cost an entry in the calendar each."""
    world = World(settings_for(*(f"d{n}" for n in range(destinations))))
    events = [firing("p"), resolved("p"), *(event(f"e{n}") for n in range(98))]
    world.chaos.fatal, world.chaos.after = 4, True
    assert world.survive(lambda: world.accept(*events, key="k"))
    assert 0 < len(world.ledger.kept) < 100
    world.clock.at += 45_000
    world.accept(*events, key="k")

    assert len(world.ledger.kept) == 100


def large(number: int) -> Event:
    """Sixty of these are more than one transaction holds."""
    return event(f"e{number}", data={"log": "x" * 90_000})


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("commit", [1, 2])
def test_a_keyed_list_of_large_events_is_completed_without_doubles(
    commit: int, after: bool
) -> None:
    """Its key goes with the first of its transactions."""
    events = [large(number) for number in range(60)]
    world, whole = World(), World()
    whole.accept(*events, key="k")
    commits = [n for n, call in enumerate(whole.chaos.calls, 1) if call == "commit"]
    world.chaos.fatal, world.chaos.after = commits[commit - 1], after

    assert world.survive(lambda: world.accept(*events, key="k"))
    stored = len(world.ledger.kept)
    world.clock.at += 45_000
    world.accept(*events, key="k")

    assert len(commits) == 2
    assert (stored == 0) == (commit == 1 and not after)
    assert len(world.ledger.kept) == 60


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


# --- lists ------------------------------------------------------------------


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


# --- races and failures -----------------------------------------------------


def test_a_problem_that_another_request_opens_first_becomes_a_repeat() -> None:
    world = World()
    rival = World(world.settings, world.clock)
    rival.ledger = world.ledger
    rival.restart()
    world.seen_ledger = Meddler(
        world.seen_ledger, "commit", lambda: rival.accept(firing())
    )
    (mine,) = world.accept(firing())

    assert mine.verdict == "repeat"
    assert world.one().occurrences == 2


def test_a_problem_that_ends_between_reading_and_counting_opens_anew() -> None:
    world = World()
    world.accept(firing())
    rival = World(world.settings, world.clock)
    rival.ledger = world.ledger
    rival.restart()
    world.seen_ledger = Meddler(
        world.seen_ledger, "repeat", lambda: rival.accept(resolved())
    )
    (mine,) = world.accept(firing())

    assert mine.verdict == "open"
    assert stored(world, mine).state == "firing"


def test_a_request_that_always_loses_is_told_to_try_again() -> None:
    world = World()
    world.seen_ledger = Broken(world.seen_ledger, Stale([0]), "commit")
    with pytest.raises(Unavailable):
        world.accept(firing())

    assert world.chaos.calls.count("memories") == TRIES


def rival_of(world: World) -> World:
    """Another process, on the same ledger and queue."""
    rival = World(world.settings, world.clock)
    rival.ledger, rival.queue = world.ledger, world.queue
    rival.restart()
    return rival


def test_two_requests_with_one_key_at_once_are_taken_in_once() -> None:
    world = World()
    rival = rival_of(world)

    def meanwhile() -> None:
        world.clock.at += 1
        rival.accept(event(), key="k")

    world.seen_ledger = Meddler(world.seen_ledger, "commit", meanwhile)
    (again,) = world.accept(event(), key="k")
    world.send_all()

    assert again.verdict == "replayed"
    assert world.provider.shown() == ["Disk is full"]


@pytest.mark.parametrize("state", [None, "firing"])
def test_a_dated_key_is_taken_in_once_without_being_remembered(
    state: str | None,
) -> None:
    """As SNS messages come: twice, at once or days later, with a time of their own."""
    world = World()
    rival = rival_of(world)
    told = event(state=state)
    at = world.clock.at - 500
    world.seen_ledger = Meddler(
        world.seen_ledger, "commit", lambda: rival.accept(told, key="message", at=at)
    )
    (first,) = world.accept(told, key="message", at=at)
    world.send_all()
    world.clock.at += 3 * DAY
    (later,) = world.accept(told, key="message", at=at)
    world.send_all()

    assert first.notification.id == later.notification.id
    assert later.verdict == "replayed"
    assert later.notification.occurrences == 1
    assert world.provider.shown() == ["Disk is full"]
    assert world.ledger.receipts == {}


def test_a_date_that_cannot_be_is_not_believed() -> None:
    world = World()
    for at in (1, world.clock.at + DAY):
        (accepted,) = world.accept(event(), key="k", at=at)

        assert accepted.notification.accepted_at == world.clock.at


def test_a_problem_that_expired_while_open_can_be_told_again() -> None:
    world = World()
    world.accept(event(state="firing"))
    world.send_all()
    world.ledger.kept.clear()
    world.clock.at += 91 * DAY
    (again,) = world.accept(event(state="firing"))
    world.send_all()

    assert again.verdict == "open"
    assert world.provider.shown() == ["Disk is full"] * 2


def test_a_queue_that_is_down_is_no_error_and_the_sweep_makes_up_for_it() -> None:
    world = World()
    world.seen_queue = Broken(world.queue, Unavailable("down"), "send")
    (accepted,) = world.accept(event())
    assert accepted.verdict == "tell"
    world.restart()
    world.live(minutes=3)

    assert world.provider.shown() == ["Disk is full"]


def test_a_table_that_is_down_is_an_error_and_nothing_is_sent() -> None:
    world = World()
    world.seen_ledger = Broken(world.ledger, Unavailable("down"), "commit")
    with pytest.raises(Unavailable):
        world.accept(event())

    assert world.queue.sent == []


# --- dry runs ---------------------------------------------------------------

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


@settings(deadline=None)
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


# --- what nobody must lose --------------------------------------------------


def test_a_failing_destination_does_not_change_what_is_accepted() -> None:
    world = World()
    world.provider.behaviour = lambda *_: Outcome(Kind.TRANSIENT, "500")
    (accepted,) = world.accept(event())
    world.send_all()

    assert stored(world, accepted).deliveries["ops"].state is State.FAILED
