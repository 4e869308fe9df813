"""Writes: each change of the ledger as the conditional DynamoDB write that makes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tocsin.aws import items
from tocsin.delivery import Delivery, State
from tocsin.memory import Memory, having_ended
from tocsin.notification import COUNTED_FOR, Notification
from tocsin.ports import TIMER, Commit, Missed, Move, Receipt, Repeat
from tocsin.values import dataclass

RECEIPT_MS = items.DAY_MS
PACKED_AT_ONCE = 10
Write = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Writes:
    """Builds writes to one table; entries of the transaction API, by their kind."""

    table: str
    retention_ms: int

    def commits(self, commits: Sequence[Commit]) -> Iterator[list[Write]]:
        """What each of them writes. Documents are packed some at a time: it takes a
        quarter more where each is packed in between all the rest."""
        for start in range(0, len(commits), PACKED_AT_ONCE):
            some = commits[start : start + PACKED_AT_ONCE]
            documents = [items.pack_document(each.notification) for each in some]
            for commit, document in zip(some, documents, strict=True):
                yield [*self._commit(commit, document)]

    def _commit(self, commit: Commit, document: items.Item) -> Iterator[Write]:
        """The notification, then all that goes with it, last what others count."""
        notification = commit.notification
        item = items.pack(notification, self.retention_ms, document)
        yield self._put(item, ConditionExpression="attribute_not_exists(pk)")
        if commit.remembered is not None:
            yield self.memory(
                notification.memory_key, commit.recalled, commit.remembered
            )
        if commit.closes:
            yield self.finish(
                notification.resolves, notification.id, notification.last_at
            )
        if commit.key and commit.receipt is not None:
            yield self.receipt(commit.key, commit.receipt)
        for delivery in notification.deliveries.values():
            if delivery.due_at is not None:
                yield self._due(notification.id, delivery)
        if notification.timer_at is not None:
            yield self._timer(notification.id, notification.timer_at)
        for missed in commit.missed:
            yield self.miss(missed)

    def memory(self, fingerprint: str, old: Memory | None, new: Memory) -> Write:
        """What is remembered of a fingerprint, if it still is `old`."""
        item = {
            **items.fingerprint_key(fingerprint),
            **items.pack_memory(new),
        }
        if old is None or not old.rev:
            # What was remembered of a window that is over is as good as nothing.
            condition = "attribute_not_exists(r) OR un <= :since"
            values = {":since": items.number(new.since)}
            if old is not None:
                condition += " OR NOT attribute_type(r, :number)"
                values[":number"] = items.text("N")
            return self._put(
                item,
                ConditionExpression=condition,
                ExpressionAttributeValues=values,
            )
        return self._put(
            item,
            ConditionExpression="r = :rev",
            ExpressionAttributeValues={":rev": items.number(old.rev)},
        )

    def finish(self, problem_id: str, by: str, at: int) -> Write:
        """A problem is over by another notification."""
        return self._update(
            problem_id,
            "SET ra = :at, st = :over, rb = :by ADD v :one, #re :one",
            "attribute_exists(pk) AND (st <> :over OR rb = :by)",
            {
                ":at": items.number(at),
                ":over": items.text("resolved"),
                ":by": items.text(by),
                ":one": items.number(1),
            },
            {"#re": "re"},
        )

    def receipt(self, key: str, receipt: Receipt) -> Write:
        """What a key was used for, unless it was in the last 24 h."""
        item = {
            **items.receipt_key(key),
            "dg": items.text(receipt.digest),
            "at": items.number(receipt.at),
            "expires": items.number((receipt.at + RECEIPT_MS) // 1000),
        }
        if receipt.on:
            item["on"] = items.text(receipt.on)
        return self._put(
            item,
            ConditionExpression="attribute_not_exists(pk) OR #at <= :past",
            ExpressionAttributeNames={"#at": "at"},
            ExpressionAttributeValues={":past": items.number(receipt.at - RECEIPT_MS)},
        )

    def repeat(self, repeat: Repeat) -> Iterator[Write]:
        """Count on, unless this very event is among those counted last; then all that
        goes with it."""
        yield self._count(repeat)
        for key, receipt in repeat.receipts:
            yield self.receipt(key, receipt)
        for missed in repeat.missed:
            yield self.miss(missed)

    def _count(self, repeat: Repeat) -> Write:
        update = "SET la = :at, expires = :expires"
        condition = "st <> :over"
        values = {
            ":over": items.text("resolved"),
            ":count": items.number(repeat.count),
            ":at": items.number(repeat.at),
            # What still happens is kept: an open problem must not expire under its name
            ":expires": items.number((repeat.at + self.retention_ms) // 1000),
        }
        known, forgotten = _known_by(repeat)
        if known:
            update += ", #key = :at"
            condition += " AND (attribute_not_exists(#key) OR #key <= :past)"
            values[":past"] = items.number(repeat.at - COUNTED_FOR)
        if repeat.swallowed:
            update += ", sw = :swallowed"
            values[":swallowed"] = items.text(repeat.swallowed)
        adds = "oc :count"
        if repeat.swallowed:
            adds += ", fl :count"
        if forgotten:
            update += f" REMOVE {', '.join(forgotten)}"
        return self._update(
            repeat.notification_id,
            f"{update} ADD {adds}",
            f"attribute_exists(pk) AND {condition}",
            values,
            known | forgotten,
        )

    def miss(self, missed: Missed) -> Write:
        """Count what destinations did not get: each has a number of its own."""
        names = {
            f"#{place}": items.MISSED + name
            for place, name in enumerate(missed.destinations)
        }
        return self._update(
            missed.notification_id,
            "ADD " + ", ".join(f"{place} :count" for place in names),
            "attribute_exists(pk)",
            {":count": items.number(missed.count)},
            names,
        )

    def nudge(self, notification: Notification, at: int) -> Iterator[Write]:
        """Cards are to be edited at `at`: the timer may have to be earlier for it."""
        old = notification.timer_at
        new = at if old is None else min(at, old)
        values = {":at": items.number(at), ":timer": items.number(new)}
        conditions = ["attribute_exists(pk)"]
        for letters, known in (("rf", notification.refresh_at), ("tm", old)):
            if known is None:
                conditions.append(f"attribute_not_exists({letters})")
            else:
                conditions.append(f"{letters} = :{letters}")
                values[f":{letters}"] = items.number(known)
        yield self._update(
            notification.id,
            "SET rf = :at, tm = :timer",
            " AND ".join(conditions),
            values,
        )
        yield from self._timers(notification.id, old, new)

    def move(self, move: Move) -> Iterator[Write]:
        """One delivery, with its entries in the calendar and the dead letters."""
        old, new = move.old, move.new
        yield self._update(
            move.notification_id,
            "SET dl.#d = :new",
            "dl.#d.r = :rev",
            {":new": items.pack_delivery(new), ":rev": items.number(old.rev)},
            {"#d": new.destination},
        )
        if (old.due_at, old.dead_at) != (new.due_at, new.dead_at):
            yield from self._entries(move)

    def _entries(self, move: Move) -> Iterator[Write]:
        old, new = move.old, move.new
        if old.due_at != new.due_at:
            if old.due_at is not None:
                yield self._delete(
                    items.due_key(move.notification_id, new.destination, old.due_at)
                )
            if new.due_at is not None:
                yield self._due(move.notification_id, new)
        if old.dead_at == new.dead_at:
            return
        if old.dead_at is not None:
            yield self._delete(
                items.dead_key(move.notification_id, new.destination, old.dead_at)
            )
        if new.dead_at is not None and new.state is State.DEAD_LETTER:
            dead = items.dead_key(move.notification_id, new.destination, new.dead_at)
            yield self._put(self._dated(dead, new.updated_at))

    def amend(
        self, old: Notification, new: Notification, *, closes: bool
    ) -> Iterator[Write]:
        """What people and timers changed, with the deliveries they added or moved."""
        values, gone = items.amended_attributes(old, new)
        values["st"] = items.text(new.state)
        alias = {name: f"#a{place}" for place, name in enumerate((*values, *gone))}
        names = {short: name for name, short in alias.items()}
        sets = [f"{alias[name]} = :a{place}" for place, name in enumerate(values)]
        bound = {f":a{place}": value for place, value in enumerate(values.values())}
        bound[":old"] = items.number(old.version)
        conditions = ["v = :old"]
        if old.flapping is not None and new.flapping is None:
            # What it swallowed since would be lost: repeats raise no version.
            conditions.append("fl = :flapping")
            bound[":flapping"] = items.number(old.flapping)
        for place, move in enumerate(_moved(old, new)):
            name = f"to{place}"
            names[f"#{name}"] = move.new.destination
            sets.append(f"dl.#{name} = :{name}")
            bound[f":{name}"] = items.pack_delivery(move.new)
            if move.new.destination in old.deliveries:
                conditions.append(f"dl.#{name}.r = :{name}r")
                bound[f":{name}r"] = items.number(move.old.rev)
            else:
                conditions.append(f"attribute_not_exists(dl.#{name})")
        expression = f"SET {', '.join(sets)}"
        if gone:
            expression += " REMOVE " + ", ".join(alias[name] for name in gone)
        yield self._update(new.id, expression, " AND ".join(conditions), bound, names)
        for move in _moved(old, new):
            yield from self._entries(move)
        yield from self._timers(new.id, old.timer_at, new.timer_at)
        if closes:
            yield self._free(new)

    def _free(self, problem: Notification) -> Write:
        """Nothing is open any more. What was is known for a day to what was counted on
        it and comes again; whether it flaps, and in which order, begins anew."""
        return self._put(
            {
                **items.fingerprint_key(problem.memory_key),
                **items.pack_memory(having_ended(problem)),
            },
            ConditionExpression="attribute_not_exists(id) OR id = :ended",
            ExpressionAttributeValues={":ended": items.text(problem.id)},
        )

    def _timers(
        self, notification_id: str, old: int | None, new: int | None
    ) -> Iterator[Write]:
        if old == new:
            return
        if old is not None:
            yield self._delete(items.due_key(notification_id, TIMER, old))
        if new is not None:
            yield self._timer(notification_id, new)

    def _timer(self, notification_id: str, at: int) -> Write:
        return self._put(self._dated(items.due_key(notification_id, TIMER, at), at))

    def _due(self, notification_id: str, delivery: Delivery) -> Write:
        key = items.due_key(notification_id, delivery.destination, delivery.due_at or 0)
        return self._put(
            self._dated(key, max(delivery.updated_at, delivery.due_at or 0))
        )

    def _dated(self, key: dict[str, Any], at: int) -> dict[str, Any]:
        return {**key, "expires": items.number((at + self.retention_ms) // 1000)}

    def _put(self, item: dict[str, Any], **condition: Any) -> Write:
        return {"Put": {"TableName": self.table, "Item": item, **condition}}

    def _delete(self, key: dict[str, Any], **condition: Any) -> Write:
        return {"Delete": {"TableName": self.table, "Key": key, **condition}}

    def _update(
        self,
        notification_id: str,
        expression: str,
        condition: str,
        values: Any,
        names: Mapping[str, str] | None = None,
    ) -> Write:
        update: dict[str, Any] = {
            "TableName": self.table,
            "Key": items.key_of(notification_id),
            "UpdateExpression": expression,
            "ConditionExpression": condition,
            "ExpressionAttributeValues": values,
        }
        if names:
            update["ExpressionAttributeNames"] = names
        return {"Update": update}


def _known_by(repeat: Repeat) -> tuple[dict[str, str], dict[str, str]]:
    """(the attribute that is to tell of this event, those that give way), each by its
    placeholder."""
    known = {"#key": items.COUNTED + repeat.key} if repeat.key else {}
    forgotten = {
        f"#old{place}": items.COUNTED + key
        for place, key in enumerate(repeat.forgets)
        if key != repeat.key  # It was counted a day ago, and is again.
    }
    return known, forgotten


def _moved(old: Notification, new: Notification) -> list[Move]:
    """The deliveries that `new` adds (as moves from nothing) or has changed."""
    return [
        Move(new.id, old.deliveries.get(name, Delivery(name)), delivery)
        for name, delivery in new.deliveries.items()
        if old.deliveries.get(name) != delivery
    ]
