"""The ledger's contract, held by the fake and by DynamoDB alike."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from botocore.session import Session
from moto import mock_aws

from tests.fakes.clock import NOON, FakeClock
from tests.fakes.ledger import FakeHealthBook, FakeLedger
from tocsin.aws import items
from tocsin.aws.health import DynamoHealthBook
from tocsin.aws.ledger import DynamoLedger
from tocsin.aws.reading import DynamoReading
from tocsin.delivery import Delivery, State, Timing
from tocsin.errors import Stale, Unavailable, Unreadable
from tocsin.events import Event
from tocsin.identity import SHARDS, first_id_at, new_id, shard_of
from tocsin.notification import Action, Notification, Step
from tocsin.ports import Commit, Move, Receipt, Repeat

TIMING = Timing()
TABLE = "contract"


class DynamoBoth(DynamoLedger, DynamoReading):
    """Writing and reading side in one, as the fake has them."""


@pytest.fixture
def dynamodb(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    with mock_aws():
        client: Any = Session().create_client("dynamodb")
        client.create_table(
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
        yield client


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


def test_a_hundred_writes_are_one_transaction_and_one_more_is_refused(
    ledger: Any,
) -> None:
    late = {"ops": Delivery("ops", due_at=NOON + 7)}
    commits = [
        *(Commit(drawn(n, deliveries=late)) for n in range(47)),
        Commit(drawn(50, state="firing"), opens=True),
        Commit(drawn(51), key="k", receipt=Receipt("", NOON)),
    ]
    one, two = drawn(60), drawn(61)
    assert sum(commit.writes for commit in commits) == 98
    with pytest.raises(Unavailable):
        ledger.commit([*commits, Commit(one), Commit(two), Commit(drawn(62))])

    assert ledger.load([one.id]) == {}
    ledger.commit([*commits, Commit(one), Commit(two)])
    assert ledger.load([one.id]) == {one.id: one}


def test_an_opened_problem_is_remembered_and_a_second_one_is_stale(ledger: Any) -> None:
    row, rival = drawn(1, state="firing"), drawn(2, state="firing", fingerprint="f1")
    ledger.commit([Commit(row, opens=True)])

    assert ledger.memories(["f1", "f2"])["f1"].open_id == row.id
    assert "f2" not in ledger.memories(["f2"])
    with pytest.raises(Stale):
        ledger.commit([Commit(rival, opens=True)])
    assert ledger.load([rival.id]) == {}


def test_a_problem_is_never_written_over_by_its_own_double(ledger: Any) -> None:
    """Two deliveries of one SNS message at the same time make the same id."""
    row = drawn(state="firing")
    ledger.commit([Commit(row, opens=True)])
    move(ledger, row, lambda each: each.sent(NOON))

    with pytest.raises(Stale):
        ledger.commit([Commit(row, opens=True)])
    assert stored(ledger, row).deliveries["ops"].state is State.SENT


def test_a_resolution_closes_the_problem_and_marks_it(ledger: Any) -> None:
    row = drawn(1, state="firing")
    ledger.commit([Commit(row, opens=True)])
    end = drawn(2, NOON + 5, state="resolved", fingerprint="f1", resolves=row.id)
    ledger.commit([Commit(end, closes=True)])

    assert ledger.memories(["f1"]) == {}
    assert stored(ledger, row).state == "resolved"
    assert stored(ledger, row).resolved_at == end.last_at
    with pytest.raises(Stale):
        ledger.commit([Commit(replace(end, id=new_id(NOON, b"x" * 10)), closes=True)])


def test_repeats_add_up_and_one_key_counts_once(ledger: Any) -> None:
    row = drawn(state="firing")
    ledger.commit([Commit(row, opens=True)])

    assert ledger.repeat(Repeat(row.id, NOON + 1)).occurrences == 2
    assert ledger.repeat(Repeat(row.id, NOON + 2, 5, key="k")).occurrences == 7
    assert ledger.repeat(Repeat(row.id, NOON + 3, 5, key="k")).occurrences == 7
    assert ledger.repeat(Repeat(row.id, NOON + 4, 1, key="l")).last_at == NOON + 4


def test_a_repeat_of_what_is_over_is_stale(ledger: Any) -> None:
    row = drawn()
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
    ledger.commit([Commit(row, opens=True)])
    acked = replace(
        row,
        version=1,
        ack_by="ann",
        ack_at=NOON,
        ack_note="on it",
        actions=(Action(NOON, "ann", "acknowledged", "on it"),),
    )
    ledger.amend(row, acked, closes=False)

    assert stored(ledger, row) == acked
    with pytest.raises(Stale):
        ledger.amend(row, acked, closes=False)


def test_resolving_by_hand_ends_the_problem(ledger: Any) -> None:
    row = drawn(state="firing")
    ledger.commit([Commit(row, opens=True)])
    over = replace(row, version=1, state="resolved", resolved_at=NOON)
    ledger.amend(row, over, closes=True)

    assert ledger.memories(["f1"]) == {}
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


def test_health_remembers_why_a_destination_was_disabled(health: Any) -> None:
    health.disable("ops", 5, "gone")
    health.disable("ops", 9, "gone again")
    health.note("ops", 6, "500")
    health.told("ops")

    known = health.all()["ops"]
    assert (known.disabled_at, known.disabled_reason) == (5, "gone")
    assert (known.last_error, known.told) == ("500", True)
    health.note("ops", 7, "")
    assert health.health(["ops"])["ops"].last_error == ""


def test_a_fingerprint_is_freed_only_of_the_problem_that_was_read(ledger: Any) -> None:
    row = drawn(state="firing")
    ledger.commit([Commit(row, opens=True)])
    memory = ledger.memories(["f1"])["f1"]
    ledger.free("f1", replace(memory, open_id="other"))
    assert ledger.memories(["f1"]) == {"f1": memory}
    ledger.free("f1", memory)

    assert ledger.memories(["f1"]) == {}


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
        UpdateExpression="SET doc = :odd",
        ExpressionAttributeValues={":odd": {"B": b"odd"}},
    )
    page, _ = ledger.recent(since=NOON - 1, until=NOON + 1, limit=9, cursor="")

    assert page == [good]
    with pytest.raises(Unreadable):
        ledger.load([good.id, bad.id])


def test_keys_that_only_another_version_knows_are_passed_over(dynamodb: Any) -> None:
    ledger = DynamoBoth(dynamodb, TABLE)
    row = drawn()
    item = items.pack(row, 1)
    event, rest = zlib.decompress(item["doc"]["B"]).split(b"\n")
    newer = event[:-1] + b',"mood":"good"}\n' + rest
    item["doc"]["B"] = zlib.compress(newer)
    packed = item["dl"]["M"]["ops"]["M"]["j"]
    packed["S"] = packed["S"][:-1] + ',"zz":1}'
    dynamodb.put_item(TableName=TABLE, Item=item)
    found = ledger.load([row.id])[row.id]

    assert found.deliveries == row.deliveries
    assert found.event.title == row.event.title
