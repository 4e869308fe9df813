"""The health of destinations, shared between senders that see only their own calls."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tocsin.aws import items
from tocsin.aws.calls import CONDITION_FAILED, available, code_of
from tocsin.aws.json_service import Refusal
from tocsin.errors import Unavailable
from tocsin.ports import Clock, Health

FRESH_MS = 1_000
ROUNDS = 5
READ_AT_ONCE = 100  # what DynamoDB takes in one BatchGetItem
LEARNT = "learnt_"  # before the names of what providers tell


class DynamoHealthBook:
    """`ports.HealthBook`, remembering for a second what it read."""

    def __init__(self, client: Any, table: str, clock: Clock) -> None:
        self._client = client
        self._table = table
        self._clock = clock
        self._known: dict[str, tuple[int, Health]] = {}

    @available
    def health(self, names: Iterable[str]) -> dict[str, Health]:
        """One read for every hundred that are not fresh."""
        now = self._clock.now()
        wanted = list(dict.fromkeys(names))
        stale = [name for name in wanted if self._age(name, now) > FRESH_MS]
        found: dict[str, Health] = {}
        for start in range(0, len(stale), READ_AT_ONCE):
            found |= self._read(stale[start : start + READ_AT_ONCE])
        for name in stale:
            self._known[name] = (now, found.get(name, Health()))
        return {name: self._known[name][1] for name in wanted}

    def _age(self, name: str, now: int) -> int:
        return now - self._known[name][0] if name in self._known else FRESH_MS + 1

    def _read(self, names: list[str]) -> dict[str, Health]:
        keys = [items.key("HEALTH", name) for name in names]
        # What another sender learned a moment ago may be missed, as within the second
        # that it is remembered for.
        found: list[dict[str, Any]] = []
        asked: dict[str, Any] = {self._table: {"Keys": keys}}
        for _ in range(ROUNDS):
            answer = self._client.batch_get_item(RequestItems=asked)
            found += answer["Responses"].get(self._table, [])
            asked = answer.get("UnprocessedKeys") or {}
            if not asked:
                return {item["sk"]["S"]: _health(item) for item in found}
        # Taken for unknown, a destination that is left alone would be called.
        raise Unavailable("health: DynamoDB keeps leaving keys unread")

    @available
    def all(self) -> dict[str, Health]:
        """Everything known, for the sweep and for people."""
        answer = self._client.query(
            TableName=self._table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": items.text("HEALTH")},
            ConsistentRead=True,
        )
        return {item["sk"]["S"]: _health(item) for item in answer["Items"]}

    @available
    def block(self, name: str, until: int) -> None:
        """Lengthen the block, never shorten it."""
        self._set(
            name,
            "SET bu = :until",
            {":until": items.number(until)},
            only_if="attribute_not_exists(bu) OR bu < :until",
        )

    @available
    def disable(self, name: str, at: int, reason: str) -> None:
        """Remember that, when and why it is gone; a later put by people clears it."""
        self._set(
            name,
            "SET da = if_not_exists(da, :at), dr = if_not_exists(dr, :why)",
            {":at": items.number(at), ":why": items.text(reason)},
        )

    @available
    def note(self, name: str, at: int, error: str) -> None:
        """The last failure, or the first success after it."""
        if error:
            values = {":at": items.number(at), ":why": items.text(error)}
            self._set(
                name,
                "SET ea = :at, er = :why ADD nf :one",
                {**values, ":one": items.number(1)},
            )
        else:
            self._set(name, "SET oa = :at REMOVE er, nf", {":at": items.number(at)})

    @available
    def told(self, name: str) -> None:
        """The owner has been told that it is gone."""
        self._set(name, "SET td = :yes", {":yes": {"BOOL": True}})

    @available
    def learn(self, name: str, what: str, value: int) -> None:
        """Raise the number, never lower it."""
        self._set(
            name,
            "SET #what = :value",
            {":value": items.number(value)},
            only_if="attribute_not_exists(#what) OR #what < :value",
            what=what,
        )

    @available
    def forget(self, name: str, what: str, value: int) -> None:
        """Whatever was learnt since then stays."""
        self._set(
            name,
            "REMOVE #what",
            {":value": items.number(value)},
            only_if="#what = :value",
            what=what,
        )

    def _set(
        self,
        name: str,
        update: str,
        values: dict[str, Any],
        *,
        only_if: str = "",
        what: str = "",
    ) -> None:
        """Where `only_if` does not hold, what is known already is better. `#what` in
        both stands for the number learnt under this name."""
        wanted: dict[str, Any] = {"ConditionExpression": only_if} if only_if else {}
        if what:
            wanted["ExpressionAttributeNames"] = {"#what": f"{LEARNT}{what}"}
        try:
            self._client.update_item(
                TableName=self._table,
                Key=items.key("HEALTH", name),
                UpdateExpression=update,
                ExpressionAttributeValues=values,
                **wanted,
            )
        except Refusal as error:
            if code_of(error) != CONDITION_FAILED:
                raise
        self._known.pop(name, None)


def _health(item: dict[str, Any]) -> Health:
    def number(attribute: str) -> int:
        return int(item[attribute]["N"]) if attribute in item else 0

    def words(attribute: str) -> str:
        return str(item[attribute]["S"]) if attribute in item else ""

    return Health(
        blocked_until=number("bu"),
        disabled_at=number("da"),
        disabled_reason=words("dr"),
        last_ok_at=number("oa"),
        last_error_at=number("ea"),
        last_error=words("er"),
        told="td" in item,
        failures=number("nf"),
        learnt={
            name.removeprefix(LEARNT): number(name)
            for name in item
            if name.startswith(LEARNT)
        },
    )
