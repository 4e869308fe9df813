"""Quotas on DynamoDB: who may send how much, without a write for each event.

A process takes a share of the minute's limit, a fiftieth, and counts by itself until
it is used up. So the limit is never exceeded, however many processes there are, at the
price of fifty writes a minute at most, and of shares that a process may not use up.
"""

from __future__ import annotations

from typing import Any

from tocsin.aws.calls import CONDITION_FAILED, available, code_of
from tocsin.aws.items import key, number
from tocsin.aws.json_service import Refusal
from tocsin.ports import Clock
from tocsin.values import dataclass

MINUTE = 60_000
HOUR = 3_600_000
SHARES = 50
KEPT_S = 7_200


@dataclass(slots=True)
class _Share:
    """What this process may still give away in a minute; `over`: there is no more."""

    minute: int
    left: int = 0
    over: bool = False


class DynamoQuota:
    """`admission.Quota` in the partitions RATE#<source>."""

    def __init__(self, client: Any, table: str, clock: Clock) -> None:
        self._client = client
        self._table = table
        self._clock = clock
        self._shares: dict[str, _Share] = {}
        self._told: dict[str, int] = {}

    def take(self, name: str, count: int, limit: int) -> bool:
        """Count them if they are within the limit of this minute."""
        minute = self._clock.now() // MINUTE
        share = self._shares.get(name)
        if share is None or share.minute != minute:
            share = self._shares[name] = _Share(minute)
        wanted = count - share.left
        if wanted > 0 and not share.over:
            share.left += self._more(name, minute, wanted, limit)
            share.over = share.left < count
        if share.left < count:
            return False
        share.left -= count
        return True

    def is_first(self, name: str) -> bool:
        """Whether nobody has asked in this hour."""
        hour = self._clock.now() // HOUR
        if self._told.get(name) == hour:
            return False
        self._told[name] = hour
        return self._mark(name, hour)

    def _more(self, name: str, minute: int, wanted: int, limit: int) -> int:
        """A share that holds `wanted`, or just these, or nothing."""
        share = max(wanted, limit // SHARES)
        for size in dict.fromkeys((share, wanted)):
            if self._add(name, minute, size, limit):
                return size
        return 0

    @available
    def _add(self, name: str, minute: int, size: int, limit: int) -> bool:
        return self._update(
            key(f"RATE#{name}", f"{minute:010d}"),
            "ADD taken :size SET expires = :end",
            "attribute_not_exists(taken) OR taken <= :room",
            {":size": number(size), ":room": number(limit - size)},
        )

    @available
    def _mark(self, name: str, hour: int) -> bool:
        where = key(f"RATE#{name}", f"TOLD#{hour}")
        return self._update(where, "SET expires = :end", "attribute_not_exists(pk)", {})

    def _update(
        self, where: Any, update: str, condition: str, values: dict[str, Any]
    ) -> bool:
        end = self._clock.now() // 1000 + KEPT_S
        try:
            self._client.update_item(
                TableName=self._table,
                Key=where,
                UpdateExpression=update,
                ConditionExpression=condition,
                ExpressionAttributeValues={**values, ":end": number(end)},
            )
        except Refusal as error:
            if code_of(error) != CONDITION_FAILED:
                raise
            return False
        return True
