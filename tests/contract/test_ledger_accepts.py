"""The ledger's contract, held by the fake and by DynamoDB alike: what is accepted."""

from __future__ import annotations

import base64
import random
from dataclasses import replace
from typing import Any

import pytest

from tests.contract.conftest import TABLE, DynamoBoth
from tests.contract.rows import drawn, key, move, opening, stored
from tests.fakes.clock import NOON
from tocsin.aws.items import fingerprint_key, key_of
from tocsin.aws.json_service import Refusal
from tocsin.aws.ledger import DynamoLedger
from tocsin.delivery import Delivery, State
from tocsin.errors import Stale, Unavailable
from tocsin.events import Event
from tocsin.identity import new_id, shard_of
from tocsin.memory import Memory, Window, having_ended
from tocsin.notification import Notification
from tocsin.ports import Commit, Missed, Receipt, Repeat

ONE, OTHER = drawn(1).id, drawn(2).id


def test_what_was_committed_is_read_back_as_it_was(ledger: Any) -> None:
    row = drawn(state="firing", resolves="", suppressed="why")
    ledger.commit([Commit(row)])

    assert stored(ledger, row) == row
    assert ledger.load(["0" * 26, row.id]) == {row.id: row}


def test_each_of_a_list_is_read_back_as_it_was(ledger: Any) -> None:
    rows = [
        drawn(number, event=Event(type="t", title=f"The {number}th"))
        for number in range(25)
    ]
    assert ledger.commit([Commit(row) for row in rows]) == len(rows)

    assert ledger.load([row.id for row in rows]) == {row.id: row for row in rows}


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


@pytest.mark.parametrize("count", [98, 99, 100, 230])
def test_what_waits_at_more_destinations_than_a_transaction_holds_is_taken(
    ledger: Any, count: int
) -> None:
    late = {f"d{n}": Delivery(f"d{n}", due_at=NOON + 7) for n in range(count)}
    row, next_one = drawn(1, deliveries=late), drawn(2)
    receipt = Receipt("", NOON)
    commits = [Commit(row, key="k", receipt=receipt), Commit(next_one)]

    assert ledger.commit(commits) == 1
    assert stored(ledger, row) == row
    assert ledger.receipt("k") == receipt
    dues = ledger.due(shard_of(row.id), NOON + 7, 500)
    assert {due.destination for due in dues} == set(late)
    with pytest.raises(Stale):
        ledger.commit(commits[:1])


def test_who_dies_over_such_a_row_has_left_no_row_without_its_calendar(
    dynamodb: Any,
) -> None:
    late = {f"d{n}": Delivery(f"d{n}", due_at=NOON + 7) for n in range(120)}
    ledger, row = DynamoBoth(Stormy(dynamodb), TABLE), drawn(1, deliveries=late)
    with pytest.raises(Unavailable):
        ledger.commit([Commit(row)])

    assert ledger.load([row.id]) == {}
    assert len(ledger.due(shard_of(row.id), NOON + 7, 500)) == 21


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
    first = Memory(1, ONE, 5, 0, 2, (3, 4), 6, 7_000)
    ledger.remember("f", None, first)
    second = replace(first, rev=2, holder="", told=0, changes=(), expires_at=0)
    assert ledger.memories(["f"]) == {"f": first}
    ledger.remember("f", first, first)  # as a write whose answer was lost
    ledger.remember("f", first, second)

    assert ledger.memories(["f"]) == {"f": second}
    for stale in (None, first):
        with pytest.raises(Stale):
            ledger.remember("f", stale, replace(first, holder=OTHER))


DAMAGED = ["r", "id", "at", "un", "n", "ch", "ca", "expires", "ls", "w"]


def whole_memory(holder: str) -> Memory:
    """With all that a memory can have."""
    window = Window(NOON, NOON + 9, 1, 1, holder)
    return Memory(
        3, holder, NOON, NOON + 9, 1, (NOON,), NOON, NOON + 9_000, OTHER, {"a": window}
    )


