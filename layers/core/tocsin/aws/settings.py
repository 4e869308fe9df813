"""Settings on DynamoDB: one cached Query to read, compare-and-swap to write."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tocsin.aws import settings_items as laid_out
from tocsin.aws.calls import (
    CONDITION_FAILED,
    TRANSACTION_CANCELED,
    available,
    code_of,
)
from tocsin.aws.items import Item, key, number, text
from tocsin.aws.json_service import Refusal
from tocsin.desk import EDITIONS_KEPT, NO_EDITION, Edition, Upsert
from tocsin.errors import Conflict, Outdated
from tocsin.ports import Clock
from tocsin.rules.config import Config
from tocsin.rules.silencing import Silence
from tocsin.settings import Destination, Settings, Source

FRESH_MS = 1_000
_CHANGED = "it changed at the same moment; read it again"


class DynamoSettings:
    """`ports.SettingsBook` and `desk.Desk` over the partition CONFIG."""

    def __init__(self, client: Any, table: str, clock: Clock) -> None:
        self._client = client
        self._table = table
        self._clock = clock
        self._known: Settings | None = None
        self._read_at = 0

    def current(self) -> Settings:
        """The settings as of at most a second ago."""
        known = self._known
        if known is None or self._clock.now() - self._read_at >= FRESH_MS:
            return self.fresh()
        return known

    @available
    def fresh(self) -> Settings:
        """The settings as they are now: one strongly consistent Query."""
        read_at = self._clock.now()
        items: list[Item] = []
        page: dict[str, Any] = {}
        while True:
            answer = self._client.query(
                TableName=self._table,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": text(laid_out.PARTITION)},
                ConsistentRead=True,
                **page,
            )
            items += answer["Items"]
            if "LastEvaluatedKey" not in answer:
                break
            page = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}
        self._known = laid_out.settings_of(items, self._known)
        self._read_at = read_at
        return self._known

    @available
    def put_config(
        self,
        config: Config,
        edition: Edition,
        *,
        after: str,
        upserts: Sequence[Upsert] = (),
    ) -> str:
        """Routing file, its edition and its destinations in one transaction."""
        version = int(after) + 1
        writes = [
            {"Put": self._routing(config, after)},
            self._put(laid_out.edition_item(edition, version)),
            self._delete(laid_out.edition_key(version - EDITIONS_KEPT)),
        ]
        for upsert in upserts:
            writes += self._upsert(upsert)
        try:
            self._client.transact_write_items(TransactItems=writes)
        except Refusal as error:
            if code_of(error) != TRANSACTION_CANCELED:
                raise
            reasons: Any = error.response.get("CancellationReasons", [{}])
            if reasons[0].get("Code", "None") != "None":
                raise Outdated("another routing file was put live meanwhile") from error
            raise Conflict(f"a destination: {_CHANGED}") from error
        return str(version)

    @available
    def editions(self, limit: int = EDITIONS_KEPT) -> list[Edition]:
        """The latest routing files, newest first."""
        answer = self._client.query(
            TableName=self._table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": text(laid_out.HISTORY)},
            ScanIndexForward=False,
            ConsistentRead=True,
            Limit=limit,
        )
        return [laid_out.edition_of(item) for item in answer["Items"]]

    def put_destination(self, upsert: Upsert) -> None:
        """The destination, and its health forgotten."""
        self._transact(self._upsert(upsert), f"destination {upsert.new.name}")

    def delete_destination(self, old: Destination) -> None:
        """Gone, with its health."""
        writes = [self._delete(laid_out.key_of(old), old), self._forget_health(old)]
        self._transact(writes, f"destination {old.name}")

    def put_source(self, new: Source, *, old: Source | None) -> None:
        """The source, in place of `old`."""
        item = {**laid_out.key_of(new), "document": text(laid_out.encode(new))}
        self._transact([self._put(item, **_unchanged(old))], f"source {new.name}")

    def delete_source(self, old: Source, *, remains: Source | None) -> None:
        """Gone, provided that `remains` stays."""
        writes = [self._delete(laid_out.key_of(old), old)]
        if remains is not None:
            check = {"Key": laid_out.key_of(remains), **_unchanged(remains)}
            writes.append({"ConditionCheck": {"TableName": self._table, **check}})
        self._transact(writes, f"source {old.name}")

    def put_silence(self, new: Silence) -> None:
        """The silence, which leaves by itself some time after its end."""
        self._transact(
            [self._put(laid_out.silence_item(new), **_unchanged(None))],
            f"silence {new.id}",
        )

    def delete_silence(self, old: Silence) -> None:
        """Over before its end."""
        gone = self._delete(laid_out.key_of(old))
        gone["Delete"]["ConditionExpression"] = "attribute_exists(pk)"
        self._transact([gone], f"silence {old.id}")

    @available
    def _transact(self, writes: Sequence[Item], what: str) -> None:
        try:
            self._client.transact_write_items(TransactItems=writes)
        except Refusal as error:
            if code_of(error) in (CONDITION_FAILED, TRANSACTION_CANCELED):
                raise Conflict(f"{what}: {_CHANGED}") from error
            raise

    def _routing(self, config: Config, after: str) -> Item:
        put: Item = {
            "TableName": self._table,
            "Item": laid_out.routing_item(config, int(after) + 1),
            "ConditionExpression": "attribute_not_exists(pk)",
        }
        if after != NO_EDITION:
            put["ConditionExpression"] = "version = :after"
            put["ExpressionAttributeValues"] = {":after": number(int(after))}
        return put

    def _upsert(self, upsert: Upsert) -> list[Item]:
        new = upsert.new
        item = {**laid_out.key_of(new), "document": text(laid_out.encode(new))}
        return [self._put(item, **_unchanged(upsert.old)), self._forget_health(new)]

    def _forget_health(self, destination: Destination) -> Item:
        """A provider that said "gone" was asked about the old settings, not these."""
        return self._delete(key("HEALTH", destination.name))

    def _put(self, item: Item, **condition: Any) -> Item:
        return {"Put": {"TableName": self._table, "Item": item, **condition}}

    def _delete(self, where: Item, old: Destination | Source | None = None) -> Item:
        condition = _unchanged(old) if old is not None else {}
        return {"Delete": {"TableName": self._table, "Key": where, **condition}}


def _unchanged(old: Destination | Source | None) -> Item:
    """The condition that an item still holds `old` (None = that there is no item)."""
    if old is None:
        return {"ConditionExpression": "attribute_not_exists(pk)"}
    return {
        "ConditionExpression": "document = :old",
        "ExpressionAttributeValues": {":old": text(laid_out.encode(old))},
    }
