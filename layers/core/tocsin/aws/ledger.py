"""The ledger on DynamoDB: accept, move, act, each by one conditional write."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from botocore.exceptions import ClientError

from tocsin.aws import items
from tocsin.aws.calls import (
    CONDITION_FAILED,
    TRANSACTION_CANCELED,
    TRANSACTION_CONFLICT,
    available,
    code_of,
)
from tocsin.delivery import Delivery, State
from tocsin.errors import Stale, Unavailable
from tocsin.notification import Notification
from tocsin.ports import Commit, Memory, Move, Receipt, Repeat

RECEIPT_MS = items.DAY_MS
READ_AT_ONCE = 100
ROUNDS = 5
CONFLICTS = 8


class DynamoLedger:
    """`ports.Ledger` over one table. `client` is a low-level DynamoDB client."""

    def __init__(self, client: Any, table: str, *, retention_days: int = 90) -> None:
        self._client = client
        self._table = table
        self._retention_ms = retention_days * items.DAY_MS

    @available
    def memories(self, fingerprints: Iterable[str]) -> dict[str, Memory]:
        """What is open under these fingerprints."""
        keys = {items.fingerprint_key(each)["pk"]["S"]: each for each in fingerprints}
        found = self._read([items.key(pk, "F") for pk in keys])
        return {
            keys[item["pk"]["S"]]: Memory(item["id"]["S"], int(item["at"]["N"]))
            for item in found
        }

    @available
    def receipt(self, key: str) -> Receipt | None:
        """The receipt of the last 24 h; DynamoDB's own expiry may come days late."""
        for item in self._read([items.receipt_key(key)]):
            return Receipt(item["dg"]["S"], int(item["at"]["N"]))
        return None

    @available
    def load(self, ids: Iterable[str]) -> dict[str, Notification]:
        """Notifications by id, strongly consistent; those that do not exist miss."""
        found = self._read([items.key_of(each) for each in dict.fromkeys(ids)])
        return {item["sk"]["S"]: items.unpack(item) for item in found}

    @available
    def commit(self, commits: Sequence[Commit]) -> None:
        """All or nothing. A lone notice is one plain put, at half the price."""
        writes = [write for commit in commits for write in self._writes(commit)]
        try:
            if len(writes) == 1 and "Put" in writes[0]:
                self._client.put_item(**writes[0]["Put"])
            else:
                self._client.transact_write_items(TransactItems=writes)
        except ClientError as error:
            if code_of(error) == CONDITION_FAILED:
                return  # The id is ours alone: this very put had succeeded before.
            if code_of(error) == TRANSACTION_CANCELED:
                raise Stale(_losers(error)) from error
            raise

    def _writes(self, commit: Commit) -> Iterator[dict[str, Any]]:
        notification = commit.notification
        put = {
            "TableName": self._table,
            "Item": items.pack(notification, self._retention_ms),
        }
        yield {"Put": {**put, "ConditionExpression": "attribute_not_exists(pk)"}}
        if commit.opens:
            yield {"Put": self._opening(notification)}
        if commit.closes:
            yield from self._closing(notification)
        if commit.key and commit.receipt is not None:
            yield {"Put": self._receipt(commit.key, commit.receipt)}
        for delivery in notification.deliveries.values():
            if delivery.due_at is not None:
                yield {"Put": self._due(notification.id, delivery)}

    def _opening(self, notification: Notification) -> dict[str, Any]:
        return {
            "TableName": self._table,
            "Item": {
                **items.fingerprint_key(notification.fingerprint),
                "id": items.text(notification.id),
                "at": items.number(notification.accepted_at),
            },
            "ConditionExpression": "attribute_not_exists(pk) OR id = :me",
            "ExpressionAttributeValues": {":me": items.text(notification.id)},
        }

    def _closing(self, notification: Notification) -> Iterator[dict[str, Any]]:
        yield {
            "Delete": {
                "TableName": self._table,
                "Key": items.fingerprint_key(notification.fingerprint),
                "ConditionExpression": "id = :open",
                "ExpressionAttributeValues": {
                    ":open": items.text(notification.resolves)
                },
            }
        }
        yield {
            "Update": {
                "TableName": self._table,
                "Key": items.key_of(notification.resolves),
                "UpdateExpression": "SET ra = :at, st = :st ADD v :one",
                "ConditionExpression": "attribute_exists(pk)",
                "ExpressionAttributeValues": {
                    ":at": items.number(notification.last_at),
                    ":st": items.text("resolved"),
                    ":one": items.number(1),
                },
            }
        }

    def _receipt(self, key: str, receipt: Receipt) -> dict[str, Any]:
        return {
            "TableName": self._table,
            "Item": {
                **items.receipt_key(key),
                "dg": items.text(receipt.digest),
                "at": items.number(receipt.at),
                "expires": items.number((receipt.at + RECEIPT_MS) // 1000),
            },
            "ConditionExpression": "attribute_not_exists(pk) OR #at <= :past",
            "ExpressionAttributeNames": {"#at": "at"},
            "ExpressionAttributeValues": {
                ":past": items.number(receipt.at - RECEIPT_MS)
            },
        }

    @available
    def repeat(self, repeat: Repeat) -> Notification:
        """Count on, unless this very event was the last one counted."""
        condition = "st = :firing"
        values = {
            ":firing": items.text("firing"),
            ":count": items.number(repeat.count),
            ":at": items.number(repeat.at),
        }
        update = "SET la = :at, expires = :expires ADD oc :count, v :one"
        values[":one"] = items.number(1)
        # What still happens is kept: an open problem must not expire under its name.
        values[":expires"] = items.number((repeat.at + self._retention_ms) // 1000)
        if repeat.key:
            update = update.replace("SET ", "SET lk = :key, ")
            condition += " AND (attribute_not_exists(lk) OR lk <> :key)"
            values[":key"] = items.text(repeat.key)
        try:
            answer = self._client.update_item(
                TableName=self._table,
                Key=items.key_of(repeat.notification_id),
                UpdateExpression=update,
                ConditionExpression=condition,
                ExpressionAttributeValues=values,
                ReturnValues="ALL_NEW",
            )
        except ClientError as error:
            if code_of(error) == TRANSACTION_CONFLICT:
                raise Stale([0]) from error
            if code_of(error) != CONDITION_FAILED:
                raise
            return self._counted_already(repeat)
        return items.unpack(answer["Attributes"])

    @available
    def free(self, fingerprint: str, memory: Memory) -> None:
        """Free a fingerprint whose problem has expired, unless it was opened anew."""
        try:
            self._client.delete_item(
                TableName=self._table,
                Key=items.fingerprint_key(fingerprint),
                ConditionExpression="id = :gone",
                ExpressionAttributeValues={":gone": items.text(memory.open_id)},
            )
        except ClientError as error:
            if code_of(error) != CONDITION_FAILED:
                raise

    def _counted_already(self, repeat: Repeat) -> Notification:
        for item in self._read([items.key_of(repeat.notification_id)]):
            same = repeat.key and item.get("lk", {}).get("S") == repeat.key
            if same and item["st"]["S"] == "firing":
                return items.unpack(item)
        raise Stale([0])

    @available
    def move(self, moves: Sequence[Move]) -> None:
        """Swap deliveries, with their entries in the calendar and the dead letters."""
        swaps = [list(self._swaps(move)) for move in moves]
        writes = [write for swap in swaps for write in swap]
        owners = [i for i, swap in enumerate(swaps) for _ in swap]
        for _ in range(CONFLICTS):
            try:
                return self._write(writes)
            except ClientError as error:
                code = code_of(error)
                if code == CONDITION_FAILED:
                    return self._raise_unless_ours(moves, [0], error)
                if code not in (TRANSACTION_CANCELED, TRANSACTION_CONFLICT):
                    raise
                lost = sorted({owners[i] for i in _losers(error)})
                if lost:
                    return self._raise_unless_ours(moves, lost, error)
                # Another transaction holds an item for an instant: once more.
        raise Unavailable("move: another transaction keeps holding an item")

    def _write(self, writes: Sequence[dict[str, Any]]) -> None:
        if len(writes) == 1:
            self._client.update_item(**writes[0]["Update"])
        else:
            self._client.transact_write_items(TransactItems=writes)

    def _raise_unless_ours(
        self, moves: Sequence[Move], lost: Sequence[int], error: ClientError
    ) -> None:
        """A write whose answer was lost is repeated by the client, and then fails
        against its own result: that is no defeat."""
        found = self.load([move.notification_id for move in moves])
        ours = all(
            move.notification_id in found
            and found[move.notification_id].deliveries.get(move.new.destination)
            == move.new
            for move in moves
        )
        if not ours:
            raise Stale(lost) from error

    def _swaps(self, move: Move) -> Iterator[dict[str, Any]]:
        old, new = move.old, move.new
        yield {
            "Update": {
                "TableName": self._table,
                "Key": items.key_of(move.notification_id),
                "UpdateExpression": "SET dl.#d = :new",
                "ConditionExpression": "dl.#d.r = :rev",
                "ExpressionAttributeNames": {"#d": new.destination},
                "ExpressionAttributeValues": {
                    ":new": items.pack_delivery(new),
                    ":rev": items.number(old.rev),
                },
            }
        }
        if old.due_at != new.due_at:
            if old.due_at is not None:
                gone = items.due_key(move.notification_id, new.destination, old.due_at)
                yield {"Delete": {"TableName": self._table, "Key": gone}}
            if new.due_at is not None:
                yield {"Put": self._due(move.notification_id, new)}
        if old.dead_at != new.dead_at:
            yield from self._deaths(move)

    def _deaths(self, move: Move) -> Iterator[dict[str, Any]]:
        name = move.new.destination
        if move.old.dead_at is not None:
            gone = items.dead_key(move.notification_id, name, move.old.dead_at)
            yield {"Delete": {"TableName": self._table, "Key": gone}}
        if move.new.dead_at is not None and move.new.state is State.DEAD_LETTER:
            dead = items.dead_key(move.notification_id, name, move.new.dead_at)
            yield {
                "Put": {"TableName": self._table, "Item": self._dated(dead, move.new)}
            }

    def _due(self, notification_id: str, delivery: Delivery) -> dict[str, Any]:
        key = items.due_key(notification_id, delivery.destination, delivery.due_at or 0)
        return {"TableName": self._table, "Item": self._dated(key, delivery)}

    def _dated(self, key: dict[str, Any], delivery: Delivery) -> dict[str, Any]:
        expires = (delivery.updated_at + self._retention_ms) // 1000
        return {**key, "expires": items.number(expires)}

    @available
    def amend(self, old: Notification, new: Notification, *, closes: bool) -> None:
        """Write what people did; `closes` also ends the problem it stands for."""
        values = items.own_attributes(new)
        names = {f"#{name}": name for name in values}
        sets = ", ".join(f"#{name} = :{name}" for name in values)
        update = {
            "TableName": self._table,
            "Key": items.key_of(new.id),
            "UpdateExpression": f"SET {sets}, st = :st",
            "ConditionExpression": "#v = :old",
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": {
                **{f":{name}": value for name, value in values.items()},
                ":st": items.text(new.state),
                ":old": items.number(old.version),
            },
        }
        try:
            if not closes:
                self._client.update_item(**update)
                return
            delete = {
                "TableName": self._table,
                "Key": items.fingerprint_key(new.fingerprint),
                "ConditionExpression": "attribute_not_exists(pk) OR id = :open",
                "ExpressionAttributeValues": {":open": items.text(new.id)},
            }
            self._client.transact_write_items(
                TransactItems=[{"Update": update}, {"Delete": delete}]
            )
        except ClientError as error:
            if code_of(error) in (
                CONDITION_FAILED,
                TRANSACTION_CANCELED,
                TRANSACTION_CONFLICT,
            ):
                raise Stale([0]) from error
            raise

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


def _losers(error: ClientError) -> list[int]:
    reasons = error.response.get("CancellationReasons", [])
    return [
        position
        for position, reason in enumerate(reasons)
        if reason.get("Code") == "ConditionalCheckFailed"
    ]