def damage(dynamodb: Any, fingerprint: str, name: str) -> None:
    dynamodb.update_item(
        TableName=TABLE,
        Key=fingerprint_key(fingerprint),
        UpdateExpression="SET #name = :odd",
        ExpressionAttributeNames={"#name": name},
        ExpressionAttributeValues={":odd": {"L": [{"S": "odd"}]}},
    )


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_memory_is_swapped_for_a_whole_one(dynamodb: Any, name: str) -> None:
    ledger = DynamoLedger(dynamodb, TABLE)
    ledger.remember("f", None, whole_memory(ONE))
    damage(dynamodb, "f", name)
    known = ledger.memories(["f"])["f"]
    after = replace(whole_memory(OTHER), rev=known.rev + 1)
    ledger.remember("f", known, after)

    assert ledger.memories(["f"]) == {"f": after}
    with pytest.raises(Stale):
        ledger.remember("f", known, replace(after, rev=9))


@pytest.mark.parametrize("name", DAMAGED)
def test_a_problem_whose_memory_is_damaged_can_be_ended(
    dynamodb: Any, name: str
) -> None:
    ledger, row = DynamoLedger(dynamodb, TABLE), drawn(state="firing")
    ledger.commit([Commit(row, remembered=whole_memory(row.id))])
    damage(dynamodb, key(row), name)
    over = replace(row, version=1, state="resolved", resolved_at=NOON)
    ledger.amend(row, over, closes=True)

    assert stored(ledger, row).state == "resolved"
    (left,) = ledger.memories([key(row)]).values()
    assert left == having_ended(over) or (left.holder, name) == ("", "id")


def test_a_window_that_is_over_is_as_good_as_nothing(ledger: Any) -> None:
    first = Memory(1, ONE, since=5, until=9, told=3)
    ledger.remember("f", None, first)
    second = replace(first, rev=2, holder=OTHER, since=9, until=13, told=1)
    with pytest.raises(Stale):
        ledger.remember("f", None, replace(second, since=8))
    ledger.remember("f", None, second)

    assert ledger.memories(["f"]) == {"f": second}


def test_a_reserved_id_is_written_once_and_whoever_comes_second_learns_it(
    ledger: Any,
) -> None:
    row = drawn(1)
    helped = replace(row, by="helper")
    ledger.commit([Commit(helped)])
    ledger.commit([Commit(helped)])

    assert stored(ledger, row) == helped
    with pytest.raises(Stale):
        ledger.commit([Commit(row)])


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


def test_the_last_few_keys_count_once_whatever_came_between(ledger: Any) -> None:
    row = drawn(state="firing")
    ledger.commit([opening(row)])
    for number, each in enumerate(("k", "l", "k", "m", "l", "k")):
        seen = ledger.repeat(Repeat(row.id, NOON + number, key=each))
    assert seen.occurrences == 4
    assert seen.counted == {"k": NOON, "l": NOON + 1, "m": NOON + 3}
    seen = ledger.repeat(Repeat(row.id, NOON + 9, key="n", forgets=("k", "l", "none")))

    assert seen.counted == {"m": NOON + 3, "n": NOON + 9}
    assert stored(ledger, row) == seen
    assert ledger.repeat(Repeat(row.id, NOON + 10, key="k")).occurrences == 6


def test_a_key_counts_again_after_a_day(ledger: Any) -> None:
    row = drawn(state="firing")
    ledger.commit([opening(row)])
    for at in (0, 86_399_999, 86_400_000):
        seen = ledger.repeat(Repeat(row.id, NOON + at, key="k", forgets=("k",)))

    assert (seen.occurrences, seen.counted) == (3, {"k": NOON + 86_400_000})


def test_a_row_that_knew_only_the_last_key_is_read_and_counted_on(
    dynamodb: Any,
) -> None:
    ledger, row = DynamoLedger(dynamodb, TABLE), drawn(state="firing")
    ledger.commit([opening(row)])
    dynamodb.update_item(
        TableName=TABLE,
        Key=key_of(row.id),
        UpdateExpression="SET lk = :key",
        ExpressionAttributeValues={":key": {"S": "0123:0"}},
    )
    assert stored(ledger, row) == row

    assert ledger.repeat(Repeat(row.id, NOON, key="k")).counted == {"k": NOON}


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


def test_a_window_of_each_route_is_remembered(ledger: Any) -> None:
    one, other = Window(5, 9, 4, 3, ONE), Window(6, 70, 1, 1, OTHER)
    memory = Memory(2, OTHER, 6, 70, 1, windows={"ops": one, "é": other, "all": other})
    ledger.remember("f", None, memory)

    assert ledger.memories(["f"]) == {"f": memory}


