"""Idempotency keys: a second try takes in what the first one left, and nothing twice."""

from __future__ import annotations

import pytest

from tests.fakes.chaos import Killed
from tests.fakes.clock import NOON
from tests.fakes.meddler import Meddler
from tests.fakes.world import World, event, settings_for
from tests.unit.accepting import DAY, firing, fresh, opened, resolved, rival_of, written
from tocsin.acknowledge import resolve
from tocsin.delivery import MINUTE
from tocsin.errors import Conflict
from tocsin.events import Event
from tocsin.notification import Notification


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


def test_a_keyed_repeat_that_is_tried_again_after_others_counts_once() -> None:
    world = World()
    world.accept(firing())
    for key in ("k", "l", "m", "k", "l", "m"):
        (result,) = world.accept(firing(), key=key)

    assert (result.verdict, result.notification.id) == ("repeat", world.one().id)
    assert world.one().occurrences == 4


def test_a_keyed_repeat_that_is_tried_again_after_someone_ended_it_opens_nothing() -> (
    None
):
    world = World()
    world.accept(firing())
    world.accept(firing(), key="k")
    world.accept(firing(), key="l")
    resolve(world.one().id, actor="ann", note="", means=world.means())
    (again,) = world.accept(firing(), key="k")

    assert (again.verdict, opened(world)) == ("repeat", [])
    assert world.one().occurrences == 3
    (new,) = world.accept(firing(), key="new")
    assert new.verdict == "open"


def test_what_a_first_try_counted_and_died_over_shows_on_the_card() -> None:
    world = World()
    world.provider.editable = True
    world.accept(firing())
    posted = Meddler(world.seen_ledger, "repeat", world.send_all)
    world.seen_ledger = Meddler(posted, "nudge", die)
    assert world.survive(lambda: world.accept(firing(), key="k"))
    world.accept(firing(), key="k")
    world.live(minutes=2)

    row = world.one()
    assert (row.occurrences, row.deliveries["ops"].shown) == (2, row.edition)


def test_each_repeat_of_a_keyed_list_is_counted_once() -> None:
    world = World()
    world.accept(firing("a"), firing("b"))
    for _ in range(2):
        world.accept(firing("a"), firing("b"), event("news"), key="k")
        world.accept(firing("a"), firing("b"), key="l")
        world.accept(firing("b"))
    resolve(rows_of(world, "a").id, actor="ann", note="", means=world.means())
    world.accept(firing("a"), firing("b"), key="l")
    world.send_all()

    assert rows_of(world, "a").occurrences == 3
    assert rows_of(world, "b").occurrences == 5
    assert world.provider.shown().count("news") == 1


def test_what_is_held_back_under_a_key_is_counted_once_whenever_it_comes_again() -> (
    None
):
    world = World()
    for number in range(6):
        world.accept(event(), key=f"k{number}")
    world.clock.at += 2 * MINUTE
    for number in range(6):
        world.accept(event(), key=f"k{number}")

    assert sum(row.occurrences for row in world.ledger.kept.values()) == 6


@pytest.mark.parametrize("call", range(1, 9))
@pytest.mark.parametrize("after", [False, True])
def test_whoever_dies_over_a_keyed_repeat_counts_it_once(
    call: int, after: bool
) -> None:
    world = World()
    world.accept(firing())
    fresh(world)
    world.chaos.fatal, world.chaos.after = call, after
    world.survive(lambda: world.accept(firing(), key="k"))
    world.chaos.revive()
    world.accept(firing(), key="other")
    world.accept(firing(), key="k")

    assert world.one().occurrences == 3


def test_a_repeat_that_has_a_key_is_one_write_more_than_one_without() -> None:
    world = World()
    world.accept(firing())
    fresh(world)
    world.accept(firing())
    assert (written(world), world.ledger.receipts) == (["repeat"], {})
    fresh(world)
    world.accept(firing(), key="k")

    assert (written(world), len(world.ledger.receipts)) == (["repeat"], 1)


def test_two_requests_with_one_key_at_once_count_once() -> None:
    world = World()
    world.accept(firing())
    rival = rival_of(world)
    world.seen_ledger = Meddler(
        world.seen_ledger, "repeat", lambda: rival.accept(firing(), key="k")
    )
    (mine,) = world.accept(firing(), key="k")

    assert (mine.verdict, world.one().occurrences) == ("repeat", 2)


@pytest.mark.parametrize("key", ["", "k"])
def test_who_finds_its_place_taken_is_answered_as_itself(key: str) -> None:
    """It had reserved the place, and was slower than one that came by."""
    world = World(settings_for("ops", throttle={"limit": 1}))
    rival = rival_of(world)
    world.seen_ledger = Meddler(
        world.seen_ledger, "commit", lambda: rival.accept(event(), key="other")
    )
    (mine,) = world.accept(event(), key=key)

    assert (mine.verdict, world.one().occurrences) == ("repeat", 2)


def test_who_took_anothers_place_finds_what_it_wrote_there() -> None:
    world = World(settings_for("ops", throttle={"limit": 1}))
    world.chaos.fatal = 3
    assert world.survive(lambda: world.accept(event(), key="k"))
    world.seen_queue = Meddler(world.seen_queue, "send", die)
    assert world.survive(lambda: world.accept(event(), key="other"))
    assert world.one().by
    world.accept(event(), key="other")

    assert world.one().occurrences == 1


@pytest.mark.parametrize("state", [None, "firing"])
@pytest.mark.parametrize("before", [[], [event("first")]])
def test_what_was_written_in_anothers_place_is_found_there_by_whoever_comes_again(
    before: list[Event], state: str | None
) -> None:
    """A list, and what has a date of its own, keep no word of where that was."""
    world = World(settings_for("ops", throttle={"limit": 1}))
    at = 0 if before else world.clock.at - 500
    told = event(state=state)
    world.seen_ledger = Meddler(world.seen_ledger, "commit", die)
    assert world.survive(lambda: world.accept(told, key="k"))
    for _ in range(3):
        world.accept(*before, told, key="other", at=at)
        world.clock.at += 5_000

    row = rows_of(world, told.title)
    assert row.by
    assert row.occurrences == 1


def test_a_dated_repeat_opens_nothing_after_an_end_that_died_over_its_memory() -> None:
    world = World()
    world.accept(firing())
    at = world.clock.at - 500
    world.accept(firing(), key="message", at=at)
    world.seen_ledger = Meddler(world.seen_ledger, "remember", die)
    assert world.survive(lambda: world.accept(resolved()))
    (again,) = world.accept(firing(), key="message", at=at)

    assert (again.verdict, again.notification.occurrences) == ("repeat", 2)
    assert [row.state for row in world.ledger.kept.values()] == ["resolved"] * 2


def test_a_key_that_was_counted_yesterday_hides_nothing_of_today() -> None:
    world = World(settings_for("ops", throttle={"limit": 1}))
    for day in range(2):
        world.clock.at = NOON + day * (DAY + 1_000)
        world.accept(event())
        (repeat,) = world.accept(event(), key="k")

        assert (repeat.verdict, repeat.notification.occurrences) == ("repeat", 2)
        assert repeat.notification.accepted_at == world.clock.at


def die() -> None:
    raise Killed


def rows_of(world: World, title: str) -> Notification:
    """The only notification of that title."""
    (row,) = (each for each in world.ledger.kept.values() if each.event.title == title)
    return row


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
