"""Taking in: the rounds in which one request's events are judged and committed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from tocsin.delivery import Timing
from tocsin.errors import Stale, Unavailable
from tocsin.events import Event
from tocsin.identity import time_of
from tocsin.notification import Notification, Step
from tocsin.ports import Commit, Ledger, Receipt, Repeat
from tocsin.rules.deciding import Decision, Verdict, decide
from tocsin.settings import Settings

WRITES = 100  # DynamoDB's limit for one transaction
TRIES = 6
KEY_KEPT = 86_400_000  # ms; the table's own expiry may come days later


@dataclass(frozen=True, slots=True)
class Item:
    """An event on its way in; its final id is known before anything is written.

    `indexes` are its places in the request: equal problems are folded into one item.
    """

    event: Event
    id: str
    fingerprint: str
    key: str
    indexes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of one event; `verdict` is a word of `Verdict`, or "replayed"."""

    notification: Notification
    verdict: str
    trace: tuple[Step, ...]


def fold(items: Sequence[Item]) -> list[Item]:
    """Fold each run of firing events of one fingerprint into one item that counts."""
    folded: list[Item] = []
    last: dict[str, int] = {}
    for item in items:
        position = last.get(item.fingerprint)
        if position is not None and item.event.state == "firing":
            first = folded[position]
            folded[position] = replace(first, indexes=first.indexes + item.indexes)
            continue
        if item.event.state == "firing":
            last[item.fingerprint] = len(folded)
        elif item.event.state == "resolved":
            last.pop(item.fingerprint, None)
        folded.append(item)
    return folded


