"""The ledger's contract, held by the fake and by DynamoDB alike."""

from __future__ import annotations

import base64
import random
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from moto import mock_aws

from tests.fakes.clock import NOON, FakeClock
from tests.fakes.ledger import FakeHealthBook, FakeLedger
from tests.fakes.moto_http import use_moto
from tocsin.aws import dense, items
from tocsin.aws.calls import client
from tocsin.aws.health import DynamoHealthBook
from tocsin.aws.ledger import DynamoLedger
from tocsin.aws.reading import DynamoReading
from tocsin.delivery import Delivery, State, Timing
from tocsin.errors import Stale, Unreadable
from tocsin.events import Event
from tocsin.identity import SHARDS, first_id_at, new_id, shard_of
from tocsin.memory import Memory
from tocsin.notification import Action, Notification, Plan, Planned, Step
from tocsin.ports import TIMER, Commit, Move, Receipt, Repeat
from tocsin.severity import Severity

TIMING = Timing()
TABLE = "contract"


class DynamoBoth(DynamoLedger, DynamoReading):
    """Writing and reading side in one, as the fake has them."""


@pytest.fixture
def dynamodb(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    use_moto(monkeypatch)
    with mock_aws():
        made = client("dynamodb")
        made.create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "sk", "AttributeType": "S"},
            ],
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
        )
        yield made


@pytest.fixture(params=["fake", "dynamodb"])
def ledger(request: pytest.FixtureRequest) -> Any:
    if request.param == "fake":
        return FakeLedger(FakeClock())
    return DynamoBoth(request.getfixturevalue("dynamodb"), TABLE)


@pytest.fixture(params=["fake", "dynamodb"])
def health(request: pytest.FixtureRequest) -> Any:
    if request.param == "fake":
        return FakeHealthBook()
    clock = FakeClock()
    return DynamoHealthBook(request.getfixturevalue("dynamodb"), TABLE, clock)


def drawn(number: int = 1, at: int = NOON, **more: Any) -> Notification:
    event = Event.model_validate(
        {"type": "t", "title": "Ünïcode 🚨", "data": {"a": [1, None, {"b": 2.5}]}}
    )
    values: dict[str, Any] = {
        "id": new_id(at, number.to_bytes(10, "big")),
        "event": event,
        "fingerprint": f"f{number}",
        "state": "notice",
        "sender": "app",
        "accepted_at": at,
        "last_at": at,
        "trace": (Step("route a", "taken"),),
        "deliveries": {"ops": Delivery("ops", route="a", pings=("user:1",))},
    }
    return Notification(**{**values, **more})


def key(row: Notification) -> str:
    return row.memory_key


def opening(row: Notification) -> Commit:
    """What opens a problem of which nothing is known yet."""
    return Commit(row, remembered=Memory(holder=row.id, since=row.accepted_at))


def move(
    ledger: Any, row: Notification, change: Callable[[Delivery], Delivery]
) -> None:
    old = row.deliveries["ops"]
    ledger.move([Move(row.id, old, change(old))])


def stored(ledger: Any, row: Notification) -> Notification:
    found: Notification = ledger.load([row.id])[row.id]
    return found


def test_what_was_committed_is_read_back_as_it_was(ledger: Any) -> None:
    row = drawn(state="firing", resolves="", suppressed="why")
    ledger.commit([Commit(row)])

    assert stored(ledger, row) == row
    assert ledger.load(["0" * 26, row.id]) == {row.id: row}


def test_committing_the_same_again_is_harmless(ledger: Any) -> None:
    row = drawn()
    ledger.commit([Commit(row)])
    move(ledger, row, lambda each: each.claimed(NOON, 1))
    ledger.commit([Commit(row)])

    assert stored(ledger, row).deliveries["ops"].state is State.PROCESSING


