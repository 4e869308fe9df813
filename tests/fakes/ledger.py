"""The ledger in a dict: what DynamoDB does for us, without DynamoDB.

The contract tests run on this and on the DynamoDB one, so that neither can drift.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from threading import RLock

from pydantic_core import to_json

from tocsin.delivery import State
from tocsin.errors import Stale
from tocsin.identity import first_id_at, shard_of
from tocsin.memory import Memory, having_ended
from tocsin.notification import Notification, delivery_in
from tocsin.ports import (
    TIMER,
    Clock,
    Commit,
    Dead,
    Due,
    Health,
    Missed,
    Move,
    Receipt,
    Repeat,
)

DAY_MS = 86_400_000
WRITES = 100
BYTES = 4 * 1024 * 1024


class FakeLedger:
    """`ports.Ledger`, `ports.Calendar` and `ports.Archive`."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.kept: dict[str, Notification] = {}
        self.known: dict[str, Memory] = {}
        self.receipts: dict[str, Receipt] = {}
        self.marks: dict[int, str] = {}
        self._lock = RLock()

    def memories(self, fingerprints: Iterable[str]) -> dict[str, Memory]:
        return {each: self.known[each] for each in fingerprints if each in self.known}

    def remember(self, fingerprint: str, old: Memory | None, new: Memory) -> None:
        with self._lock:
            if not self._remembers(fingerprint, old, new):
                if self.known.get(fingerprint) == new:
                    return
                raise Stale([0])
            self.known[fingerprint] = new

    def _remembers(self, fingerprint: str, old: Memory | None, new: Memory) -> bool:
        known = self.known.get(fingerprint)
        if known is None or (old is not None and old.rev):
            return (known.rev if known else 0) == (old.rev if old else 0)
        if old is not None and not known.rev:
            return True  # What cannot be compared is damaged: it is written over.
        return 0 < known.until <= new.since

    def finish(self, problem_id: str, *, by: str, at: int) -> None:
        with self._lock:
            if not self._can_finish(problem_id, by):
                raise Stale([0])
            self._finish(problem_id, by, at)

    def _can_finish(self, problem_id: str, by: str) -> bool:
        old = self.kept.get(problem_id)
        return old is not None and (old.state != "resolved" or old.resolved_by == by)

    def _finish(self, problem_id: str, by: str, at: int) -> None:
        old = self.kept[problem_id]
        self.kept[problem_id] = replace(
            old,
            state="resolved",
            resolved_at=at,
            resolved_by=by,
            version=old.version + 1,
            revision=old.revision + 1,
        )

    def receipt(self, key: str) -> Receipt | None:
        return self.receipts.get(key)

    def counted(self, keys: Iterable[str], since: int = 0) -> dict[str, str]:
        found = {each: self.receipts.get(each) for each in keys}
        return {
            each: known.on
            for each, known in found.items()
            if known and known.on and known.at > since
        }

    def commit(self, commits: Sequence[Commit]) -> int:
        with self._lock:
            held = _leading(commits)
            alone = len(held) == 1 and held[0].writes == 1
            if alone and self._is_ours(held[0]):
                return 1
            for commit in held:
                self._check(commit)
            for commit in held:
                self._apply(commit)
            return len(held)

    def _is_ours(self, commit: Commit) -> bool:
        name = commit.notification.id
        by = commit.notification.by or name
        return name in self.kept and self.kept[name].is_of(by)

    def _check(self, commit: Commit) -> None:
        fresh = commit.notification
        if fresh.id in self.kept:
            raise Stale([0])
        if commit.remembered is not None and not self._remembers(
            fresh.memory_key, commit.recalled, commit.remembered
        ):
            raise Stale([0])
        if commit.closes and not self._can_finish(fresh.resolves, fresh.id):
            raise Stale([0])
        if any(each.notification_id not in self.kept for each in commit.missed):
            raise Stale([0])
        if commit.key and commit.receipt is not None:
            self._check_unused(commit.key, commit.receipt)

    def _check_unused(self, key: str, receipt: Receipt) -> None:
        known = self.receipts.get(key)
        if known is not None and known.at > receipt.at - DAY_MS:
            raise Stale([0])

    def _apply(self, commit: Commit) -> None:
        fresh = commit.notification
        if commit.remembered is not None:
            self.known[fresh.memory_key] = commit.remembered
        if commit.closes:
            self._finish(fresh.resolves, fresh.id, fresh.last_at)
        if commit.key and commit.receipt is not None:
            self.receipts[commit.key] = commit.receipt
        self.kept[fresh.id] = fresh
        for missed in commit.missed:
            self._miss(missed)

    def _miss(self, missed: Missed) -> None:
        old = self.kept[missed.notification_id]
        more = {
            name: old.missed.get(name, 0) + missed.count for name in missed.destinations
        }
        self.kept[old.id] = replace(old, missed={**old.missed, **more})

    def repeat(self, repeat: Repeat) -> Notification:
        with self._lock:
            old = self.kept.get(repeat.notification_id)
            if old is None or old.state == "resolved":
                raise Stale([0])
            before = old.counted.get(repeat.key)
            if before is not None and repeat.at - before < DAY_MS:
                return old
            for key, receipt in repeat.receipts:
                self._check_unused(key, receipt)
            if any(each.notification_id not in self.kept for each in repeat.missed):
                raise Stale([0])
            new = replace(
                old,
                occurrences=old.occurrences + repeat.count,
                last_at=repeat.at,
                counted=_counted(old, repeat),
            )
            if repeat.swallowed:
                flapping = (old.flapping or 0) + repeat.count
                new = replace(new, flapping=flapping, swallowed=repeat.swallowed)
            self.kept[old.id] = new
            for missed in repeat.missed:
                self._miss(missed)
            self.receipts |= dict(repeat.receipts)
            return new

    def nudge(self, notification: Notification, at: int) -> None:
        with self._lock:
            old = self.kept[notification.id]
            known = notification.refresh_at, notification.timer_at
            if (old.refresh_at, old.timer_at) != known:
                raise Stale([0])
            timer = at if old.timer_at is None else min(at, old.timer_at)
            self.kept[old.id] = replace(old, refresh_at=at, timer_at=timer)

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
            if old.flapping not in (new.flapping, current.flapping):
                raise Stale([0])
            moved = {
                name: delivery
                for name, delivery in new.deliveries.items()
                if old.deliveries.get(name) != delivery
            }
            for name in moved:
                if current.deliveries.get(name) != old.deliveries.get(name):
                    raise Stale([0])
            memory = self.known.get(new.memory_key)
            if closes and (memory is None or memory.holder == new.id):
                self.known[new.memory_key] = having_ended(new)
            self.kept[old.id] = replace(
                new,
                deliveries={**current.deliveries, **moved},
                occurrences=current.occurrences,
                last_at=current.last_at,
                counted={
                    key: at
                    for key, at in {**current.counted, **new.counted}.items()
                    if key in new.counted or key not in old.counted
                },
                missed=current.missed,
            )

    def due(
        self, shard: int, before: int, limit: int, after: Due | None = None
    ) -> list[Due]:
        found = [
            Due(notification.id, name, at)
            for notification in self.kept.values()
            if shard_of(notification.id) == shard
            for name, at in _dues(notification)
            if at is not None and at <= before
        ]
        found.sort(key=_place)
        return [due for due in found if not after or _place(due) > _place(after)][
            :limit
        ]

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


