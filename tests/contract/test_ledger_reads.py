"""The ledger's contract: lists by time, the audit, rows of other versions."""

from __future__ import annotations

import zlib
from typing import Any

import pytest

from tests.contract.conftest import TABLE, DynamoBoth
from tests.contract.rows import drawn
from tests.fakes.clock import NOON
from tocsin.aws import dense, items
from tocsin.errors import Stale, Unreadable
from tocsin.identity import SHARDS, first_id_at
from tocsin.notification import Notification
from tocsin.ports import Commit


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