def test_a_hundred_writes_are_one_transaction_and_one_more_is_left(
    ledger: Any,
) -> None:
    late = {"ops": Delivery("ops", due_at=NOON + 7)}
    commits = [
        *(Commit(drawn(n, deliveries=late)) for n in range(47)),
        opening(drawn(50, state="firing")),
        Commit(drawn(51), key="k", receipt=Receipt("", NOON)),
    ]
    one, two, three = drawn(60), drawn(61), drawn(62)
    assert sum(commit.writes for commit in commits) == 98

    wrote = ledger.commit([*commits, Commit(one), Commit(two), Commit(three)])

    assert wrote == len(commits) + 2
    assert set(ledger.load([one.id, two.id, three.id])) == {one.id, two.id}


def large(number: int) -> Notification:
    """As much as an event may hold, of what cannot be packed."""
    log = base64.b85encode(random.Random(number).randbytes(190_000)).decode()
    event = {"type": "t", "title": "Large", "data": {"log": log}}
    return drawn(number, event=Event.model_validate(event))


def test_what_is_too_much_for_one_transaction_is_left_for_the_next(
    ledger: Any,
) -> None:
    """DynamoDB takes 4 MB at once: a hundred large events are several transactions."""
    commits = [Commit(large(number)) for number in range(1, 41)]

    wrote = ledger.commit(commits)

    ids = [commit.notification.id for commit in commits]
    assert 10 < wrote < 30
    assert sorted(ledger.load(ids)) == ids[:wrote]
    while wrote < len(commits):
        wrote += ledger.commit(commits[wrote:])
    assert sorted(ledger.load(ids)) == ids


def test_what_is_committed_with_a_memory_needs_the_one_it_was_judged_by(
    ledger: Any,
) -> None:
    row, rival = drawn(1, state="firing"), drawn(2, state="firing", fingerprint="f1")
    ledger.commit([opening(row)])

    assert ledger.memories([key(row), "f2"]) == {key(row): opening(row).remembered}
    with pytest.raises(Stale):
        ledger.commit([opening(rival)])
    assert ledger.load([rival.id]) == {}


def test_a_memory_is_swapped_only_for_the_one_that_was_read(ledger: Any) -> None:
    first = Memory(1, "a", 5, 0, 2, (3, 4), 6, 7_000)
    ledger.remember("f", None, first)
    second = replace(first, rev=2, holder="", told=0, changes=(), expires_at=0)
    assert ledger.memories(["f"]) == {"f": first}
    ledger.remember("f", first, first)  # as a write whose answer was lost
    ledger.remember("f", first, second)

    assert ledger.memories(["f"]) == {"f": second}
    for stale in (None, first):
        with pytest.raises(Stale):
            ledger.remember("f", stale, replace(first, holder="b"))


def test_a_window_that_is_over_is_as_good_as_nothing(ledger: Any) -> None:
    first = Memory(1, "a", since=5, until=9, told=3)
    ledger.remember("f", None, first)
    second = replace(first, rev=2, holder="b", since=9, until=13, told=1)
    with pytest.raises(Stale):
        ledger.remember("f", None, replace(second, since=8))
    ledger.remember("f", None, second)

    assert ledger.memories(["f"]) == {"f": second}


def test_a_reserved_id_is_written_once_and_whoever_comes_second_learns_it(
    ledger: Any,
) -> None:
    row = drawn(1)
    ledger.commit([Commit(row, by="helper")])
    ledger.commit([Commit(row, by="helper")])

    with pytest.raises(Stale):
        ledger.commit([Commit(row, by=row.id)])


def test_a_problem_is_finished_once_and_by_one(ledger: Any) -> None:
    row = drawn(1, state="firing")
    ledger.commit([opening(row)])
    for _ in range(2):
        ledger.finish(row.id, by="end", at=NOON + 5)

    over = stored(ledger, row)
    assert (over.state, over.resolved_at, over.resolved_by) == (
        "resolved",
        NOON + 5,
        "end",
    )
    for problem, by in ((row.id, "other"), ("0" * 26, "end")):
        with pytest.raises(Stale):
            ledger.finish(problem, by=by, at=NOON)


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
    ledger.repeat(Repeat(row.id, NOON + 1, key="k:0"))
    ledger.amend(row, replace(row, version=1, revision=1), closes=False)

    assert stored(ledger, row).counted == "k:0"


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


