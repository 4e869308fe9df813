"""Clearing the dead-letter queue of what is dead no longer, after a replay of ours.

Our replay works on the ledger, so the message in the DLQ stays behind. Redriving it
later would do nothing; but while it lies there, the alarm on the DLQ's depth rings.
"""

from __future__ import annotations

from tocsin.delivery import State
from tocsin.errors import Unavailable
from tocsin.notification import Notification, delivery_in
from tocsin.ports import DeadLetterQueue, Ledger, Record

ROUNDS = 30


def clear(*, queue: DeadLetterQueue, ledger: Ledger) -> int:
    """Delete messages none of whose deliveries is dead; returns how many.

    Best effort and bounded: a FIFO group gives up nothing behind a message that must
    stay, so that some may remain until the last of their group is replayed.
    """
    cleared, kept = 0, list[Record]()
    try:
        for _ in range(ROUNDS):
            records = queue.receive()
            if not records:
                break
            found = ledger.load(
                name for record in records for name, _ in record.parcel.tickets
            )
            done = [record for record in records if not _holds_a_dead(record, found)]
            kept += [record for record in records if record not in done]
            if done:
                queue.delete(done)
            cleared += len(done)
        if kept:
            queue.hide(kept, 0)
    except Unavailable:
        return cleared  # They come back by the queue's own timeout.
    return cleared


def _holds_a_dead(record: Record, found: dict[str, Notification]) -> bool:
    deliveries = (
        delivery_in(found, name, record.parcel.destination)
        for name, _ in record.parcel.tickets
    )
    return any(
        delivery is not None and delivery.state is State.DEAD_LETTER
        for delivery in deliveries
    )
