"""Showing: a lane's edits, of cards that are stale and of problems that are over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tocsin.calling import PAUSE_MS, Caller
from tocsin.carding import Cards, Change, Edit, Shown
from tocsin.delivery import Purpose, State, Timing
from tocsin.hand import PARK_MS, RECEIVES, Hand, Item
from tocsin.notification import Notification, delivery_in
from tocsin.ports import Kind, Record
from tocsin.values import dataclass

BUSY_MS = 5_000  # another sender is editing the card
_FAILING = (Kind.TRANSIENT, Kind.UNKNOWN)


@dataclass(slots=True)
class Showing:
    """Edits for one lane. `gone` and `failing` say why no more calls are made, or are
    "": what is not edited is asked for again."""

    cards: Cards
    hand: Hand
    caller: Caller
    timing: Timing
    gone: str = ""
    failing: str = ""
    limited: int = 0
    delivered: int = 0

    def refreshed(self, asked: Iterable[tuple[Record, str]]) -> list[Item]:
        """Edit what is stale; returns what must be posted instead."""
        posts: dict[str, Item] = {}
        seen: set[str] = set()
        for record, name in asked:
            if self.gone or name in seen:
                continue
            seen.add(name)
            hindrance = self._hindrance()
            if hindrance is not None:
                self._later(record, name, hindrance[0])
                continue
            shown, _ = self._edit(name)
            if shown is Shown.BUSY:
                self._later(record, name, BUSY_MS)
            elif shown is Shown.POST:
                posts |= self._posts(record, name)
        return list(posts.values())

    def ended(self, waiting: Sequence[Item]) -> list[Item]:
        """An end is shown on the card of its problem, where there is one to edit.
        Returns those that are to be posted."""
        rest: list[Item] = []
        for item in waiting:
            problem = self._carded(item)
            if problem is None:
                rest.append(item)
                continue
            hindrance = self._hindrance()
            if hindrance is not None:
                self.hand.put_off([item], *hindrance)
            elif item.answers is not None:
                # Both: the sweep asks again for an edit that was not made.
                self._edit(problem.id, anew=False, known=problem)
                rest.append(item)
            else:
                rest += self._end(item, problem)
        return rest

    def _carded(self, item: Item) -> Notification | None:
        """The problem that it ends, where that has a card to show it."""
        audits = item.delivery.purpose is Purpose.AUDIT
        name = item.notification.resolves
        return None if self.gone or audits or not name else self.cards.stands(name)

    def _hindrance(self) -> tuple[int, str] | None:
        if self.failing:
            return PAUSE_MS, self.failing
        return self.caller.hindrance()

    def _edit(
        self, name: str, *, anew: bool = True, known: Notification | None = None
    ) -> tuple[Shown, Edit | None]:
        shown, edit = self.cards.refresh(name, self.caller.call, anew=anew, known=known)
        if edit is not None:
            outcome, took = edit
            self.limited += outcome.kind is Kind.LIMITED
            if outcome.kind is Kind.GONE:
                self.gone = outcome.reason
            if outcome.kind in _FAILING:
                self.failing = outcome.reason
            self.caller.mind(outcome, took)
        return shown, edit

    def _posts(self, record: Record, name: str) -> dict[str, Item]:
        """What has been made ready to be posted."""
        found = self.cards.ledger.load([name])
        delivery = delivery_in(found, name, self.cards.destination)
        if delivery is None or delivery.state is not State.QUEUED:
            return {}
        return {name: Item(record, found[name], delivery)}

    def _later(self, record: Record, name: str, wait_ms: int) -> None:
        """Not in this run. A wish that waits long leaves the queue, or SQS would take
        it for a dead letter."""
        if wait_ms > PARK_MS or record.receives >= RECEIVES:
            self.cards.postpone(name, max(wait_ms, BUSY_MS))
        else:
            self.hand.keep(record, -(-wait_ms // 1000))

    def _end(self, item: Item, problem: Notification) -> list[Item]:
        """Its delivery is the edit; returns it when it must be posted after all. It
        needs no claim: an edit that is made twice shows once."""
        shown, edit = self._edit(problem.id, anew=False, known=problem)
        now = self.cards.clock.now()
        if shown is Shown.DONE:
            told = f"shown on the card of {problem.id}"
            self._record(item, lambda own: own.sent(now, told))
            self.delivered += 1
        elif shown is Shown.POST:
            why = "the card of its problem is gone"
            self._record(item, lambda own: own.released(now, why))
            return [item]
        elif edit is not None and edit[0].kind in _FAILING:
            why = edit[0].reason
            self._record(item, lambda own: own.failed(now, why, self.timing))
            self.hand.bounce_dead([item])
        else:
            wait = edit[0].wait_ms if edit is not None else BUSY_MS
            why = (
                edit[0].reason if edit is not None else "another sender edits the card"
            )
            self._record(item, lambda own: own.released(now, why))
            self.hand.put_off([item], max(wait, BUSY_MS), why)
        return []

    def _record(self, item: Item, change: Change) -> None:
        self.hand.record([item], lambda each: change(each.delivery))