def test_a_problem_is_never_written_over_by_its_own_double(ledger: Any) -> None:
    """Two deliveries of one SNS message at the same time make the same id."""
    row = drawn(state="firing")
    ledger.commit([opening(row)])
    move(ledger, row, lambda each: each.sent(NOON))

    with pytest.raises(Stale):
        ledger.commit([opening(row)])
    assert stored(ledger, row).deliveries["ops"].state is State.SENT


def test_a_resolution_closes_the_problem_and_marks_it(ledger: Any) -> None:
    row = drawn(1, state="firing")
    ledger.commit([opening(row)])
    end = drawn(2, NOON + 5, state="resolved", fingerprint="f1", resolves=row.id)
    known = ledger.memories([key(row)])[key(row)]
    after = replace(known, rev=2, holder="")
    ledger.commit([Commit(end, known, after, closes=True), Commit(drawn(3))])

    assert ledger.memories([key(row)]) == {key(row): after}
    assert stored(ledger, row).resolved_by == end.id
    assert stored(ledger, row).resolved_at == end.last_at
    rival = replace(end, id=new_id(NOON, b"x" * 10))
    with pytest.raises(Stale):
        ledger.commit([Commit(rival, closes=True), Commit(drawn(4))])


def test_repeats_add_up_and_one_key_counts_once(ledger: Any) -> None:
    row = drawn(state="firing")
    ledger.commit([opening(row)])

    assert ledger.repeat(Repeat(row.id, NOON + 1)).occurrences == 2
    assert ledger.repeat(Repeat(row.id, NOON + 2, 5, key="k")).occurrences == 7
    assert ledger.repeat(Repeat(row.id, NOON + 3, 5, key="k")).occurrences == 7
    assert ledger.repeat(Repeat(row.id, NOON + 4, 1, key="l")).last_at == NOON + 4


def test_a_repeat_of_what_is_over_is_stale(ledger: Any) -> None:
    row = drawn(state="resolved")
    ledger.commit([Commit(row)])

    with pytest.raises(Stale):
        ledger.repeat(Repeat(row.id, NOON, key="k"))
    with pytest.raises(Stale):
        ledger.repeat(Repeat("0" * 26, NOON))


def test_a_key_is_remembered_for_a_day(ledger: Any) -> None:
    receipt = Receipt("digest", NOON)
    ledger.commit([Commit(drawn(1), key="k", receipt=receipt)])

    assert ledger.receipt("k") == receipt
    assert ledger.receipt("other") is None
    again = Receipt("digest", NOON + 1000)
    with pytest.raises(Stale):
        ledger.commit([Commit(drawn(2), key="k", receipt=again)])
    next_day = Receipt("digest", NOON + 86_400_000)
    ledger.commit([Commit(drawn(3), key="k", receipt=next_day)])


def test_a_move_swaps_and_a_second_one_from_the_same_state_is_stale(
    ledger: Any,
) -> None:
    row = drawn()
    ledger.commit([Commit(row)])
    move(ledger, row, lambda each: each.claimed(NOON, 1))

    with pytest.raises(Stale) as caught:
        move(ledger, row, lambda each: each.suppressed(NOON, "late"))
    assert caught.value.losers == (0,)


def test_a_move_that_is_repeated_is_not_taken_for_a_defeat(ledger: Any) -> None:
    """The client repeats a write whose answer was lost."""
    row = drawn()
    ledger.commit([Commit(row)])
    for _ in range(2):
        move(ledger, row, lambda each: each.failed(NOON, "500", TIMING))

    assert stored(ledger, row).deliveries["ops"].attempts == 1


def test_moves_are_all_or_none_and_name_the_losers(ledger: Any) -> None:
    rows = [drawn(n) for n in range(3)]
    ledger.commit([Commit(row) for row in rows])
    move(ledger, rows[1], lambda each: each.claimed(NOON, 1))
    moves = [
        Move(row.id, row.deliveries["ops"], row.deliveries["ops"].claimed(NOON, 2))
        for row in rows
    ]

    with pytest.raises(Stale) as caught:
        ledger.move(moves)
    assert caught.value.losers == (1,)
    assert stored(ledger, rows[0]).deliveries["ops"].state is State.QUEUED


