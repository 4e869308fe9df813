"""Taking in: the rounds in which one request's events are judged and committed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from tocsin.delivery import PAUSE, Delivery, Timing
from tocsin.ending import close
from tocsin.errors import Stale, Unavailable
from tocsin.events import Event
from tocsin.folding import Item, next_round
from tocsin.identity import brief_of, second_id, time_of
from tocsin.memory import Memory
from tocsin.notification import Notification, Plan, Planned, Step, first_due
from tocsin.parcels import promised, watched
from tocsin.ports import Commit, Ledger, Missed, Receipt, Repeat
from tocsin.rules.deciding import Decision, Rules, Verdict, decide
from tocsin.rules.recalling import Past
from tocsin.rules.silencing import silence_of
from tocsin.ticking import tick
from tocsin.values import dataclass

TRIES = 6
FOLLOWING = (Verdict.REPEAT, Verdict.UPDATE, Verdict.RISE)
KEY_KEPT = 86_400_000  # ms; the table's own expiry may come days later


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of one event; `verdict` is a word of `Verdict`, or "replayed"."""

    notification: Notification
    verdict: str
    trace: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """An item with its decision, made upon `past`. `notification` is what it becomes,
    or the one that it counts on."""

    item: Item
    past: Past
    decision: Decision
    notification: Notification

    @property
    def writes(self) -> bool:
        """Whether it becomes a notification of its own."""
        return self.decision.verdict not in FOLLOWING

    @property
    def counts(self) -> bool:
        """Whether it is seen once more, whatever it says; progress is not."""
        verdict = self.decision.verdict
        news = verdict in FOLLOWING and self.item.event.progress is None
        return news or verdict is Verdict.REPEAT

    @property
    def accepted(self) -> Accepted:
        """What its sender is told."""
        decision = self.decision
        return Accepted(self.notification, decision.verdict, decision.trace)

    @property
    def commit(self) -> Commit:
        """All that it writes."""
        decision = self.decision
        return Commit(
            self.notification,
            recalled=self.past.memory,
            remembered=decision.memory,
            closes=decision.verdict is Verdict.RESOLVE,
            missed=self.missed,
        )

    @property
    def missed(self) -> tuple[Missed, ...]:
        """What it adds to the counts of others."""
        count = len(self.item.indexes)
        told = self.decision.missed.items()
        return tuple(Missed(name, places, count) for name, places in told)


