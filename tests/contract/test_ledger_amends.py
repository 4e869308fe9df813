"""The ledger's contract: what is written into a notification afterwards."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.contract.rows import TIMING, drawn, key, move, opening, stored
from tests.fakes.clock import NOON
from tocsin.delivery import Delivery
from tocsin.errors import Stale
from tocsin.events import Event
from tocsin.identity import shard_of
from tocsin.memory import Memory
from tocsin.notification import Action, Plan, Planned
from tocsin.ports import TIMER, Commit, Repeat
from tocsin.severity import Severity


def test_a_nudge_sets_the_timer_once(ledger: Any) -> None:
    row = drawn()
    ledger.commit([Commit(row)])
    ledger.nudge(row, NOON + 10)

    assert stored(ledger, row).refresh_at == stored(ledger, row).timer_at == NOON + 10
    with pytest.raises(Stale):
        ledger.nudge(row, NOON + 11)
    (due,) = ledger.due(shard_of(row.id), NOON + 10, 9)
    assert (due.destination, due.due_at) == (TIMER, NOON + 10)
    ledger.nudge(stored(ledger, row), NOON + 30)
    nudged = stored(ledger, row)
    assert (nudged.refresh_at, nudged.timer_at) == (NOON + 30, NOON + 10)


@pytest.mark.parametrize(("at", "timer"), [(NOON + 3, NOON + 3), (NOON + 9, NOON + 5)])
def test_a_nudge_makes_the_timer_earlier_but_never_later(
    ledger: Any, at: int, timer: int
) -> None:
    row = drawn(plan=(Planned(NOON + 5, Plan.CLOSE),), timer_at=NOON + 5)
    ledger.commit([Commit(row)])
    ledger.nudge(row, at)

    assert (stored(ledger, row).refresh_at, stored(ledger, row).timer_at) == (at, timer)
    assert [due.due_at for due in ledger.due(shard_of(row.id), NOON + 99, 9)] == [timer]


def test_an_amendment_writes_plan_and_deliveries_and_leaves_the_count(
    ledger: Any,
) -> None:
    plan = (Planned(NOON + 5, Plan.ESCALATE, ("team",), "r", ("@here",), 5, 2),)
    row = drawn(state="firing", plan=plan, timer_at=NOON + 5)
    ledger.commit([opening(row)])
    ledger.repeat(Repeat(row.id, NOON + 1, 4))
    later = Delivery("team", due_at=NOON + 3)
    new = replace(
        row,
        version=1,
        plan=(Planned(NOON + 9, Plan.CLOSE),),
        timer_at=NOON + 9,
        deliveries={"ops": row.deliveries["ops"].cancelled(NOON, "x"), "team": later},
    )
    ledger.amend(row, new, closes=False)

    counted = replace(new, occurrences=5, last_at=NOON + 1)
    assert stored(ledger, row) == counted
    dues = ledger.due(shard_of(row.id), NOON + 99, 9)
    assert [(due.destination, due.due_at) for due in dues] == [
        ("team", NOON + 3),
        (TIMER, NOON + 9),
    ]
    plain = replace(counted, version=2, plan=(), timer_at=None, refresh_at=None)
    ledger.amend(counted, plain, closes=False)
    assert stored(ledger, row) == plain


def test_an_amendment_takes_a_dead_letter_back_and_puts_another_on_its_way(
    ledger: Any,
) -> None:
    row = drawn()
    ledger.commit([Commit(row)])
    move(ledger, row, lambda old: old.died(NOON + 5, "400"))
    old = stored(ledger, row)
    closed = old.deliveries["ops"].given_up(NOON + 9, "replayed to backup by ann")
    fresh = Delivery("backup").replayed(NOON + 9, "replayed by ann", TIMING)
    deliveries = {"ops": closed, "backup": fresh}
    new = replace(old, version=old.version + 1, deliveries=deliveries)
    ledger.amend(old, new, closes=False)
    [due] = ledger.due(shard_of(row.id), NOON + TIMING.heal + 10, 10)

    assert ledger.dead(limit=10, cursor="")[0] == []
    assert stored(ledger, row).deliveries == deliveries
    assert (due.notification_id, due.destination) == (row.id, "backup")
    with pytest.raises(Stale):
        ledger.amend(old, new, closes=False)


def test_an_amendment_that_meets_a_changed_delivery_is_stale(ledger: Any) -> None:
    row = drawn()
    ledger.commit([Commit(row)])
    move(ledger, row, lambda each: each.claimed(NOON, 1))
    deliveries = {"ops": row.deliveries["ops"].cancelled(NOON, "x")}

    with pytest.raises(Stale):
        ledger.amend(row, replace(row, version=1, deliveries=deliveries), closes=False)


def test_what_is_told_anew_is_stored_whole(ledger: Any) -> None:
    row = drawn(state="running")
    ledger.commit([opening(row)])
    said = Event.model_validate({"type": "t", "title": "half", "progress": 50})
    ledger.amend(row, replace(row, version=1, event=said), closes=False)

    assert stored(ledger, row).event == said


def test_who_was_counted_last_is_known_after_an_amendment_too(ledger: Any) -> None:
    row = drawn(state="firing")
    ledger.commit([opening(row)])
    for number, each in enumerate(("k", "l")):
        ledger.repeat(Repeat(row.id, NOON + number, key=each))
    ledger.amend(row, replace(row, version=1, revision=1), closes=False)

    assert stored(ledger, row).counted == {"k": NOON, "l": NOON + 1}


def test_an_amendment_counts_and_forgets_beside_what_others_count(ledger: Any) -> None:
    row = drawn(state="running")
    ledger.commit([opening(row)])
    ledger.repeat(Repeat(row.id, NOON, key="k"))
    known = ledger.repeat(Repeat(row.id, NOON, key="l"))
    ledger.repeat(Repeat(row.id, NOON + 2, key="meanwhile"))
    counted = {"l": NOON, "n-w_": NOON + 3}
    ledger.amend(known, replace(known, version=1, counted=counted), closes=False)

    assert stored(ledger, row).counted == {**counted, "meanwhile": NOON + 2}


@pytest.mark.parametrize("count", [20, 110])
def test_many_may_be_told_at_once_of_what_was_silent(ledger: Any, count: int) -> None:
    silent = {f"d{n}": Delivery(f"d{n}").suppressed(NOON, "") for n in range(count)}
    row = drawn(state="firing", deliveries=silent)
    ledger.commit([opening(row)])
    told = {
        name: replace(each, rev=9, due_at=NOON + 7) for name, each in silent.items()
    }
    ledger.amend(row, replace(row, version=1, deliveries=told), closes=False)

    assert stored(ledger, row).deliveries == told
    assert len(ledger.due(shard_of(row.id), NOON + 7, 500)) == count


def test_how_bad_it_was_told_as_is_stored(ledger: Any) -> None:
    row = drawn(state="firing")
    ledger.commit([opening(row)])
    worse = replace(row, version=1, peak=Severity.CRITICAL)
    ledger.amend(row, worse, closes=False)

    assert stored(ledger, row).worst is Severity.CRITICAL


def test_flapping_is_counted_with_the_last_state(ledger: Any) -> None:
    row = drawn(state="firing", flapping=0)
    ledger.commit([opening(row)])
    ledger.repeat(Repeat(row.id, NOON + 1, swallowed="resolved"))
    seen = ledger.repeat(Repeat(row.id, NOON + 2, swallowed="firing"))

    assert (seen.flapping, seen.swallowed, seen.occurrences) == (2, "firing", 3)
    calm = replace(row, version=1, flapping=None)
    with pytest.raises(Stale):
        ledger.amend(row, calm, closes=False)
    ledger.amend(seen, replace(seen, version=1, flapping=None), closes=False)
    assert stored(ledger, row).flapping is None


def test_acknowledging_is_kept_and_a_race_is_stale(ledger: Any) -> None:
    row = drawn(state="firing")
    ledger.commit([opening(row)])
    acked = replace(
        row,
        version=1,
        ack_by="ann",
        ack_at=NOON,
        ack_note="on it",
        ack_until=NOON + 9,
        actions=(Action(NOON, "ann", "acknowledged", "on it"),),
    )
    ledger.amend(row, acked, closes=False)

    assert stored(ledger, row) == acked
    with pytest.raises(Stale):
        ledger.amend(row, acked, closes=False)


def test_resolving_by_hand_ends_the_problem(ledger: Any) -> None:
    row = drawn(state="firing")
    opened = Memory(1, row.id, NOON - 9, changes=(NOON - 9,), changed_at=5)
    ledger.commit([Commit(row, remembered=opened)])
    over = replace(row, version=1, state="resolved", resolved_at=NOON)
    ledger.amend(row, over, closes=True)

    left = ledger.memories([key(row)])[key(row)]
    assert (left.holder, left.last, left.since) == ("", row.id, NOON)
    assert left.expires_at == NOON + 86_400_000
    assert (left.changes, left.changed_at) == ((), 0)
    assert left.rev > 1
    assert stored(ledger, row).state == "resolved"
    after = replace(left, rev=left.rev + 1, holder=drawn(2).id, expires_at=0)
    ledger.remember(key(row), left, after)
    with pytest.raises(Stale):
        ledger.remember(key(row), opened, replace(after, holder=row.id))


def test_a_problem_that_nobody_remembers_as_open_can_be_ended_beside_what_is(
    ledger: Any,
) -> None:
    row, since = drawn(1, state="firing"), drawn(2, state="firing", fingerprint="f1")
    ledger.commit([Commit(row)])
    ledger.commit([opening(since)])
    over = replace(row, version=1, state="resolved", resolved_at=NOON)
    ledger.amend(row, over, closes=True)

    assert stored(ledger, row).state == "resolved"
    assert ledger.memories([key(row)]) == {key(row): opening(since).remembered}
    with pytest.raises(Stale):
        ledger.amend(row, over, closes=True)


def test_what_nothing_is_remembered_of_can_be_ended(ledger: Any) -> None:
    row = drawn(1, state="firing")
    ledger.commit([Commit(row)])
    over = replace(row, version=1, state="resolved", resolved_at=NOON)
    ledger.amend(row, over, closes=True)

    assert ledger.memories([key(row)])[key(row)].last == row.id
