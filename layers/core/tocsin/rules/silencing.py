"""Silencing: which silence keeps an event from people, and until when. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from tocsin.events import Event
from tocsin.rules.conditions import Subject
from tocsin.rules.criteria import Match
from tocsin.rules.days import ZoneName
from tocsin.rules.matching import holds
from tocsin.rules.policy import Hours
from tocsin.rules.times import quiet_until
from tocsin.values import dataclass

Kind = Literal["silence", "maintenance"]


class Recurring(Hours):
    """Hours that come again, on the clocks of `timezone` (none = the file's)."""

    timezone: ZoneName | None = None


@dataclass(frozen=True, slots=True)
class Silence:
    """Events like these are told to nobody for a while. Times in ms.

    A recurring one holds within its hours only, and may have no end.
    """

    id: str
    match: Match
    starts_at: int
    ends_at: int | None = None
    author: str = ""
    comment: str = ""
    kind: Kind = "silence"
    created_at: int = 0
    recurring: Recurring | None = None


def active(silence: Silence, at: int) -> int | None:
    """Until when it holds without a break; None = it does not hold at `at`."""
    if not _within(silence, at):
        return None
    if silence.recurring is None:
        return silence.ends_at
    until = quiet_until(silence.recurring, at, silence.recurring.timezone or "UTC")
    if until is None or silence.ends_at is None:
        return until
    return min(until, silence.ends_at)


def silence_of(
    event: Event, sender: str, silences: Iterable[Silence], now: int
) -> tuple[Silence, int] | None:
    """(the silence that holds the longest, until when); None = nobody asked for one."""
    found: tuple[Silence, int] | None = None
    subject = Subject(event, sender)
    for silence in silences:
        if holds(silence.match, subject):
            until = active(silence, now)
            if until is not None and (found is None or until > found[1]):
                found = silence, until
    return found


def over(silence: Silence, at: int) -> bool:
    """Whether it will never hold again."""
    return silence.ends_at is not None and silence.ends_at <= at


def _within(silence: Silence, at: int) -> bool:
    ends_at = silence.ends_at
    return silence.starts_at <= at and (ends_at is None or ends_at > at)
