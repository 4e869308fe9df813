"""The ledger: the writing side of the record, and what is written there at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

from tocsin.values import dataclass

if TYPE_CHECKING:
    from tocsin.delivery import Delivery
    from tocsin.memory import Memory
    from tocsin.notification import Notification


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an idempotency key was used for: the body's digest, when (ms), and on which
    notification that was counted, "" = it became one of its own."""

    digest: str
    at: int
    on: str = ""


@dataclass(frozen=True, slots=True)
class Missed:
    """So many more like this notification were held back at these destinations, and
    are notifications of their own or counted on others."""

    notification_id: str
    destinations: tuple[str, ...]
    count: int = 1


@dataclass(frozen=True, slots=True)
class Commit:
    """All that one accepted event writes, in one transaction.

    recalled    what was remembered of its fingerprint when it was judged
    remembered  what is to be remembered instead, None = leave it
    closes      `notification.resolves` is over by this
    key         idempotency key, remembered for a day with `receipt`
    missed      notifications that count this one too, for who did not get it
    """

    notification: Notification
    recalled: Memory | None = None
    remembered: Memory | None = None
    closes: bool = False
    key: str = ""
    receipt: Receipt | None = None
    missed: tuple[Missed, ...] = ()

    @property
    def writes(self) -> int:
        """How many of a transaction's writes it takes."""
        notification = self.notification
        dues = sum(
            delivery.due_at is not None for delivery in notification.deliveries.values()
        )
        timer = notification.timer_at is not None
        others = (self.remembered is not None) + self.closes + bool(self.key)
        return 1 + others + dues + timer + len(self.missed)


@dataclass(frozen=True, slots=True)
class Repeat:
    """`count` more occurrences of what was told already: a single write, and one for
    each other notification that counts them for some of its destinations (`missed`),
    and for each key that is to say what it was counted on (`receipts`).

    `key` is what the sender's key is briefly known by (`identity.brief_of`): as long as
    that is among the last counted there, and for a day, it counts once. `forgets` are
    those that it takes the room of.
    `swallowed` is the state that the event told of and that is not shown, since the
    problem flaps.
    """

    notification_id: str
    at: int
    count: int = 1
    key: str = ""
    swallowed: str = ""
    forgets: tuple[str, ...] = ()
    missed: tuple[Missed, ...] = ()
    receipts: tuple[tuple[str, Receipt], ...] = ()


@dataclass(frozen=True, slots=True)
class Move:
    """One delivery, swapped from `old` to `new` if it still is `old`."""

    notification_id: str
    old: Delivery
    new: Delivery


class Ledger(Protocol):
    """The writing side of the record: accept, move, act."""

    def memories(self, fingerprints: Iterable[str]) -> dict[str, Memory]:
        """What is remembered of these fingerprints, strongly consistent."""

    def remember(self, fingerprint: str, old: Memory | None, new: Memory) -> None:
        """Swap what is remembered if it still is `old`. Raises `Stale`."""

    def finish(self, problem_id: str, *, by: str, at: int) -> None:
        """The problem is over by the notification `by`. Raises `Stale` when it was over
        by another already."""

    def receipt(self, key: str) -> Receipt | None:
        """What this idempotency key was used for in the last 24 h."""

    def counted(self, keys: Iterable[str], since: int = 0) -> dict[str, str]:
        """The notifications on which events with these keys were counted after `since`
        (ms): what a key was used for is kept for longer than it holds."""

    def commit(self, commits: Sequence[Commit]) -> int:
        """Write as many of those in front as go together, all of them or none, and say
        how many: at least one, at most 100 `Commit.writes` and 4 MB. What is one write
        may be written again, which changes nothing. Raises `Stale` when an id, a memory
        or the key is another's meanwhile, or `Unavailable`."""

    def repeat(self, repeat: Repeat) -> Notification:
        """Count them; with a key, all that goes with it or nothing. Raises `Stale` if
        nothing counts on it any more, or they were counted under one of the keys."""

    def nudge(self, notification: Notification, at: int) -> None:
        """Its cards are to be edited at `at`. Raises `Stale` when someone else has
        changed it, or asked for that already."""

    def load(self, ids: Iterable[str]) -> dict[str, Notification]:
        """The notifications that exist among these, strongly consistent."""

    def move(self, moves: Sequence[Move]) -> None:
        """Swap all or none: at most 30, each of another notification. Raises `Stale`
        naming those that had changed."""

    def amend(self, old: Notification, new: Notification, *, closes: bool) -> None:
        """Write what people and timers changed (acknowledgement, end, audit trail,
        plan, timers, what was counted last, deliveries added or moved) if `old` still
        holds; occurrences are left as they are. `closes` also ends the problem: only
        which it was is remembered, for a day. Raises `Stale`."""
