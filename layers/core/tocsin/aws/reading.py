"""Reading the ledger by time: the sweep's calendar and the people's archive.

Both walk day partitions by key; there is no index and no scan. `SHARDS` queries a day.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from tocsin.aws import items
from tocsin.aws.calls import CONDITION_FAILED, available, code_of
from tocsin.aws.json_service import Refusal
from tocsin.errors import Stale, Unreadable
from tocsin.identity import SHARDS, first_id_at, time_of
from tocsin.notification import Notification
from tocsin.ports import Dead, Due

DAYS_PER_PAGE = 8
QUERIES_AT_ONCE = 8


class DynamoReading:
    """`ports.Calendar` and `ports.Archive` over the one table."""

    def __init__(self, client: Any, table: str) -> None:
        self._client = client
        self._table = table

    @available
    def due(
        self, shard: int, before: int, limit: int, after: Due | None = None
    ) -> list[Due]:
        """Entries of the calendar up to `before`, oldest first."""
        found = self._query(
            f"DUE#{shard}",
            above=_entry(after) if after else "",
            below=f"{before:013d}#~",
            limit=limit,
            consistent=True,
        )
        return [
            Due(notification_id, destination, at)
            for at, notification_id, destination in map(_dated, found)
        ]

    @available
    def forget(self, due: Due) -> None:
        """Delete one entry."""
        key = items.due_key(due.notification_id, due.destination, due.due_at)
        self._client.delete_item(TableName=self._table, Key=key)

    @available
    def accepted(
        self, shard: int, after: str, before: int, limit: int
    ) -> list[Notification]:
        """In order of id, later than `after`, accepted before `before`."""
        found: list[dict[str, Any]] = []
        for day in _days(time_of(after), before):
            found += self._query(
                items.partition(day, shard),
                above=after,
                below=first_id_at(before),
                limit=limit - len(found),
                consistent=True,
            )
            if len(found) >= limit:
                break
        return [items.unpack(item) for item in found]

    @available
    def mark(self, shard: int) -> str:
        """How far the audit has come."""
        answer = self._client.get_item(
            TableName=self._table,
            Key=items.key("SWEEP", str(shard)),
            ConsistentRead=True,
        )
        return str(answer["Item"]["id"]["S"]) if "Item" in answer else ""

    @available
    def set_mark(self, shard: int, old: str, new: str) -> None:
        """Advance, unless another sweep already has."""
        try:
            self._client.put_item(
                TableName=self._table,
                Item={**items.key("SWEEP", str(shard)), "id": items.text(new)},
                ConditionExpression="attribute_not_exists(pk) OR id = :old",
                ExpressionAttributeValues={":old": items.text(old)},
            )
        except Refusal as error:
            if code_of(error) == CONDITION_FAILED:
                raise Stale([0]) from error
            raise

    @available
    def recent(
        self, *, since: int, until: int, limit: int, cursor: str
    ) -> tuple[list[Notification], str]:
        """Newest first. A page walks a bounded number of days, so it may be short;
        the cursor then still leads on."""
        below = cursor or first_id_at(until)
        span = (first_id_at(since), below)
        days = list(_days(since, time_of(below)))[::-1]
        found = self._newest(days[:1], *span, limit)
        if len(found) < limit:
            # Quiet days are many and empty: they are asked together.
            found += self._newest(days[1:DAYS_PER_PAGE], *span, limit - len(found))
        if len(found) >= limit:
            return _unpacked(found), str(found[-1]["sk"]["S"])
        if len(days) <= DAYS_PER_PAGE:
            return _unpacked(found), ""
        return _unpacked(found), first_id_at(_start_of(days[DAYS_PER_PAGE - 1]))

    def _newest(
        self, days: Sequence[str], above: str, below: str, limit: int
    ) -> list[dict[str, Any]]:
        """The newest of these days, all their shards asked at the same time."""

        def ask(partition: str) -> list[dict[str, Any]]:
            return self._query(
                partition, above=above, below=below, limit=limit, newest_first=True
            )

        asked = [items.partition(day, shard) for day in days for shard in range(SHARDS)]
        with ThreadPoolExecutor(QUERIES_AT_ONCE) as pool:
            answers = list(pool.map(ask, asked))
        merged = heapq.merge(*answers, key=lambda item: item["sk"]["S"], reverse=True)
        return list(islice(merged, limit))

    @available
    def dead(self, *, limit: int, cursor: str) -> tuple[list[Dead], str]:
        """Oldest first; the cursor is the last key of the page."""
        found = self._query("DEAD", above=cursor or "0", limit=limit, consistent=True)
        page = [
            Dead(notification_id, destination, at)
            for at, notification_id, destination in map(_dated, found)
        ]
        return page, str(found[-1]["sk"]["S"]) if len(found) == limit else ""

    def _query(
        self,
        partition: str,
        *,
        above: str = "",
        below: str = "~",
        limit: int,
        newest_first: bool = False,
        consistent: bool = False,
    ) -> list[dict[str, Any]]:
        """Items with above < sk < below; pages of a megabyte are put together."""
        if above + "!" > below:
            return []  # DynamoDB refuses bounds that are the wrong way round.
        found: list[dict[str, Any]] = []
        asked: dict[str, Any] = {
            "TableName": self._table,
            "KeyConditionExpression": "pk = :pk AND sk BETWEEN :low AND :high",
            "ExpressionAttributeValues": {
                ":pk": items.text(partition),
                ":low": items.text(above + "!"),
                ":high": items.text(below),
            },
            "ScanIndexForward": not newest_first,
            "ConsistentRead": consistent,
        }
        while len(found) < limit:
            answer = self._client.query(**asked, Limit=limit - len(found))
            found += [item for item in answer["Items"] if item["sk"]["S"] < below]
            if "LastEvaluatedKey" not in answer:
                break
            asked["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
        return found


def _entry(due: Due) -> str:
    key = items.due_key(due.notification_id, due.destination, due.due_at)
    return str(key["sk"]["S"])


def _dated(item: dict[str, Any]) -> tuple[int, str, str]:
    at, notification_id, destination = item["sk"]["S"].split("#", 2)
    return int(at), notification_id, destination


def _unpacked(found: list[dict[str, Any]]) -> list[Notification]:
    """For people: one row that cannot be read must not hide all others."""
    readable = []
    for item in found:
        with suppress(Unreadable):
            readable.append(items.unpack(item))
    return readable


def _days(start: int, end: int) -> Iterator[str]:
    """The UTC days from `start` to `end` (ms), both included, oldest first."""
    for at in range(start - start % items.DAY_MS, end + 1, items.DAY_MS):
        yield items.day_of(at)


def _start_of(day: str) -> int:
    return int(datetime.strptime(day, "%Y%m%d").replace(tzinfo=UTC).timestamp() * 1000)
