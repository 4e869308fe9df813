"""The ledger on DynamoDB: accept, move, act, each by one conditional write."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from itertools import chain
from typing import Any

from tocsin.aws import items
from tocsin.aws.calls import (
    CONDITION_FAILED,
    TRANSACTION_CANCELED,
    TRANSACTION_CONFLICT,
    available,
    code_of,
)
from tocsin.aws.json_service import Refusal
from tocsin.aws.room import leading, parted
from tocsin.aws.writes import Write, Writes
from tocsin.errors import Stale, Unavailable
from tocsin.memory import Memory
from tocsin.notification import Notification, delivery_in
from tocsin.ports import Commit, Move, Receipt, Repeat

READ_AT_ONCE = 100
ROUNDS = 5
CONFLICTS = 8
GIVES_WAY = 2  # tries, where there is another way


class Busy(Unavailable):
    """Others keep writing what one of our transactions is to write, too."""


class DynamoLedger:
    """`ports.Ledger` over one table. `client` is a low-level DynamoDB client."""

    def __init__(self, client: Any, table: str, *, retention_days: int = 90) -> None:
        self._client = client
        self._table = table
        self._writes = Writes(table, retention_days * items.DAY_MS)

    @available
    def memories(self, fingerprints: Iterable[str]) -> dict[str, Memory]:
        """What is remembered of these fingerprints."""
        keys = {items.fingerprint_key(each)["pk"]["S"]: each for each in fingerprints}
        found = self._read([items.key(pk, "F") for pk in keys])
        return {keys[item["pk"]["S"]]: items.unpack_memory(item) for item in found}

    @available
    def remember(self, fingerprint: str, old: Memory | None, new: Memory) -> None:
        """Swap what is remembered."""
        write = self._writes.memory(fingerprint, old, new)
        if self._lost([write]):
            (known,) = self.memories([fingerprint]).values() or (None,)
            if known != new:  # else an answer was lost, and the client wrote it twice
                raise Stale([0])

    @available
    def finish(self, problem_id: str, *, by: str, at: int) -> None:
        """The problem is over."""
        if self._lost([self._writes.finish(problem_id, by, at)]):
            raise Stale([0])

    @available
    def receipt(self, key: str) -> Receipt | None:
        """The receipt of the last 24 h; DynamoDB's own expiry may come days late."""
        for item in self._read([items.receipt_key(key)]):
            on = item["on"]["S"] if "on" in item else ""
            return Receipt(item["dg"]["S"], int(item["at"]["N"]), on)
        return None

    @available
    def load(self, ids: Iterable[str]) -> dict[str, Notification]:
        """Notifications by id, strongly consistent; those that do not exist miss."""
        found = self._read([items.key_of(each) for each in dict.fromkeys(ids)])
        return {item["sk"]["S"]: items.unpack(item) for item in found}

    @available
    def counted(self, keys: Iterable[str], since: int = 0) -> dict[str, str]:
        """What these keys were counted on after `since`."""
        asked = {items.receipt_key(each)["pk"]["S"]: each for each in keys}
        found = self._read([items.key(pk, "I") for pk in asked])
        return {
            asked[item["pk"]["S"]]: item["on"]["S"]
            for item in found
            if "on" in item and int(item["at"]["N"]) > since
        }

    @available
    def commit(self, commits: Sequence[Commit]) -> int:
        """All that fit, or nothing. What is one put is made plainly, at half price."""
        made = leading(self._writes.commits(commits))
        beside, writes = parted([write for group in made for write in group])
        self._each(beside)
        counting = len(commits[0].missed) if len(made) == 1 else 0
        lost = self._lost_together(writes, len(writes) - counting)
        if lost and not (len(writes) == 1 and self._is_ours(commits[0])):
            raise Stale(lost)
        self._each(beside)
        return len(made)

    def _is_ours(self, commit: Commit) -> bool:
        """A put whose answer was lost is repeated by the client, and fails then."""
        row = commit.notification
        found = self.load([row.id]).get(row.id)
        return found is not None and found.is_of(row.by or row.id)

    @available
    def repeat(self, repeat: Repeat) -> Notification:
        """Count on, unless this very event is among those counted last."""
        count, *others = self._writes.repeat(repeat)
        if not repeat.receipts:
            # Sent again without a key, it would count twice whatever we do here.
            row = self._counted_alone(repeat, count)
            self._each(others)
            return row
        lost = self._lost_together([count, *others], 1)
        if 0 in lost:
            return self._counted_already(repeat)
        if lost:
            raise Stale(lost)
        return self.load([repeat.notification_id])[repeat.notification_id]

    def _counted_alone(self, repeat: Repeat, count: Write) -> Notification:
        try:
            answer = self._client.update_item(**count["Update"], ReturnValues="ALL_NEW")
        except Refusal as error:
            if code_of(error) == TRANSACTION_CONFLICT:
                raise Stale([0]) from error
            if code_of(error) != CONDITION_FAILED:
                raise
            return self._counted_already(repeat)
        return items.unpack(answer["Attributes"])

    def _counted_already(self, repeat: Repeat) -> Notification:
        for item in self._read([items.key_of(repeat.notification_id)]):
            same = repeat.key and items.COUNTED + repeat.key in item
            if same and item["st"]["S"] != "resolved":
                return items.unpack(item)
        raise Stale([0])

    def _lost_together(self, writes: Sequence[Write], first: int) -> list[int]:
        """As `_lost`. Where a storm keeps an item busy that all of these count on, the
        `first` are written together, and each other after them: a process that dies
        between leaves a count off by one, and nothing else."""
        if first == len(writes):
            return self._lost(writes)
        try:
            return self._lost(writes, GIVES_WAY)
        except Busy:
            lost = self._lost(writes[:first])
        if not lost:
            self._each(writes[first:])
        return lost

    def _each(self, writes: Iterable[Write]) -> None:
        """One by one. Entries of the calendar are written before their row, since it
        drops what names none; and after it, for a sweep may have come by meanwhile."""
        for write in writes:
            with suppress(Busy):
                self._lost([write])

    @available
    def nudge(self, notification: Notification, at: int) -> None:
        """Its cards are to be edited."""
        if self._lost(list(self._writes.nudge(notification, at))):
            raise Stale([0])

    @available
    def move(self, moves: Sequence[Move]) -> None:
        """Swap deliveries, with their entries in the calendar and the dead letters."""
        swaps = [[*self._writes.move(move)] for move in moves]
        lost = self._lost([*chain.from_iterable(swaps)])
        if lost and not self._are_ours(moves):
            owners = [place for place, swap in enumerate(swaps) for _ in swap]
            raise Stale(sorted({owners[place] for place in lost}))

    def _are_ours(self, moves: Sequence[Move]) -> bool:
        """A write whose answer was lost is repeated by the client, and then fails
        against its own result: that is no defeat."""
        found = self.load([move.notification_id for move in moves])
        return all(
            delivery_in(found, move.notification_id, move.new.destination) == move.new
            for move in moves
        )

    @available
    def amend(self, old: Notification, new: Notification, *, closes: bool) -> None:
        """Write what people and timers changed; `closes` also ends the problem."""
        beside, writes = parted([*self._writes.amend(old, new, closes=closes)])
        self._each(beside)
        lost = self._lost(writes)
        if closes and lost == [len(writes) - 1]:
            # Another one is open under its fingerprint, or it is not known which.
            lost = self._lost(writes[:-1])
        if lost:
            raise Stale([0])
        self._each(beside)

    def _lost(self, writes: Sequence[Write], tries: int = CONFLICTS) -> list[int]:
        """Write them all; or none, and the positions whose condition did not hold."""
        for _ in range(tries):
            try:
                self._write(writes)
            except Refusal as error:
                code = code_of(error)
                if code == CONDITION_FAILED:
                    return [0]
                if code not in (TRANSACTION_CANCELED, TRANSACTION_CONFLICT):
                    raise
                lost = _losers(error)
                if lost:
                    return lost
                # Another transaction holds an item for an instant: once more.
            else:
                return []
        raise Busy("another transaction keeps holding an item")

    def _write(self, writes: Sequence[Write]) -> None:
        if len(writes) > 1:
            self._client.transact_write_items(TransactItems=writes)
            return
        ((kind, asked),) = writes[0].items()
        if kind == "Put":
            self._client.put_item(**asked)
        else:
            self._client.update_item(**asked)

    def _read(self, keys: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Strongly consistent reads of up to any number of keys."""
        if len(keys) == 1:
            answer = self._client.get_item(
                TableName=self._table, Key=keys[0], ConsistentRead=True
            )
            return [answer["Item"]] if "Item" in answer else []
        found: list[dict[str, Any]] = []
        for start in range(0, len(keys), READ_AT_ONCE):
            found += self._read_batch(keys[start : start + READ_AT_ONCE])
        return found

    def _read_batch(self, keys: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        asked: dict[str, Any] = {self._table: {"Keys": keys, "ConsistentRead": True}}
        for _ in range(ROUNDS):
            answer = self._client.batch_get_item(RequestItems=asked)
            found += answer["Responses"].get(self._table, [])
            asked = answer.get("UnprocessedKeys") or {}
            if not asked:
                return found
        raise Unavailable("load: DynamoDB keeps leaving keys unread")


def _losers(error: Refusal) -> list[int]:
    reasons = error.response.get("CancellationReasons", [])
    return [
        position
        for position, reason in enumerate(reasons)
        if reason.get("Code") == "ConditionalCheckFailed"
    ]
