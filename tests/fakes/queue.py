"""SQS FIFO as we lean on it: group lock, deduplication, visibility, DLQ, redrive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tocsin.aws.queue import dedup_of, group_of
from tocsin.ports import Clock, Parcel, Record

DEDUP_MS = 300_000
VISIBILITY_MS = 180_000
MAX_RECEIVES = 10


@dataclass
class Stored:
    """A message in the queue."""

    id: str
    parcel: Parcel
    sent_at: int
    receives: int = 0
    visible_at: int = 0
    receipt: str = ""


@dataclass
class FakeQueue:
    """`ports.Outbox` and `ports.Inflight`, and the hands of Lambda and operators."""

    clock: Clock
    messages: list[Stored] = field(default_factory=list)
    dlq: list[Stored] = field(default_factory=list)
    sent: list[Parcel] = field(default_factory=list)
    _seen: dict[str, int] = field(default_factory=dict)
    _count: int = 0

    def send(self, parcels: Sequence[Parcel]) -> None:
        for parcel in parcels:
            self.sent.append(parcel)
            now, name = self.clock.now(), dedup_of(parcel)
            if now - self._seen.get(name, -DEDUP_MS) < DEDUP_MS:
                continue
            self._seen[name] = now
            stamped = now + 1  # SQS's own clock, a moment after ours
            self.messages.append(Stored(self._new_id(), parcel, stamped))

    def _new_id(self) -> str:
        self._count += 1
        return f"message-{self._count}"

    def receive(self, most: int = 10) -> list[Record]:
        """What one Lambda invocation gets; the overworked go to the DLQ first."""
        now = self.clock.now()
        for message in list(self.messages):
            if message.receives >= MAX_RECEIVES and message.visible_at <= now:
                self.messages.remove(message)
                self.dlq.append(message)
        locked = {
            group_of(message.parcel)
            for message in self.messages
            if message.visible_at > now
        }
        taken = [
            message
            for message in self.messages
            if group_of(message.parcel) not in locked
        ][:most]
        for message in taken:
            message.receives += 1
            message.visible_at = now + VISIBILITY_MS
            message.receipt = self._new_id()
        return [
            Record(
                message.id, message.receipt, message.sent_at, message.receives,
                message.parcel,
            )
            for message in taken
        ]  # fmt: skip

    def delete(self, records: Sequence[Record]) -> None:
        gone = {record.message_id for record in records}
        self.messages = [each for each in self.messages if each.id not in gone]

    def hide(self, records: Sequence[Record], seconds: int) -> None:
        hidden = {record.message_id for record in records}
        for message in self.messages:
            if message.id in hidden:
                message.visible_at = self.clock.now() + seconds * 1000

    def redrive(self) -> int:
        """The console's redrive: back to the source under new ids, counted afresh."""
        moved, self.dlq = self.dlq, []
        for message in moved:
            again = Stored(self._new_id(), message.parcel, self.clock.now())
            self.messages.append(again)
        return len(moved)


class FakeDeadLetters:
    """The DLQ of a fake queue, behind the port."""

    def __init__(self, queue: FakeQueue) -> None:
        self.queue = queue
        self.hidden: set[str] = set()

    def receive(self) -> list[Record]:
        seen = [each for each in self.queue.dlq if each.id not in self.hidden][:10]
        self.hidden |= {each.id for each in seen}
        return [Record(each.id, "r", each.sent_at, 1, each.parcel) for each in seen]

    def delete(self, records: Sequence[Record]) -> None:
        gone = {record.message_id for record in records}
        self.queue.dlq = [each for each in self.queue.dlq if each.id not in gone]

    def hide(self, records: Sequence[Record], seconds: int) -> None:
        self.hidden -= {record.message_id for record in records}