@dataclass(frozen=True, slots=True)
class Intake:
    """One request's way in. A round is judged together and written in as few
    transactions as can hold it; two items of one fingerprint never share a round, so
    that the second is judged by what the first left behind."""

    sender: str
    rules: Rules
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
            batch, rest = next_round(rest)
            self._settle(batch, key, receipt, results)
        return results

    def _settle(
        self,
        batch: Sequence[Item],
        key: str,
        receipt: Receipt,
        results: dict[str, Accepted],
    ) -> None:
        """Judge and write one round, again and again while others are faster."""
        for tries in range(TRIES):
            rest = [item for item in batch if item.id not in results]
            if not rest:
                return
            hopeful = tries == 0 and len(rest) == 1 and rest[0].may_be_first
            # Most notices are the first of their window: to write that first, and to
            # read only where it was not so, saves most of them a call.
            pasts = {} if hopeful else self.pasts(rest)
            rest = [item for item in rest if not self._came(item, pasts, results)]
            judged = [self.judge(item, pasts.get(item.memory_key)) for item in rest]
            try:
                self._commit(judged, key, receipt, results)
                self._count(judged, key, receipt, results)
            except Stale:
                self._find(batch, results)
                if key and not _kept(results) and self._is_taken(key, receipt):
                    raise
        if any(item.id not in results for item in batch):
            raise Unavailable("the same thing is being reported by others right now")

    def _find(self, batch: Sequence[Item], results: dict[str, Accepted]) -> None:
        """What another delivery of the same request has stored in the meantime. Without
        a key there is none, and a row of that id is of someone who was faster."""
        lacking = [item for item in batch if item.key and item.id not in results]
        found = self.ledger.load([item.id for item in lacking]) if lacking else {}
        for name, notification in found.items():
            if notification.is_of(name):
                again = Accepted(notification, "replayed", notification.trace)
                results[name] = again
        results |= self.counted([item for item in lacking if item.id not in results])

    def counted(self, items: Iterable[Item]) -> dict[str, Accepted]:
        """Those that another delivery of the same request has counted on something."""
        marks = {item.mark: item.id for item in items if item.mark}
        since = self.now - KEY_KEPT
        known = self.ledger.counted(marks, since) if marks else {}
        rows = self.ledger.load(known.values()) if known else {}
        results = {}
        for mark, name in known.items():
            if name in rows:
                told = Step("fingerprint", f"counted on {name} already")
                results[marks[mark]] = Accepted(rows[name], Verdict.REPEAT, (told,))
                self._promise(rows[name], 0)  # The first try may have died before that.
        return results

    def _came(
        self, item: Item, pasts: Mapping[str, Past], results: dict[str, Accepted]
    ) -> bool:
        """Whether a first try of it was taken in under the id of another, or is among
        those counted last on what is open, or was before: it is answered as that."""
        past = pasts.get(item.memory_key) if item.key else None
        for row in past.rows.values() if past else ():
            if row.by == item.id:
                results[item.id] = Accepted(row, "replayed", row.trace)
                return True
            if row.has_counted(item.key, self.now):
                told = Step("fingerprint", f"counted on {row.id} already")
                results[item.id] = Accepted(row, Verdict.REPEAT, (told,))
                self._promise(row, 0)  # The first try may have died before that.
                return True
        return False

    def _commit(
        self,
        judged: Iterable[Judged],
        key: str,
        receipt: Receipt,
        results: dict[str, Accepted],
    ) -> None:
        new = [each for each in judged if each.writes]
        commits = [each.commit for each in new]
        if commits and key and not _kept(results):
            first, row = new[0].item, new[0].notification
            if first.mark == key and row.by:
                receipt = replace(receipt, on=row.id)
            commits[0] = replace(commits[0], key=key, receipt=receipt)
        if len(commits) == 1:
            written = self._write_in_steps(commits[0])
            results[new[0].item.id] = replace(new[0].accepted, notification=written)
            return
        done = 0
        while done < len(commits):
            count = self.ledger.commit(commits[done:])
            for each in new[done : done + count]:
                results[each.item.id] = each.accepted
            done += count

    def _write_in_steps(self, commit: Commit) -> Notification:
        """One by one, at half the price of a transaction; what it has become. A process
        that dies between two steps has told its sender nothing; whoever comes next
        finds the step that was made, and goes on from it."""
        row, after = commit.notification, commit.remembered
        if after is not None and not row.resolves:
            self.ledger.remember(row.memory_key, commit.recalled, after)
        self.ledger.commit([replace(commit, remembered=None, closes=False)])
        if commit.closes:
            row = close(row, ledger=self.ledger, now=self.now)
        if row.resolves and after is not None:
            with suppress(Stale):  # It is over whatever is remembered.
                self.ledger.remember(row.memory_key, commit.recalled, after)
        return row

    def _is_taken(self, key: str, receipt: Receipt) -> bool:
        """Whether another request with this very key is ahead of us."""
        found = self.ledger.receipt(key)
        return found is not None and found.at > receipt.at - KEY_KEPT

    def _count(
        self,
        judged: Iterable[Judged],
        key: str,
        receipt: Receipt,
        results: dict[str, Accepted],
    ) -> None:
        for each in judged:
            if each.decision.verdict not in FOLLOWING:
                continue
            seen = each.notification
            if each.decision.verdict is not Verdict.REPEAT:
                seen, closes = self.followed(each)
                self.ledger.amend(each.notification, seen, closes=closes)
            if each.counts:
                self._promise(seen, len(each.item.indexes))
                first = key if not _kept(results) else ""
                seen = self.ledger.repeat(self._repeat(each, first, receipt))
                self._promise(seen, 0)  # Its message may have been posted meanwhile.
            results[each.item.id] = replace(each.accepted, notification=seen)

    def _promise(self, row: Notification, count: int) -> None:
        """What is about to be counted shows on the card, whoever dies over it. Notices
        tell their count when their window ends; what flaps, when it is calm."""
        counted = replace(row, occurrences=row.occurrences + count)
        shows = row.state != "notice" and row.flapping is None
        if shows and promised(counted, self.now) is not counted:
            with suppress(Stale):  # Another repeat has asked for the same.
                self.ledger.nudge(row, self.now + PAUSE)

    def _repeat(self, judged: Judged, key: str, receipt: Receipt) -> Repeat:
        """With what a second try will ask for, if the request has a key."""
        item, name = judged.item, judged.notification.id
        receipts = {key: receipt} if key else {}
        if item.mark:
            receipts[item.mark] = replace(receipt, on=name)
        return Repeat(
            name,
            self.now,
            count=len(item.indexes),
            key=brief_of(item.key) if item.key else "",
            forgets=judged.notification.crowded_out if item.key else (),
            swallowed=judged.decision.swallows,
            missed=judged.missed,
            receipts=tuple(receipts.items()),
        )

    def followed(self, judged: Judged) -> tuple[Notification, bool]:
        """(what is open as it is after one more event, whether that ends it)."""
        old, after = judged.notification, judged.decision.memory
        new = replace(
            old,
            event=judged.item.event,
            version=old.version + 1,
            revision=old.revision + 1,
            state=old.state if after is None else "notice",
            peak=old.worst if old.state == "firing" else None,
            last_at=self.now,
        )
        if judged.item.key and not judged.counts:
            new = new.having_counted(judged.item.key, self.now)
        if judged.decision.verdict is not Verdict.RISE:
            if after is not None and self._is_silent(new.event):
                new = replace(new, plan=_heard_no_more(new))
            return promised(new, self.now), after is not None
        # Who is to know is told by the same clockwork as if that had been planned: at
        # once, unless a silence holds.
        planned = Planned(self.now, Plan.WORSEN)
        ticked = tick(
            replace(new, version=old.version, plan=(*old.plan, planned)),
            rules=self.rules,
            timing=self.timing,
            now=self.now,
        )
        return watched(ticked.notification, self.now, self.timing), ticked.closes

    def _is_silent(self, event: Event) -> bool:
        silences = self.rules.silences
        return silence_of(event, self.sender, silences, self.now) is not None

    def pasts(self, items: Iterable[Item]) -> dict[str, Past]:
        """What is known under these items' fingerprints."""
        asked = dict.fromkeys(item.memory_key for item in items)
        memories = self.ledger.memories(asked)
        # What ends something is no repeat: it has a row of its own, or changes nothing.
        again = {i.memory_key for i in items if i.key and i.event.state != "resolved"}
        holders = []
        for memory_key, memory in memories.items():
            before = memory.last if memory_key in again else ""
            holders += [each for each in (memory.holder, before) if each]
            running = (
                each for each in memory.windows.values() if each.until > self.now
            )
            holders += [each.holder for each in running]
        found = self.ledger.load(holders) if holders else {}
        return {
            memory_key: _past(memory, found) for memory_key, memory in memories.items()
        }

    def judge(self, item: Item, past: Past | None) -> Judged:
        """Decide on one item, and draw the notification it would become."""
        past = past or Past()
        name = item.id
        if name in past.rows and not past.rows[name].is_of(name):
            name = second_id(name)  # While it slept, another took the place it had.
        decision = decide(
            item.event,
            name,
            sender=self.sender,
            rules=self.rules,
            past=past,
            now=self.now,
        )
        counted = past.rows.get(decision.counts_on) or past.holder
        if decision.verdict in FOLLOWING and counted:
            return Judged(item, past, decision, counted)
        drawn = self._drawn(item, decision.place or name, decision, past)
        return Judged(item, past, decision, drawn)

    def _drawn(
        self, item: Item, name: str, decision: Decision, past: Past
    ) -> Notification:
        resolving = past.holder if decision.verdict is Verdict.RESOLVE else None
        drawn = Notification(
            id=name,
            event=item.event,
            fingerprint=item.fingerprint,
            state=_state(item.event, decision),
            sender=self.sender,
            accepted_at=time_of(name),
            last_at=self.now,
            occurrences=len(item.indexes),
            deliveries=self._watched(name, decision.deliveries),
            trace=decision.trace,
            suppressed=decision.why_kept,
            resolves=resolving.id if resolving else "",
            opened_at=resolving.accepted_at if resolving else None,
            resolved_at=self.now if resolving else None,
            flapping=0 if decision.flaps else None,
            plan=decision.plan,
            by="" if name == item.id else item.id,
            refresh_at=self._looked_at(name, decision),
        )
        timer = first_due(drawn)
        return drawn if timer is None else replace(drawn, timer_at=timer)

    def _watched(
        self, notification_id: str, deliveries: Mapping[str, Delivery]
    ) -> Mapping[str, Delivery]:
        """With a due time where the id is late."""
        if not self._is_late(notification_id):
            return deliveries
        due = self.now + self.timing.heal
        return {
            name: each
            if each.settled or each.due_at is not None
            else replace(each, due_at=due)
            for name, each in deliveries.items()
        }

    def _looked_at(self, notification_id: str, decision: Decision) -> int | None:
        """When the sweep comes upon an end that is late and told nowhere: whoever dies
        over it has not closed its problem."""
        untold = decision.verdict is Verdict.RESOLVE and not decision.deliveries
        if not untold or not self._is_late(notification_id):
            return None
        return self.now + self.timing.heal

    def _is_late(self, notification_id: str) -> bool:
        """Whether it is older than what the sweep's audit may have read already."""
        return self.now - time_of(notification_id) > self.timing.grace // 3


def _heard_no_more(done: Notification) -> tuple[Planned, ...]:
    """Work that ends in a silence is not told when that is over."""
    return tuple(each for each in done.plan if each.what is not Plan.UNSILENCE)


def _past(memory: Memory, found: Mapping[str, Notification]) -> Past:
    return Past(memory, found.get(memory.holder), found)


def _state(event: Event, decision: Decision) -> str:
    if event.is_problem:
        return event.state or ""
    return "running" if decision.verdict is Verdict.OPEN else "notice"


def _kept(results: dict[str, Accepted]) -> bool:
    """Whether anything was committed or counted, and with it the idempotency key."""
    return any(
        each.verdict is not Verdict.UPDATE or each.notification.event.progress is None
        for each in results.values()
    )