def test_the_calendar_follows_the_deliveries(ledger: Any) -> None:
    row = drawn()
    ledger.commit([Commit(row)])
    shard = shard_of(row.id)
    move(ledger, row, lambda each: each.failed(NOON, "500", TIMING))
    due_at = NOON + TIMING.retries[0]

    assert ledger.due(shard, due_at - 1, 10) == []
    (due,) = ledger.due(shard, due_at, 10)
    assert (due.notification_id, due.destination) == (row.id, "ops")
    move(ledger, stored(ledger, row), lambda each: each.sent(NOON))
    assert ledger.due(shard, due_at * 2, 10) == []


def test_a_late_commit_enters_the_calendar_at_once(ledger: Any) -> None:
    row = drawn(deliveries={"ops": Delivery("ops", due_at=NOON + 7)})
    ledger.commit([Commit(row, key="k", receipt=Receipt("", NOON))])

    assert len(ledger.due(shard_of(row.id), NOON + 7, 10)) == 1


def test_dead_letters_are_listed_oldest_first_in_pages(ledger: Any) -> None:
    rows = [drawn(n) for n in range(5)]
    ledger.commit([Commit(row) for row in rows])
    for n, row in enumerate(rows):
        move(ledger, row, lambda each, n=n: each.died(NOON + n, "no"))  # type: ignore[misc]
    move(ledger, stored(ledger, rows[2]), lambda each: each.replayed(NOON, "x", TIMING))
    listed, cursor = [], ""
    for _ in range(5):
        page, cursor = ledger.dead(limit=2, cursor=cursor)
        listed += page
        if not cursor:
            break

    expected = [rows[n].id for n in (0, 1, 3, 4)]
    assert [dead.notification_id for dead in listed] == expected


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
    ledger.commit([opening(row)])
    over = replace(row, version=1, state="resolved", resolved_at=NOON)
    ledger.amend(row, over, closes=True)

    assert ledger.memories([key(row)]) == {}
    assert stored(ledger, row).state == "resolved"


