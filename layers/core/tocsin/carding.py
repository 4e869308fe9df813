"""Carding: messages that stand are edited in place to show what is known now.

A message may hold several notifications; it is edited whole. The delivery of the first
of them is the lock: it is claimed before the rows are read and the edit is made, so no
edit can show an older state than one before it, whatever other senders do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

from tocsin.delivery import Delivery, Timing
from tocsin.errors import Stale
from tocsin.message import Message
from tocsin.notification import Notification, delivery_in
from tocsin.ports import Clock, Editor, Kind, Ledger, Move, Outcome, Target

LEASE = 20_000  # ms; a call ends in 5 s whatever happens
PAUSE = 10_000  # ms between two edits of one card
Draw = Callable[[Notification, Delivery], Message]
Edit = tuple[Outcome, int]
"""What a call came to, and how many ms it took."""
Call = Callable[[Callable[[], Outcome]], Edit]


class Shown(StrEnum):
    """What became of the wish to show the latest."""

    DONE = "done"  # the card shows it, or there is nothing to show it on
    LATER = "later"  # the sweep asks again
    BUSY = "busy"  # another sender is editing it right now
    POST = "post"  # there is no card any more: a new message must say it


@dataclass(frozen=True, slots=True)
class Card:
    """One posted message: the notifications that it holds, as they are now."""

    rows: tuple[Notification, ...]
    destination: str

    @property
    def lead(self) -> tuple[Notification, Delivery]:
        """The first, whose delivery is the lock of the whole message."""
        return self.rows[0], self.rows[0].deliveries[self.destination]


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

    def stands(self, notification_id: str) -> bool:
        """Whether it has a card here that can be edited."""
        found = self.ledger.load([notification_id])
        delivery = delivery_in(found, notification_id, self.destination)
        return bool(
            self.editor and delivery and delivery.is_card and delivery.message_id
        )

    def refresh(
        self, notification_id: str, call: Call, *, anew: bool = True
    ) -> tuple[Shown, Edit | None]:
        """Show what is known of it now, by an edit made through `call`. `anew`: where
        there is nothing to edit, make its delivery ready to be posted again."""
        found = self.ledger.load([notification_id])
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
            self._put_off(row, delivery, rest, "edited a moment ago")
            return Shown.LATER, None
        return self._edit(row, delivery, call, anew)

    def _without_editing(
        self, row: Notification, delivery: Delivery, anew: bool
    ) -> Shown:
        """A follow-up says that it is over; less than that is not worth a message."""
        now = self.clock.now()
        if anew and row.is_over and not row.resolved_by:
            why = "its end is told in a new message"
            again = delivery.posted_anew(now, why, self.timing)
            return Shown.POST if self._swap(row, delivery, again) else Shown.BUSY
        self._swap(row, delivery, delivery.edited(now, row.edition))
        return Shown.DONE

    def _edit(
        self, row: Notification, delivery: Delivery, call: Call, anew: bool
    ) -> tuple[Shown, Edit | None]:
        card = self._locked(delivery.together or (row.id,))
        if card is None:
            return Shown.BUSY, None
        messages = [
            self.draw(each, each.deliveries[self.destination]) for each in card.rows
        ]
        edit = call(lambda: self._called(messages, delivery))
        return self._concluded(card, row.id, edit[0], anew), edit

    def _called(self, messages: Sequence[Message], delivery: Delivery) -> Outcome:
        if self.editor is None:
            raise AssertionError("a card is edited only where an editor is")
        place = delivery.place or ""
        return self.editor.edit(messages, self.target, delivery.message_id or "", place)

    def _locked(self, ids: Sequence[str]) -> Card | None:
        """The card with its lock taken, read after that; None = another has it."""
        lead = self._read(ids)
        if lead is None:
            return None
        row, delivery = lead.lead
        now = self.clock.now()
        if (delivery.lease_until or 0) > now:
            return None
        if not self._swap(row, delivery, delivery.editing(now, LEASE)):
            return None
        return self._read(ids)

    def _read(self, ids: Sequence[str]) -> Card | None:
        """Those of its notifications that still exist and still stand there."""
        found = self.ledger.load(ids)
        rows = tuple(
            found[each]
            for each in ids
            if each in found and self.destination in found[each].deliveries
        )
        return Card(rows, self.destination) if rows else None

    def _concluded(self, card: Card, asked: str, outcome: Outcome, anew: bool) -> Shown:
        row, lock = card.lead
        now, why = self.clock.now(), outcome.reason
        if outcome.kind is Kind.OK:
            for each in card.rows:
                own = each.deliveries[self.destination]
                self._swap(each, own, own.edited(now, each.edition))
            return Shown.DONE
        if outcome.kind is Kind.MISSING:
            for each in card.rows:
                own = each.deliveries[self.destination]
                if anew and each.id == asked:
                    told = "its message is gone: posted anew"
                    after = own.posted_anew(now, told, self.timing)
                else:
                    after = own.lost_card(now, why)
                self._swap(each, own, after)
            return Shown.POST
        if outcome.kind in (Kind.PERMANENT, Kind.GONE):
            # It would be refused again: what it shows is left as it is.
            self._swap(row, lock, lock.edited(now, row.edition))
            return Shown.DONE if anew else Shown.POST
        wait = max(outcome.wait_ms, self.timing.retries[0])
        self._swap(row, lock, lock.edit_later(now, now + wait, why))
        if row.id != asked:
            other = next(each for each in card.rows if each.id == asked)
            self._put_off(other, other.deliveries[self.destination], wait, why)
        return Shown.LATER

    def _put_off(
        self, row: Notification, delivery: Delivery, wait: int, why: str
    ) -> None:
        now = self.clock.now()
        self._swap(row, delivery, delivery.edit_later(now, now + wait, why))

    def _swap(self, row: Notification, old: Delivery, new: Delivery) -> bool:
        with suppress(Stale):
            self.ledger.move([Move(row.id, old, new)])
            return True
        return False