@dataclass(frozen=True, slots=True)
class Intake:
    """One request's way in. A round is judged together and written in as few
    transactions as can hold it; two items of one fingerprint never share a round, so
    that the second is judged by what the first left behind."""

    sender: str
    settings: Settings
    ledger: Ledger
    timing: Timing
    now: int

    def take_in(
        self, items: Sequence[Item], key: str, receipt: Receipt
    ) -> dict[str, Accepted]:
        """Commit all items; `key` is remembered with the first that is written."""
        results: dict[str, Accepted] = {}
        rest = list(items)
        while rest:
            batch, rest = _next_round(rest)
            self._settle(batch, key, receipt, results)
        return results

    def rehearse(self, items: Sequence[Item]) -> dict[str, Accepted]:
        """What taking them in would come to, with nothing written."""
        opened = self.opened(items)
        results: dict[str, Accepted] = {}
        for item in items:
            result = self.judge(item, opened.get(item.fingerprint))
            if result.verdict == Verdict.REPEAT:
                result = replace(result, notification=self._seen(item, result))
            if item.event.is_problem:
                opened.pop(item.fingerprint, None)
            if result.notification.state == "firing":
                opened[item.fingerprint] = result.notification
            results[item.id] = result
        return results

    def _seen(self, item: Item, result: Accepted) -> Notification:
        old = result.notification
        return replace(
            old,
            occurrences=old.occurrences + len(item.indexes),
            last_at=self.now,
            version=old.version + 1,
        )

    def _settle(
        self,
        batch: Sequence[Item],
        key: str,
        receipt: Receipt,
        results: dict[str, Accepted],
    ) -> None:
        """Judge and write one round, again and again while others are faster."""
        for _ in range(TRIES):
            rest = [item for item in batch if item.id not in results]
            if not rest:
                return
            opened = self.opened(rest, freeing=True)
            judged = [
                (item, self.judge(item, opened.get(item.fingerprint))) for item in rest
            ]
            try:
                self._commit(judged, key, receipt, results)
                self._count(judged, results)
            except Stale:
                self._find(batch, results)
                if key and not _written(results) and self._is_taken(key, receipt):
                    raise
        if any(item.id not in results for item in batch):
            raise Unavailable("the same thing is being reported by others right now")

    def _find(self, batch: Sequence[Item], results: dict[str, Accepted]) -> None:
        """What another delivery of the same request has stored in the meantime."""
        found = self.ledger.load([item.id for item in batch if item.id not in results])
        for notification in found.values():
            again = Accepted(notification, "replayed", notification.trace)
            results[notification.id] = again

    def _commit(
        self,
        judged: Iterable[tuple[Item, Accepted]],
        key: str,
        receipt: Receipt,
        results: dict[str, Accepted],
    ) -> None:
        new = {
            item.id: result
            for item, result in judged
            if result.verdict != Verdict.REPEAT
        }
        commits = [
            Commit(
                result.notification,
                opens=result.verdict == Verdict.OPEN,
                closes=result.verdict == Verdict.RESOLVE,
            )
            for result in new.values()
        ]
        if commits and key and not _written(results):
            commits[0] = replace(commits[0], key=key, receipt=receipt)
        for transaction in _transactions(commits):
            self.ledger.commit(transaction)
            for name in (commit.notification.id for commit in transaction):
                results[name] = new[name]

    def _is_taken(self, key: str, receipt: Receipt) -> bool:
        """Whether another request with this very key is ahead of us."""
        found = self.ledger.receipt(key)
        return found is not None and found.at > receipt.at - KEY_KEPT

    def _count(
        self, judged: Iterable[tuple[Item, Accepted]], results: dict[str, Accepted]
    ) -> None:
        for item, result in judged:
            if result.verdict == Verdict.REPEAT:
                opened = result.notification.id
                repeat = Repeat(opened, self.now, len(item.indexes), item.key)
                seen = self.ledger.repeat(repeat)
                results[item.id] = replace(result, notification=seen)

    def opened(
        self, items: Iterable[Item], *, freeing: bool = False
    ) -> dict[str, Notification]:
        """The problems open under these items' fingerprints. One that has expired
        while it was open is no problem any more, and with `freeing` loses its name."""
        asked = {item.fingerprint for item in items if item.event.is_problem}
        memories = self.ledger.memories(asked) if asked else {}
        if not memories:
            return {}
        found = self.ledger.load([memory.open_id for memory in memories.values()])
        if freeing:
            for fingerprint, memory in memories.items():
                if memory.open_id not in found:
                    self.ledger.free(fingerprint, memory)
        return {
            fingerprint: found[memory.open_id]
            for fingerprint, memory in memories.items()
            if memory.open_id in found
        }

    def judge(self, item: Item, opened: Notification | None) -> Accepted:
        """Decide on one item, and draw the notification it would become."""
        decision = decide(
            item.event,
            sender=self.sender,
            config=self.settings.config,
            destinations=self.settings.destinations,
            opened=opened,
            now=self.now,
        )
        if decision.verdict is Verdict.REPEAT and opened is not None:
            notification = opened
        else:
            notification = self._drawn(item, decision, opened)
        return Accepted(notification, decision.verdict, decision.trace)

    def _drawn(
        self, item: Item, decision: Decision, opened: Notification | None
    ) -> Notification:
        resolving = opened if decision.verdict is Verdict.RESOLVE else None
        deliveries = decision.deliveries
        if self.now - time_of(item.id) > self.timing.grace // 3:
            # The id is older than what the sweep's audit may have read already.
            due = self.now + self.timing.heal
            deliveries = {
                name: delivery if delivery.settled else replace(delivery, due_at=due)
                for name, delivery in deliveries.items()
            }
        return Notification(
            id=item.id,
            event=item.event,
            fingerprint=item.fingerprint,
            state=(item.event.state or "") if item.event.is_problem else "notice",
            sender=self.sender,
            accepted_at=time_of(item.id),
            last_at=self.now,
            occurrences=len(item.indexes),
            deliveries=deliveries,
            trace=decision.trace,
            suppressed=decision.why_kept,
            resolves=resolving.id if resolving else "",
            opened_at=resolving.accepted_at if resolving else None,
            resolved_at=self.now if resolving else None,
        )


def _written(results: dict[str, Accepted]) -> bool:
    """Whether anything was committed, and with it the idempotency key."""
    return any(result.verdict != Verdict.REPEAT for result in results.values())


def _next_round(items: Sequence[Item]) -> tuple[list[Item], list[Item]]:
    touched: set[str] = set()
    for position, item in enumerate(items):
        if item.event.is_problem and item.fingerprint in touched:
            return list(items[:position]), list(items[position:])
        touched.add(item.fingerprint)
    return list(items), []


def _transactions(commits: Iterable[Commit]) -> Iterator[list[Commit]]:
    """As few as can hold them, in order."""
    batch: list[Commit] = []
    writes = 0
    for commit in commits:
        if batch and writes + commit.writes > WRITES:
            yield batch
            batch, writes = [], 0
        batch.append(commit)
        writes += commit.writes
    if batch:
        yield batch