def test_what_is_told_in_part_counts_for_those_who_miss_it(ledger: Any) -> None:
    row = drawn(1)
    ledger.commit([Commit(row)])
    for number in (2, 3):
        missed = Missed(row.id, ("ops", "on-call_2"), number)
        ledger.commit([Commit(drawn(number), missed=(missed,))])
    before = stored(ledger, row)
    assert before.missed == {"ops": 5, "on-call_2": 5}
    assert (before.occurrences, before.edition) == (1, 11)
    ledger.amend(row, replace(row, version=1, ack_by="ann"), closes=False)

    assert stored(ledger, row).missed == before.missed


def test_who_counts_for_what_is_gone_learns_it_and_writes_nothing(ledger: Any) -> None:
    row, missed = drawn(2), Missed(drawn(1).id, ("ops",))
    with pytest.raises(Stale):
        ledger.commit([Commit(row, missed=(missed,))])

    assert ledger.load([row.id]) == {}


def test_a_repeat_counts_on_others_too_for_who_hears_of_them_only(ledger: Any) -> None:
    row, other = drawn(1), drawn(2)
    ledger.commit([Commit(row), Commit(other)])
    missed = Missed(other.id, ("ops",), 2)

    assert ledger.repeat(Repeat(row.id, NOON, 2, missed=(missed,))).occurrences == 3
    assert stored(ledger, other).missed == {"ops": 2}


def test_a_keyed_repeat_is_counted_with_its_key_or_not_at_all(ledger: Any) -> None:
    row, other = drawn(1), drawn(2)
    ledger.commit([Commit(row), Commit(other)])
    marks = tuple((key, Receipt("d", NOON, row.id)) for key in ("k", "k:1"))
    missed = Missed(other.id, ("ops",), 2)
    repeat = Repeat(row.id, NOON + 5, 2, key="k:1", receipts=marks, missed=(missed,))
    counted = ledger.repeat(repeat)
    assert (counted.occurrences, counted.last_at) == (3, NOON + 5)
    assert ledger.repeat(repeat).occurrences == 3
    with pytest.raises(Stale):
        ledger.repeat(replace(repeat, key="other"))

    assert stored(ledger, row).occurrences == 3
    assert stored(ledger, other).missed == {"ops": 2}
    assert ledger.counted(["k", "k:1", "none"]) == {"k": row.id, "k:1": row.id}
    assert ledger.receipt("k") == marks[0][1]


class Stormy:
    """The client of a table on one of whose items others write all the time: what is
    written alone comes through."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def __getattr__(self, name: str) -> Any:
        return getattr(self.client, name)

    def transact_write_items(self, **_: Any) -> Any:
        told = {
            "__type": "TransactionCanceledException",
            "CancellationReasons": [{"Code": "None"}, {"Code": "TransactionConflict"}],
        }
        raise Refusal("TransactWriteItems", told)


def test_what_a_storm_keeps_busy_is_written_one_after_another(dynamodb: Any) -> None:
    stormy = Stormy(dynamodb)
    ledger = DynamoLedger(stormy, TABLE)
    row, partly = drawn(1), drawn(2)
    ledger.commit([Commit(row)])
    ledger.commit([Commit(partly, missed=(Missed(row.id, ("ops",)),))])
    mark = ("k", Receipt("d", NOON, row.id))
    assert ledger.repeat(Repeat(row.id, NOON, receipts=(mark,))).occurrences == 2
    with pytest.raises(Unavailable):
        ledger.commit([Commit(drawn(3)), Commit(drawn(4))])

    assert sorted(ledger.load([row.id, partly.id])) == [row.id, partly.id]
    assert stored(ledger, row).missed == {"ops": 1}
    assert ledger.counted(["k"]) == {"k": row.id}


def test_a_late_commit_enters_the_calendar_at_once(ledger: Any) -> None:
    row = drawn(deliveries={"ops": Delivery("ops", due_at=NOON + 7)})
    ledger.commit([Commit(row, key="k", receipt=Receipt("", NOON))])

    assert len(ledger.due(shard_of(row.id), NOON + 7, 10)) == 1


def test_what_was_counted_before_a_moment_is_not_asked_for(ledger: Any) -> None:
    row = drawn(state="firing")
    ledger.commit([opening(row)])
    receipts = (("k", Receipt("d", NOON, row.id)),)
    ledger.repeat(Repeat(row.id, NOON, receipts=receipts))

    assert ledger.counted(["k"], NOON - 1) == {"k": row.id}
    assert ledger.counted(["k"], NOON) == {}
