"""The queue: parcels on their way to the sender, and back from where they died."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from tocsin.values import dataclass


@dataclass(frozen=True, slots=True)
class Parcel:
    """One queue message: deliveries (notification id, ticket) to one destination."""

    destination: str
    urgent: bool
    tickets: tuple[tuple[str, int], ...]


class Outbox(Protocol):
    """Where parcels are left for the sender."""

    def send(self, parcels: Sequence[Parcel]) -> None:
        """Queue them. Raises `Unavailable`."""


@dataclass(frozen=True, slots=True)
class Record:
    """A parcel as the sender receives it. `sent_at` is when it was queued, in ms."""

    message_id: str
    receipt: str
    sent_at: int
    receives: int
    parcel: Parcel


class Inflight(Protocol):
    """The received records: what the sender may do to them."""

    def delete(self, records: Sequence[Record]) -> None:
        """Done with: leave the queue."""

    def hide(self, records: Sequence[Record], seconds: int) -> None:
        """Keep them (and with them their group) invisible for so long; 0 = at once."""


class DeadLetterQueue(Inflight, Protocol):
    """Where SQS keeps what bounced too often."""

    def receive(self) -> list[Record]:
        """A few messages, hidden from others for half a minute; empty = no more."""