def test_the_audit_reads_each_shard_in_order_across_days(ledger: Any) -> None:
    day = 86_400_000
    rows = [drawn(n, NOON + n * day // 3) for n in range(12)]
    for row in rows:
        ledger.commit([Commit(row)])
    read = []
    for shard in range(SHARDS):
        page = ledger.accepted(shard, first_id_at(NOON - 1), NOON + 3 * day, 100)
        assert [each.id for each in page] == sorted(each.id for each in page)
        read += page

    expected = {row.id for row in rows if row.accepted_at < NOON + 3 * day}
    assert {row.id for row in read} == expected


def test_the_mark_advances_once(ledger: Any) -> None:
    assert ledger.mark(2) == ""
    ledger.set_mark(2, "", "a")
    with pytest.raises(Stale):
        ledger.set_mark(2, "", "b")
    ledger.set_mark(2, "a", "c")
    assert ledger.mark(2) == "c"


def test_recent_pages_run_newest_first_over_days_and_shards(ledger: Any) -> None:
    hour = 3_600_000
    rows = [drawn(n, NOON - n * 7 * hour) for n in range(40)]
    for row in rows:
        ledger.commit([Commit(row)])
    listed: list[Notification] = []
    cursor = ""
    for _ in range(30):
        page, cursor = ledger.recent(
            since=NOON - 40 * 7 * hour, until=NOON + 1, limit=7, cursor=cursor
        )
        listed += page
        if not cursor:
            break

    assert [each.id for each in listed] == [row.id for row in rows]


def test_health_keeps_the_longest_block(health: Any) -> None:
    health.block("ops", 50)
    health.block("ops", 20)

    assert health.health(["ops", "new"])["ops"].blocked_until == 50
    assert health.health(["new"])["new"].blocked_until == 0


def test_the_health_of_hundreds_is_known_at_once(health: Any) -> None:
    names = [f"box-{number}" for number in range(230)]
    health.block(names[-1], 50)

    known = health.health(names)

    assert len(known) == len(names)
    assert known[names[-1]].blocked_until == 50


def test_health_keeps_the_highest_of_what_a_provider_told(health: Any) -> None:
    health.note("ops", 6, "500")
    assert health.health(["ops"])["ops"].learnt == {}
    for value in (50, 70, 60):
        health.learn("ops", "window_until", value)
        health.learn("new", "until", value)

    assert health.health(["ops"])["ops"].learnt == {"window_until": 70}
    assert health.all()["new"].learnt == {"until": 70}
    assert health.all()["ops"].last_error == "500"


def test_what_does_not_hold_any_more_is_forgotten_unless_it_was_told_anew(
    health: Any,
) -> None:
    health.note("ops", 6, "500")
    health.learn("ops", "window_until", 50)
    health.learn("ops", "other", 1)
    health.forget("ops", "window_until", 40)
    assert health.health(["ops"])["ops"].learnt == {"window_until": 50, "other": 1}

    health.forget("ops", "window_until", 50)
    health.forget("new", "window_until", 50)
    assert health.health(["ops"])["ops"].learnt == {"other": 1}
    assert health.all()["ops"].last_error == "500"
    health.learn("ops", "window_until", 45)
    assert health.health(["ops"])["ops"].learnt == {"other": 1, "window_until": 45}


def test_health_remembers_why_a_destination_was_disabled(health: Any) -> None:
    health.disable("ops", 5, "gone")
    health.disable("ops", 9, "gone again")
    health.note("ops", 6, "500")
    health.told("ops")

    known = health.all()["ops"]
    assert (known.disabled_at, known.disabled_reason) == (5, "gone")
    assert (known.last_error, known.told, known.failures) == ("500", True, 1)
    health.note("ops", 7, "503")
    assert health.health(["ops"])["ops"].failures == 2
    health.note("ops", 8, "")
    known = health.health(["ops"])["ops"]
    assert (known.last_error, known.failures) == ("", 0)


def test_bounds_the_wrong_way_round_hold_nothing(ledger: Any) -> None:
    ledger.commit([Commit(drawn())])

    assert ledger.recent(since=NOON, until=NOON - 1, limit=5, cursor="")[0] == []


def test_a_row_of_another_version_hides_no_other(dynamodb: Any) -> None:
    ledger = DynamoBoth(dynamodb, TABLE)
    good, bad = drawn(1), drawn(2)
    ledger.commit([Commit(good), Commit(bad)])
    dynamodb.update_item(
        TableName=TABLE,
        Key=items.key_of(bad.id),
        UpdateExpression=f"SET {dense.ATTRIBUTE} = :odd",
        ExpressionAttributeValues={":odd": {"B": b"odd"}},
    )
    page, _ = ledger.recent(since=NOON - 1, until=NOON + 1, limit=9, cursor="")

    assert page == [good]
    with pytest.raises(Unreadable):
        ledger.load([good.id, bad.id])


def test_a_row_written_without_the_dictionary_is_read(dynamodb: Any) -> None:
    ledger = DynamoBoth(dynamodb, TABLE)
    row = drawn()
    item = items.pack(row, 1)
    whole = dense.unpack(item.pop(dense.ATTRIBUTE)["B"])
    dynamodb.put_item(
        TableName=TABLE, Item={**item, "doc": {"B": zlib.compress(whole)}}
    )

    assert ledger.load([row.id]) == {row.id: row}


def test_keys_that_only_another_version_knows_are_passed_over(dynamodb: Any) -> None:
    ledger = DynamoBoth(dynamodb, TABLE)
    row = drawn()
    item = items.pack(row, 1)
    event, rest = dense.unpack(item[dense.ATTRIBUTE]["B"]).split(b"\n")
    newer = event[:-1] + b',"mood":"good"}\n' + rest
    item[dense.ATTRIBUTE]["B"] = dense.pack(newer)
    packed = item["dl"]["M"]["ops"]["M"]["j"]
    packed["S"] = packed["S"][:-1] + ',"zz":1}'
    dynamodb.put_item(TableName=TABLE, Item=item)
    found = ledger.load([row.id])[row.id]

    assert found.deliveries == row.deliveries
    assert found.event.title == row.event.title
