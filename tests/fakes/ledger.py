"""The ledger in a dict: what DynamoDB does for us, without DynamoDB.

The contract tests run on this and on the DynamoDB one, so that neither can drift.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from threading import RLock

from tocsin.delivery import State
from tocsin.errors import Stale, Unavailable
from tocsin.identity import first_id_at, shard_of
from tocsin.notification import Notification, delivery_in
from tocsin.ports import (
    Clock,
    Commit,
    Dead,
    Due,
    Health,
    Memory,
    Move,
    Receipt,
    Repeat,
)

DAY_MS = 86_400_000
WRITES = 100


class FakeLedger:
    """`ports.Ledger`, `ports.Calendar` and `ports.Archive`."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.kept: dict[str, Notification] = {}
        self.open: dict[str, Memory] = {}
        self.receipts: dict[str, Receipt] = {}
        self.last_keys: dict[str, str] = {}
        self.marks: dict[int, str] = {}
        self._lock = RLock()

    def memories(self, fingerprints: Iterable[str]) -> dict[str, Memory]:
        return {each: self.open[each] for each in fingerprints if each in self.open}

    def free(self, fingerprint: str, memory: Memory) -> None:
        if self.open.get(fingerprint) == memory:
            del self.open[fingerprint]

    def receipt(self, key: str) -> Receipt | None:
        return self.receipts.get(key)

    def commit(self, commits: Sequence[Commit]) -> None:
        with self._lock:
            if sum(commit.writes for commit in commits) > WRITES:
                raise Unavailable("commit: too many writes for one transaction")
            alone = len(commits) == 1 and commits[0].writes == 1
            if alone and commits[0].notification.id in self.kept:
                return
            for commit in commits:
                self._check(commit)
            for commit in commits:
                self._apply(commit)

    def _check(self, commit: Commit) -> None:
        fresh = commit.notification
        memory = self.open.get(fresh.fingerprint)
        if fresh.id in self.kept:
            raise Stale([0])
        if commit.opens and memory is not None and memory.open_id != fresh.id:
            raise Stale([0])
        if commit.closes and (memory is None or memory.open_id != fresh.resolves):
            raise Stale([0])
        if commit.key and commit.receipt is not None:
            known = self.receipts.get(commit.key)
            if known is not None and known.at > commit.receipt.at - DAY_MS:
                raise Stale([0])

    def _apply(self, commit: Commit) -> None:
        fresh = commit.notification
        if commit.opens:
            self.open[fresh.fingerprint] = Memory(fresh.id, fresh.accepted_at)
        if commit.closes:
            del self.open[fresh.fingerprint]
            old = self.kept[fresh.resolves]
            self.kept[old.id] = replace(
                old,
                state="resolved",
                resolved_at=fresh.last_at,
                version=old.version + 1,
            )
        if commit.key and commit.receipt is not None:
            self.receipts[commit.key] = commit.receipt
        self.kept[fresh.id] = fresh

    def repeat(self, repeat: Repeat) -> Notification:
        with self._lock:
            old = self.kept.get(repeat.notification_id)
            if old is None or old.state != "firing":
                raise Stale([0])
            if repeat.key and self.last_keys.get(old.id) == repeat.key:
                return old
            if repeat.key:
                self.last_keys[old.id] = repeat.key
            new = replace(
                old,
                occurrences=old.occurrences + repeat.count,
                last_at=repeat.at,
                version=old.version + 1,
            )
            self.kept[old.id] = new
            return new

    def load(self, ids: Iterable[str]) -> dict[str, Notification]:
        return {each: self.kept[each] for each in ids if each in self.kept}

    def move(self, moves: Sequence[Move]) -> None:
        with self._lock:
            lost = [i for i, move in enumerate(moves) if not self._holds(move)]
            if lost:
                raise Stale(lost)
            for move in moves:
                old = self.kept[move.notification_id]
                changed = {**old.deliveries, move.new.destination: move.new}
                self.kept[old.id] = replace(old, deliveries=changed)

    def _holds(self, move: Move) -> bool:
        found = delivery_in(self.kept, move.notification_id, move.old.destination)
        return found is not None and (found.rev == move.old.rev or found == move.new)

    def amend(self, old: Notification, new: Notification, *, closes: bool) -> None:
        with self._lock:
            current = self.kept[old.id]
            if current.version != old.version:
                raise Stale([0])
            memory = self.open.get(new.fingerprint)
            if closes and memory is not None:
                if memory.open_id != new.id:
                    raise Stale([0])
                del self.open[new.fingerprint]
            self.kept[old.id] = replace(new, deliveries=current.deliveries)

    def due(self, shard: int, before: int, limit: int) -> list[Due]:
        found = [
            Due(notification.id, name, delivery.due_at)
            for notification in self.kept.values()
            if shard_of(notification.id) == shard
            for name, delivery in notification.deliveries.items()
            if delivery.due_at is not None and delivery.due_at <= before
        ]
        return sorted(found, key=lambda due: due.due_at)[:limit]

    def forget(self, due: Due) -> None:
        """Entries follow from the deliveries here: none can be left over."""

    def accepted(
        self, shard: int, after: str, before: int, limit: int
    ) -> list[Notification]:
        found = sorted(
            each
            for each in self.kept
            if shard_of(each) == shard and after < each < first_id_at(before)
        )
        return [self.kept[each] for each in found[:limit]]

    def mark(self, shard: int) -> str:
        return self.marks.get(shard, "")

    def set_mark(self, shard: int, old: str, new: str) -> None:
        if self.marks.get(shard, old) != old:
            raise Stale([0])
        self.marks[shard] = new

    def recent(
        self, *, since: int, until: int, limit: int, cursor: str
    ) -> tuple[list[Notification], str]:
        below = cursor or first_id_at(until)
        found = sorted(
            (each for each in self.kept if first_id_at(since) < each < below),
            reverse=True,
        )
        page = [self.kept[each] for each in found[:limit]]
        return page, page[-1].id if len(found) > limit else ""

    def dead(self, *, limit: int, cursor: str) -> tuple[list[Dead], str]:
        found = sorted(
            (delivery.dead_at or 0, notification.id, name)
            for notification in self.kept.values()
            for name, delivery in notification.deliveries.items()
            if delivery.state is State.DEAD_LETTER
        )
        keys = [f"{at:013d}#{each}#{name}" for at, each, name in found]
        rest = [pair for pair in zip(keys, found, strict=True) if pair[0] > cursor]
        page = rest[:limit]
        dead = [Dead(each, name, at) for _, (at, each, name) in page]
        return dead, page[-1][0] if len(rest) > limit else ""


class FakeHealthBook:
    """`ports.HealthBook` in a dict."""

    def __init__(self) -> None:
        self.known: dict[str, Health] = {}

    def health(self, names: Iterable[str]) -> dict[str, Health]:
        return {name: self.known.get(name, Health()) for name in names}

    def all(self) -> dict[str, Health]:
        return dict(self.known)

    def block(self, name: str, until: int) -> None:
        old = self.known.get(name, Health())
        longer = max(until, old.blocked_until)
        self.known[name] = replace(old, blocked_until=longer)

    def disable(self, name: str, at: int, reason: str) -> None:
        old = self.known.get(name, Health())
        if not old.disabled_at:
            self.known[name] = replace(old, disabled_at=at, disabled_reason=reason)

    def note(self, name: str, at: int, error: str) -> None:
        old = self.known.get(name, Health())
        if error:
            self.known[name] = replace(old, last_error_at=at, last_error=error)
        else:
            self.known[name] = replace(old, last_ok_at=at, last_error="")

    def told(self, name: str) -> None:
        self.known[name] = replace(self.known.get(name, Health()), told=True)
