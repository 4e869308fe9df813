"""Searching: which notifications and dead letters a person asked for.

The ledger is read by time, a page at a time, and filtered here. A call reads a bounded
number of pages, so what it returns may be short; the cursor leads on.
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.notification import Notification
from tocsin.ports import Archive, Dead, Ledger
from tocsin.rules.config import Match
from tocsin.rules.matching import match
from tocsin.values import dataclass

ANYTHING = Match()
PAGES_PER_CALL = 6
DEAD_PER_CALL = 1_000
_DEAD_PER_PAGE = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for; empty = anything. Times in ms. `words`, in small letters, must
    all stand somewhere in what people read of it."""

    since: int
    until: int
    match: Match = ANYTHING
    statuses: frozenset[str] = frozenset()
    states: frozenset[str] = frozenset()
    destination: str = ""
    words: tuple[str, ...] = ()

    def fits(self, notification: Notification) -> bool:
        """Whether this is one of them."""
        if self.statuses and notification.status not in self.statuses:
            return False
        if self.states and notification.state not in self.states:
            return False
        if self.destination and self.destination not in notification.deliveries:
            return False
        if not match(self.match, notification.event, notification.sender)[0]:
            return False
        return not self.words or _has(notification, self.words)


def _has(notification: Notification, words: tuple[str, ...]) -> bool:
    event = notification.event
    parts = [
        *(event.title, event.message, event.type, event.source, event.branch),
        *(notification.id, notification.sender),
        *(notification.ack_by, notification.ack_note),
        *(f"{each.name} {each.value}" for each in event.fields),
    ]
    text = "\n".join(parts).casefold()
    return all(word in text for word in words)


def search(
    wanted: Wanted, *, limit: int, cursor: str, archive: Archive
) -> tuple[list[Notification], str]:
    """(at most `limit`, newest first; the cursor to go on with, "" at the end)."""
    found: list[Notification] = []
    for _ in range(PAGES_PER_CALL):
        page, cursor = archive.recent(
            since=wanted.since,
            until=wanted.until,
            limit=limit - len(found),
            cursor=cursor,
        )
        found += [each for each in page if wanted.fits(each)]
        # A nearly full page is a page: filling it up would mean reads of one or two.
        if not cursor or len(found) * 4 >= limit * 3:
            break
    return found, cursor


@dataclass(frozen=True, slots=True)
class WantedDead:
    """What is asked for among the dead; empty = anything. Times of death in ms."""

    since: int
    until: int
    match: Match = ANYTHING
    destination: str = ""
    open_only: bool = False

    def fits(self, dead: Dead, notification: Notification) -> bool:
        """Whether this is one of them."""
        if self.open_only and not notification.is_open:
            return False
        return self.named(dead) and self._matches(notification)

    def named(self, dead: Dead) -> bool:
        """What can be judged without the notification."""
        right_place = self.destination in ("", dead.destination)
        return right_place and self.since <= dead.dead_at < self.until

    def _matches(self, notification: Notification) -> bool:
        return match(self.match, notification.event, notification.sender)[0]


@dataclass(frozen=True, slots=True)
class FoundDead:
    """Those that fit, how many of them are of a problem that is still open, and the
    cursor to go on with, "" at the end."""

    letters: list[Dead]
    open: int
    following: str


def search_dead(
    wanted: WantedDead,
    *,
    archive: Archive,
    ledger: Ledger,
    most: int = DEAD_PER_CALL,
    cursor: str = "",
) -> FoundDead:
    """Look at the oldest `most` behind the cursor."""
    found: list[tuple[Dead, Notification]] = []
    for start in range(0, most, _DEAD_PER_PAGE):
        limit = min(_DEAD_PER_PAGE, most - start)
        page, cursor = archive.dead(limit=limit, cursor=cursor)
        found += _fitting(wanted, page, ledger)
        if not cursor:
            break
    still_open = sum(notification.is_open for _, notification in found)
    return FoundDead([dead for dead, _ in found], still_open, cursor)


def _fitting(
    wanted: WantedDead, page: list[Dead], ledger: Ledger
) -> Iterator[tuple[Dead, Notification]]:
    named = [dead for dead in page if wanted.named(dead)]
    notifications = ledger.load(dead.notification_id for dead in named)
    for dead in named:
        notification = notifications.get(dead.notification_id)
        if notification is not None and wanted.fits(dead, notification):
            yield dead, notification
