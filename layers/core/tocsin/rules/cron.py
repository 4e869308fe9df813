"""Cron: five fields that say when, as everyone knows them.

minute hour day-of-month month day-of-week; `*`, lists, ranges, steps, and the English
names of months and days. As in Vixie's cron, where both kinds of day are restricted one
of them is enough, and 7 is Sunday too.
"""

from __future__ import annotations

import re
from itertools import pairwise

from tocsin.values import dataclass

_MONTHS = (
    "jan", "feb", "mar", "apr", "may", "jun",
    "jul", "aug", "sep", "oct", "nov", "dec",
)  # fmt: skip
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_LONGEST_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_SOONEST = 5
_PART = re.compile(r"(?:\*|(\w+)(?:-(\w+))?)(?:/([0-9]{1,2}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    low: int
    high: int
    names: dict[str, int]


_FIELDS = (
    _Field("minute", 0, 59, {}),
    _Field("hour", 0, 23, {}),
    _Field("day of month", 1, 31, {}),
    _Field("month", 1, 12, {name: n for n, name in enumerate(_MONTHS, 1)}),
    _Field("day of week", 0, 7, {name: n for n, name in enumerate(_DAYS)}),
)


@dataclass(frozen=True, slots=True)
class Cron:
    """What the five fields allow. `weekdays`: 0 is Monday, as in `datetime`."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either_day: bool

    def falls_on(self, month: int, day: int, weekday: int) -> bool:
        """Whether anything happens on that day."""
        if month not in self.months:
            return False
        in_month, in_week = day in self.days, weekday in self.weekdays
        return in_month or in_week if self.either_day else in_month and in_week


def parse_cron(text: str) -> Cron:
    """Read the five fields. Raises ValueError that names the field and the reason."""
    parts = text.lower().split()
    if len(parts) != len(_FIELDS):
        raise ValueError(
            "cron has five fields, minute hour day month weekday, like"
            ' "30 8 * * mon-fri"'
        )
    values = [_values(part, field) for part, field in zip(parts, _FIELDS, strict=True)]
    minutes, hours, days, months, sundays_first = values
    cron = Cron(
        minutes=tuple(sorted(minutes)),
        hours=tuple(sorted(hours)),
        days=frozenset(days),
        months=frozenset(months),
        weekdays=frozenset((day - 1) % 7 for day in sundays_first),
        either_day=not parts[2].startswith("*") and not parts[4].startswith("*"),
    )
    _refuse_the_senseless(cron)
    return cron


def _values(text: str, field: _Field) -> set[int]:
    found: set[int] = set()
    for part in text.split(","):
        match = _PART.fullmatch(part)
        if match is None:
            raise ValueError(f"cron's {field.name}: {part[:20]!r} is not understood")
        first, last, step = match.groups()
        low = field.low if first is None else _number(first, field)
        if last is not None:
            high = _number(last, field)
        else:
            high = field.high if first is None or step else low
        if low > high:
            raise ValueError(f"cron's {field.name}: {part!r} runs backwards")
        if step and int(step) == 0:
            raise ValueError(f"cron's {field.name}: a step of 0 never moves")
        found.update(range(low, high + 1, int(step or 1)))
    return found


def _number(word: str, field: _Field) -> int:
    number = field.names.get(word)
    if number is None and word.isdigit() and len(word) <= 2:
        number = int(word)
    if number is None or not field.low <= number <= field.high:
        raise ValueError(
            f"cron's {field.name}: {word[:20]!r} is not within"
            f" {field.low} to {field.high}"
        )
    return number


def _refuse_the_senseless(cron: Cron) -> None:
    minutes = (*cron.minutes, cron.minutes[0] + 60)
    gap = min(b - a for a, b in pairwise(minutes))
    if gap < _SOONEST:
        raise ValueError(
            f"cron may fall every {_SOONEST} minutes at most, and here two"
            f" times are {gap} min apart"
        )
    happens = cron.either_day or any(
        min(cron.days) <= _LONGEST_MONTHS[month - 1] for month in cron.months
    )
    if not happens:
        raise ValueError("cron names a day that no month has")
