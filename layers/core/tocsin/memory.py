"""Memories: what is kept of a fingerprint between two events that share it."""

from __future__ import annotations

from tocsin.values import dataclass


@dataclass(frozen=True, slots=True)
class Memory:
    """One row under a fingerprint. Times are ms since the epoch; 0 = never.

    rev        raised by every change; conditional writes compare it
    holder     id of the notification that further events count on, "" = none. It is
               written before that notification is, so the row may name one that does
               not exist yet: whoever comes upon that writes it
    since      when `holder` took over: a problem opened, a notice's window began
    until      when that window ends; 0 = it has no end, since something is open
    told       how many notices were told in it
    changes    when the problem opened or closed lately, oldest first
    changed_at the sender's own time of the last of these
    last       id of the problem that was open before, "" = none lately
    expires_at when the row may be forgotten, 0 = not by itself
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
