"""Memories: what is kept of a fingerprint between two events that share it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from tocsin.notification import Notification
from tocsin.values import dataclass

REMEMBERED = 86_400_000  # ms for which the last change is kept, for order and flapping


@dataclass(frozen=True, slots=True)
class Window:
    """A time in which a route tells only so many notices of a fingerprint.

    since, until  when it runs, whatever becomes of the routing file meanwhile
    limit         how many may be told in it, likewise
    told          how many were
    holder        id of the last of these: what is held back is counted on that
    """

    since: int
    until: int
    limit: int
    told: int
    holder: str


@dataclass(frozen=True, slots=True)
class Memory:
    """One row under a fingerprint. Times are ms since the epoch; 0 = never.

    rev        raised by every change; conditional writes compare it
    holder     id of the notification that further events count on, "" = none. It is
               written before that notification is, so the row may name one that does
               not exist yet: whoever comes upon that writes it
    since      when `holder` took over: a problem opened, a notice's window began
    until      when the last window ends; 0 = none runs, since something is open
    told       how many notices were told in the window that `holder` is in
    changes    when the problem opened or closed lately, oldest first
    changed_at the sender's own time of the last of these
    last       id of the problem that was open before, "" = none lately
    expires_at when the row may be forgotten, 0 = not by itself
    windows    each route's own, by its name. Rows of a version before this one have
               none: the window that they tell of is every route's
    """

    rev: int = 1
    holder: str = ""
    since: int = 0
    until: int = 0
    told: int = 0
    changes: tuple[int, ...] = ()
    changed_at: int = 0
    expires_at: int = 0
    last: str = ""
    windows: Mapping[str, Window] = field(default_factory=dict)


def having_ended(problem: Notification) -> Memory:
    """People or time have ended it, and no event of its own: only which it was is kept
    for a day. Whether it flaps, and what came in which order, begins anew."""
    at = problem.resolved_at or problem.last_at
    # More than it ever was, be that counted up from one or from an earlier end.
    rev = at * 1000
    return Memory(rev, since=at, last=problem.id, expires_at=at + REMEMBERED)