def _leading(commits: Sequence[Commit]) -> Sequence[Commit]:
    """As many as one transaction of DynamoDB holds, if it packed nothing."""
    writes, size = 0, 0
    for place, commit in enumerate(commits):
        writes += commit.writes
        size += len(to_json(commit.notification))
        if place and (writes > WRITES or size > BYTES):
            return commits[:place]
    return commits


def _counted(old: Notification, repeat: Repeat) -> dict[str, int]:
    counted = {key: at for key, at in old.counted.items() if key not in repeat.forgets}
    return counted | ({repeat.key: repeat.at} if repeat.key else {})


def _place(due: Due) -> tuple[int, str, str]:
    return due.due_at, due.notification_id, due.destination


def _dues(notification: Notification) -> Iterator[tuple[str, int | None]]:
    yield TIMER, notification.timer_at
    for name, delivery in notification.deliveries.items():
        yield name, delivery.due_at


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
            self.known[name] = replace(
                old, last_error_at=at, last_error=error, failures=old.failures + 1
            )
        else:
            self.known[name] = replace(old, last_ok_at=at, last_error="", failures=0)

    def told(self, name: str) -> None:
        self.known[name] = replace(self.known.get(name, Health()), told=True)

    def learn(self, name: str, what: str, value: int) -> None:
        old = self.known.get(name, Health())
        highest = max(value, old.learnt.get(what, value))
        self.known[name] = replace(old, learnt={**old.learnt, what: highest})

    def forget(self, name: str, what: str, value: int) -> None:
        old = self.known.get(name, Health())
        left = {each: told for each, told in old.learnt.items() if each != what}
        if old.learnt.get(what) == value:
            self.known[name] = replace(old, learnt=left)
