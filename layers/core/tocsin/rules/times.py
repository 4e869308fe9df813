"""Times: when digests are due and quiet hours end, on the clock of a time zone.

All moments are ms since the epoch. An hour that the clocks skip happens at the moment
they jump; an hour that they show twice happens the first time.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from tocsin.rules.days import DAYS, minutes_of
from tocsin.rules.policy import Digest, Hours

_FARTHEST = 50 * 366  # days: 29 February on a given weekday can be 40 years away
_ADJOINING = 2 * len(DAYS)
_DAY = timedelta(days=1)


def quiet_until(quiet: Hours, at: int, zone: str) -> int | None:
    """When the hours that hold at `at` are over; None = none do.

    Hours that adjoin each other are one: quiet on whole Saturdays and Sundays ends on
    Monday.
    """
    until = _end(quiet, at, zone)
    for _ in range(_ADJOINING):
        later = None if until is None else _end(quiet, until, zone)
        if later is None:
            break
        until = later
    return until


def spans(hours: Hours, since: int, until: int, zone: str) -> list[tuple[int, int]]:
    """(begin, end) of each time that the hours hold between these moments, in order;
    those that adjoin each other are one."""
    begin, end = minutes_of(hours.from_), minutes_of(hours.to)
    found: list[tuple[int, int]] = []
    day = _day(since, zone) - _DAY
    while day <= _day(until, zone):
        if DAYS[day.weekday()] in hours.days:
            last = day if end > begin else day + _DAY
            span = _moment(day, begin, zone), _moment(last, end, zone)
            if found and span[0] <= found[-1][1]:
                span = found.pop()[0], span[1]
            found.append(span)
        day += _DAY
    return [
        (max(first, since), min(last, until))
        for first, last in found
        if first < until and last > since
    ]


def next_slot(digest: Digest, after: int, zone: str) -> int:
    """The first time of the digest that is later than `after`."""
    today = _day(after, zone)
    for days in range(-1, _FARTHEST):
        slots = _slots(digest, today + days * _DAY, zone)
        if slots and slots[-1] > after:
            return slots[bisect_right(slots, after)]
    raise ValueError("the digest has no time within fifty years")


def last_slot(digest: Digest, before: int, zone: str) -> int:
    """The last time of the digest that is earlier than `before`."""
    today = _day(before, zone)
    for days in range(-1, _FARTHEST):
        slots = _slots(digest, today - days * _DAY, zone)
        if slots and slots[0] < before:
            return slots[bisect_left(slots, before) - 1]
    raise ValueError("the digest had no time within fifty years")


def next_telling(digest: Digest, quiet: Hours | None, after: int, zone: str) -> int:
    """When what comes at `after` is told by a digest: one that is due in quiet hours
    waits for their end, and takes along whatever comes until then."""
    slot = next_slot(digest, after, zone)
    if quiet is None:
        return slot
    told = _after_quiet(quiet, last_slot(digest, after + 1, zone), zone)
    return told if told > after else _after_quiet(quiet, slot, zone)


def last_telling(digest: Digest, quiet: Hours | None, before: int, zone: str) -> int:
    """The last time earlier than `before` at which such a digest was told."""
    told = slot = last_slot(digest, before, zone)
    while quiet is not None:
        told = _after_quiet(quiet, slot, zone)
        if told < before:
            break
        slot = last_slot(digest, slot, zone)
    return told


def _after_quiet(quiet: Hours, slot: int, zone: str) -> int:
    return quiet_until(quiet, slot, zone) or slot


def _end(hours: Hours, at: int, zone: str) -> int | None:
    """The end of the latest hours that hold, of those begun today or yesterday."""
    today = _day(at, zone)
    begin, end = minutes_of(hours.from_), minutes_of(hours.to)
    found = None
    for back in (1, 0):
        day = today - back * _DAY
        if DAYS[day.weekday()] not in hours.days:
            continue
        last = day if end > begin else day + _DAY
        until = _moment(last, end, zone)
        if _moment(day, begin, zone) <= at < until:
            found = max(found or 0, until)
    return found


@lru_cache(maxsize=512)
def _slots(digest: Digest, day: date, zone: str) -> tuple[int, ...]:
    """The digest's times on that day, in order."""
    return tuple(_moment(day, minutes, zone) for minutes in _minutes(digest, day))


def _minutes(digest: Digest, day: date) -> Iterator[int]:
    cron = digest.schedule
    if cron is None:
        if DAYS[day.weekday()] in digest.every:
            for text in digest.at:
                yield minutes_of(text)
    elif cron.falls_on(day.month, day.day, day.weekday()):
        for hour in cron.hours:
            for minute in cron.minutes:
                yield hour * 60 + minute


def _day(at: int, zone: str) -> date:
    return datetime.fromtimestamp(at / 1000, ZoneInfo(zone)).date()


@lru_cache(maxsize=4096)
def _moment(day: date, minutes: int, zone: str) -> int:
    """The moment at which clocks show that many minutes of that day."""
    shown = datetime.combine(day, time()) + timedelta(minutes=minutes)
    there = ZoneInfo(zone)
    first = int(shown.replace(tzinfo=there).timestamp())
    if datetime.fromtimestamp(first, there).replace(tzinfo=None) == shown:
        return first * 1000
    # Skipped: between what the offsets after and before the jump make of it.
    before = int(shown.replace(tzinfo=there, fold=1).timestamp())
    return _jump(before, first, there) * 1000


def _jump(low: int, high: int, zone: ZoneInfo) -> int:
    """The first second after `low` at which the offset is that at `high`."""
    target = _offset(high, zone)
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(middle, zone) == target:
            high = middle
        else:
            low = middle
    return high


def _offset(at: int, zone: ZoneInfo) -> timedelta:
    return datetime.fromtimestamp(at, UTC).astimezone(zone).utcoffset() or timedelta()
