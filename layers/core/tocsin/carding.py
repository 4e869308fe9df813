"""Carding: messages that stand are edited in place to show what is known now.

A message may hold several notifications; it is edited whole. The delivery of the first
that still stands there is the lock: it is claimed before the rows are read and the edit
is made, so no edit can show an older state than one before it, whatever others do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from enum import StrEnum

from tocsin.delivery import PAUSE, Delivery, State, Timing
from tocsin.errors import Stale
from tocsin.message import Message
from tocsin.notification import Notification, delivery_in
from tocsin.ports import Clock, Editor, Kind, Ledger, Move, Outcome, Target
from tocsin.values import dataclass

LEASE = 20_000  # ms; a call ends in 5 s whatever happens
LATEST = 12_000  # ms of the lease after which no call may begin
TRIES = 5
Draw = Callable[[Notification, Delivery], Message]
Edit = tuple[Outcome, int]
"""What a call came to, and how many ms it took."""
Call = Callable[[Callable[[], Outcome]], Edit]
Change = Callable[[Delivery], Delivery]


class Shown(StrEnum):
    """What became of the wish to show the latest."""

    DONE = "done"  # the card shows it, or there is nothing to show it on
    LATER = "later"  # the sweep asks again
    BUSY = "busy"  # another sender is editing it right now
    POST = "post"  # there is no card any more: a new message must say it


@dataclass(frozen=True, slots=True)
class Card:
    """One posted message: the notifications that it holds, as they are now. Some may
    have been told again since: those are drawn, but stand in another message."""

    message_id: str
    rows: tuple[Notification, ...]
    destination: str

    def standing(self) -> Iterator[tuple[Notification, Delivery]]:
        """Those whose message it is; the first is the lock of all."""
        for row in self.rows:
            delivery = row.deliveries[self.destination]
            here = delivery.message_id == self.message_id
            if here and delivery.is_card:
                yield row, delivery


@dataclass(frozen=True, slots=True)
class Cards:
    """The cards of one destination."""

    destination: str
    editor: Editor | None
    target: Target
    ledger: Ledger
    clock: Clock
    timing: Timing
    draw: Draw

    def stands(self, notification_id: str) -> Notification | None:
        """The notification, where it has a card here that can be edited."""
        found = self.ledger.load([notification_id])
        delivery = delivery_in(found, notification_id, self.destination)
        editable = self.editor and delivery and delivery.is_card and delivery.message_id
        return found[notification_id] if editable else None

    def refresh(
        self,
        notification_id: str,
        call: Call,
        *,
        anew: bool = True,
        known: Notification | None = None,
    ) -> tuple[Shown, Edit | None]:
        """Show what is known of it now, by an edit made through `call`. `anew`: where
        there is nothing to edit, make its delivery ready to be posted again. `known`
        is what has just been read of it: what is drawn is read under the lock."""
        found = (
            {notification_id: known} if known else self.ledger.load([notification_id])
        )
        delivery = delivery_in(found, notification_id, self.destination)
        if delivery is None or not delivery.is_card:
            return Shown.DONE, None
        row = found[notification_id]
        if delivery.shown >= row.edition:
            return Shown.DONE, None
        if self.editor is None or not delivery.message_id:
            return self._without_editing(row, delivery, anew), None
        rest = delivery.edited_at + PAUSE - self.clock.now()
        if rest > 0 and not row.is_over:
            self._put_off(row, delivery, rest)
            return Shown.LATER, None
        return self._edit(row, delivery, call, anew)

    def postpone(self, notification_id: str, wait: int) -> None:
        """No call may be made for so long (ms): the sweep asks again after that."""
        found = self.ledger.load([notification_id])
        delivery = delivery_in(found, notification_id, self.destination)
        if delivery is not None and delivery.is_card:
            self._put_off(found[notification_id], delivery, wait)

    def _delivery(self, notification_id: str) -> Delivery | None:
        found = self.ledger.load([notification_id])
        return delivery_in(found, notification_id, self.destination)

    def _without_editing(
        self, row: Notification, delivery: Delivery, anew: bool
    ) -> Shown:
        """A follow-up says that it is over; less than that is not worth a message."""
        now = self.clock.now()
        dead = delivery.state is State.DEAD_LETTER
        if anew and row.is_over and not row.resolved_by and not dead:
            why = "its end is told in a new message"
            again = delivery.posted_anew(now, why, self.timing)
            return Shown.POST if self._swap(row, delivery, again) else Shown.BUSY
        self._swap(row, delivery, delivery.edited(now, row.edition))
        return Shown.DONE

    def _edit(
        self, row: Notification, delivery: Delivery, call: Call, anew: bool
    ) -> tuple[Shown, Edit | None]:
        began = self.clock.now()
        card = self._locked(row, delivery)
        if card is None:
            return Shown.BUSY, None
        place = delivery.place or ""
        edit = call(lambda: self._called(card, place, began + LATEST))
        return self._concluded(card, row.id, edit[0], anew), edit

    def _called(self, card: Card, place: str, latest: int) -> Outcome:
        """After `latest` another sender may be about to take the lock."""
        if self.clock.now() > latest:
            return Outcome(Kind.TRANSIENT, "the sender was too slow to edit the card")
        if self.editor is None:
            raise AssertionError("a card is edited only where an editor is")
        here = self.destination
        messages = [self.draw(row, row.deliveries[here]) for row in card.rows]
        return self.editor.edit(messages, self.target, card.message_id, place)

    def _locked(self, asked: Notification, shown: Delivery) -> Card | None:
        """The card with its lock taken, read after that; None = another has it."""
        ids, message_id = shown.together or (asked.id,), shown.message_id or ""
        alone = ids == (asked.id,)
        before = Card(message_id, (asked,), self.destination)
        seen = before if alone else self._read(ids, message_id)
        lock = next(seen.standing(), None)
        if lock is None:
            return None
        row, delivery = lock
        now = self.clock.now()
        if (delivery.lease_until or 0) > now:
            return None
        if not self._swap(row, delivery, delivery.editing(now, LEASE)):
            return None
        card = self._read(ids, message_id)
        held = next(card.standing(), None)
        return card if held is not None and held[0].id == row.id else None

    def _read(self, ids: Sequence[str], message_id: str) -> Card:
        """Those of its notifications that still exist."""
        found = self.ledger.load(ids)
        here = self.destination
        rows = [found[each] for each in ids if each in found]
        kept = tuple(row for row in rows if here in row.deliveries)
        return Card(message_id, kept, here)

    def _concluded(self, card: Card, asked: str, outcome: Outcome, anew: bool) -> Shown:
        if outcome.kind is Kind.OK:
            self._note_all(card)
            return Shown.DONE
        if outcome.kind is Kind.MISSING:
            return self._missing(card, asked, outcome.reason, anew)
        if outcome.kind in (Kind.PERMANENT, Kind.GONE):
            # It would be refused again: what it shows is left as it is.
            self._note_all(card)
            return Shown.DONE if anew else Shown.POST
        self._note_failure(card, asked, outcome)
        return Shown.LATER

    def _note_all(self, card: Card) -> None:
        now = self.clock.now()
        for row, delivery in card.standing():
            self._note(row.id, delivery, _edited(now, row.edition))

    def _missing(self, card: Card, asked: str, why: str, anew: bool) -> Shown:
        """What nobody has been shown yet is posted anew; the rest is over. An end that
        has an event of its own is told by that."""
        now, shown = self.clock.now(), Shown.DONE if anew else Shown.POST
        for row, delivery in card.standing():
            dead = delivery.state is State.DEAD_LETTER
            news = delivery.shown < row.edition and not row.resolved_by
            if anew and news and not dead:
                change = _posted_anew(now, self.timing)
                posted = self._note(row.id, delivery, change)
                if row.id == asked:
                    shown = Shown.POST if posted else Shown.BUSY
            else:
                self._note(row.id, delivery, lambda own: own.lost_card(now, why))
        return shown

    def _note_failure(self, card: Card, asked: str, outcome: Outcome) -> None:
        """The lock is let go; it and the one that was asked for come again. A limit is
        no failure of theirs, whatever else counts: not without end."""
        now, counts = self.clock.now(), outcome.kind is not Kind.LIMITED
        for position, (row, delivery) in enumerate(card.standing()):
            if position == 0 or row.id == asked:
                waits = self.timing.retries
                tries = min(delivery.heals, len(waits) - 1) if counts else 0
                due = now + max(outcome.wait_ms, waits[tries])
                self._note(row.id, delivery, _edit_later(now, due, counts=counts))

    def _put_off(self, row: Notification, delivery: Delivery, wait: int) -> None:
        now = self.clock.now()
        self._swap(row, delivery, delivery.edit_later(now, now + wait, counts=False))

    def _note(self, notification_id: str, own: Delivery, change: Change) -> bool:
        """Write it on top of what others, who do not edit, have written meanwhile."""
        for _ in range(TRIES):
            with suppress(Stale):
                self.ledger.move([Move(notification_id, own, change(own))])
                return True
            now = self._delivery(notification_id)
            if now is None or _place_of(now) != _place_of(own):
                return False
            own = now
        return False

    def _swap(self, row: Notification, old: Delivery, new: Delivery) -> bool:
        with suppress(Stale):
            self.ledger.move([Move(row.id, old, new)])
            return True
        return False


def _place_of(delivery: Delivery) -> tuple[object, ...]:
    """What stays the same while it stands there, and whose lock it is under."""
    return delivery.state, delivery.message_id, delivery.lease_until


def _edited(now: int, edition: int) -> Change:
    return lambda own: own.edited(now, edition)


def _edit_later(now: int, due: int, *, counts: bool) -> Change:
    return lambda own: own.edit_later(now, due, counts=counts)


def _posted_anew(now: int, timing: Timing) -> Change:
    return lambda own: own.posted_anew(now, "its message is gone: posted anew", timing)
