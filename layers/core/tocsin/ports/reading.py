"""The record as it is read by time: by the sweep, and by people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from tocsin.values import dataclass

if TYPE_CHECKING:
    from tocsin.notification import Notification

TIMER = "!"  # no destination can have this name


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery that the sweep must look at; `TIMER` in the place of a destination
    stands for the notification itself."""

    notification_id: str
    destination: str
    due_at: int


@dataclass(frozen=True, slots=True)
class Dead:
    """A dead letter, as listed."""

    notification_id: str
    destination: str
    dead_at: int


class Calendar(Protocol):
    """The watching side of the record, read by the sweep. No index, no scan."""

    def due(
        self, shard: int, before: int, limit: int, after: Due | None = None
    ) -> list[Due]:
        """What is due, oldest first, behind the entry `after`."""

    def forget(self, due: Due) -> None:
        """Drop an entry that its delivery no longer claims."""

    def accepted(
        self, shard: int, after: str, before: int, limit: int
    ) -> list[Notification]:
        """Notifications of one shard in order of id: later than id `after`,
        accepted before `before` (ms). Crosses days by itself."""

    def mark(self, shard: int) -> str:
        """The id up to which the audit has come, "" at the very start."""

    def set_mark(self, shard: int, old: str, new: str) -> None:
        """Advance it. Raises `Stale` if another sweep did."""


class Archive(Protocol):
    """The reading side of the record, for people."""

    def recent(
        self, *, since: int, until: int, limit: int, cursor: str
    ) -> tuple[list[Notification], str]:
        """Newest first; (page, next cursor or "")."""

    def dead(self, *, limit: int, cursor: str) -> tuple[list[Dead], str]:
        """Dead letters, oldest first; (page, next cursor or "")."""
