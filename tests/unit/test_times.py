"""Times: digests and quiet hours, on clocks that jump, stand still and skip a day."""

from __future__ import annotations

from bisect import bisect_left
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.rules.policy import Digest, Hours, Quiet
from tocsin.rules.times import (
    last_slot,
    last_telling,
    next_slot,
    next_telling,
    quiet_until,
)

STEP = timedelta(minutes=10)
# Apia had no 30 December 2011; the clocks of Lord Howe move by half an hour.
YEARS = [
    ("Europe/Zurich", 2026),
    ("America/New_York", 2026),
    ("Pacific/Apia", 2011),
    ("Australia/Lord_Howe", 2026),
    ("UTC", 2026),
]
DIGESTS: list[dict[str, Any]] = [
    {"at": "02:30"},
    {"at": "02:00"},
    {"at": ["00:00", "01:40", "02:10", "02:30", "23:50"]},
    {"at": "12:00", "every": "weekday"},
    {"at": "09:00", "every": "week"},
    {"cron": "*/30 * * * *"},
    {"cron": "30 1-3 * * sun,mon"},
    {"cron": "0 8 1,15 * fri"},
]


def ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def there(text: str, zone: str = "Europe/Zurich", fold: int = 0) -> int:
    """A time on the clocks of a zone."""
    return ms(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold))


@cache
def clocks(zone: str, year: int) -> tuple[list[datetime], list[int]]:
    """The latest time that clocks there have shown yet, each ten minutes, and when."""
    at = datetime(year, 1, 1, tzinfo=UTC) - timedelta(days=2)
    shown, when = [], []
    latest = at.replace(tzinfo=None) - timedelta(days=1)
    while at < datetime(year + 1, 1, 3, tzinfo=UTC):
        latest = max(latest, at.astimezone(ZoneInfo(zone)).replace(tzinfo=None))
        shown.append(latest)
        when.append(ms(at))
        at += STEP
    return shown, when


def expected(digest: Digest, zone: str, year: int) -> list[int]:
    """Each time that is asked for, at the first moment at which clocks have got there.

    Found by looking at every ten minutes of the year.
    """
    shown, when = clocks(zone, year)
    day, found = datetime.fromisoformat(f"{year}-01-01"), set()
    minutes = [timedelta(minutes=each) for each in range(0, 24 * 60, 10)]
    asked_at = [each for each in minutes if at_that_time(digest, day + each)]
    while day.year == year:
        for each in asked_at if on_that_day(digest, day) else []:
            found.add(when[bisect_left(shown, day + each)])
        day += timedelta(days=1)
    return sorted(found)


def on_that_day(digest: Digest, at: datetime) -> bool:
    cron = digest.schedule
    if cron is None:
        return f"{at:%a}".lower() in digest.every
    return cron.falls_on(at.month, at.day, at.weekday())


def at_that_time(digest: Digest, at: datetime) -> bool:
    cron = digest.schedule
    if cron is None:
        return f"{at:%H:%M}" in digest.at
    return at.hour in cron.hours and at.minute in cron.minutes


@pytest.mark.parametrize("written", DIGESTS, ids=str)
@pytest.mark.parametrize(("zone", "year"), YEARS)
def test_no_slot_of_a_year_is_skipped_or_doubled(
    zone: str, year: int, written: dict[str, Any]
) -> None:
    digest = Digest.model_validate(written)
    wanted = expected(digest, zone, year)
    forwards = [next_slot(digest, wanted[0] - 1, zone)]
    while forwards[-1] < wanted[-1]:
        forwards.append(next_slot(digest, forwards[-1], zone))

    assert forwards == wanted
    assert all(
        last_slot(digest, later, zone) == earlier for earlier, later in pairwise(wanted)
    )


@pytest.mark.parametrize(
    ("text", "zone", "utc"),
    [
        ("2026-03-29 02:30", "Europe/Zurich", "2026-03-29 01:00"),
        ("2026-10-25 02:30", "Europe/Zurich", "2026-10-25 00:30"),
        ("2026-03-08 02:30", "America/New_York", "2026-03-08 07:00"),
        ("2026-11-01 01:30", "America/New_York", "2026-11-01 05:30"),
        ("2026-10-04 02:15", "Australia/Lord_Howe", "2026-10-03 15:30"),
        ("2011-12-30 09:00", "Pacific/Apia", "2011-12-30 10:00"),
    ],
)
def test_what_clocks_skip_or_show_twice_happens_once(
    text: str, zone: str, utc: str
) -> None:
    digest = Digest(at=(text.split()[1],))
    at = ms(datetime.fromisoformat(utc).replace(tzinfo=UTC))

    assert next_slot(digest, at - 1, zone) == at
    assert next_slot(digest, at, zone) > at + 8 * 3_600_000


MOMENTS = st.integers(ms(datetime(2025, 1, 1, tzinfo=UTC)), 1_893_456_000_000)
SOME = st.sampled_from([Digest.model_validate(each) for each in DIGESTS])
ZONES = st.sampled_from([zone for zone, _ in YEARS])


@given(MOMENTS, SOME, ZONES)
def test_a_moment_lies_between_its_slots(at: int, digest: Digest, zone: str) -> None:
    before, after = last_slot(digest, at, zone), next_slot(digest, at, zone)

    assert before < at < after
    assert next_slot(digest, before, zone) in (at, after)
    assert last_slot(digest, after, zone) in (at, before)


def test_a_rare_day_is_found_years_ahead() -> None:
    leap = Digest(cron="0 9 29 feb *")
    slot = next_slot(leap, there("2026-11-21 12:00"), "Europe/Zurich")

    assert slot == there("2028-02-29 09:00")
    assert last_slot(leap, slot, "Europe/Zurich") == there("2024-02-29 09:00")


def quiet(**more: Any) -> Quiet:
    return Quiet.model_validate({"from": "22:00", "to": "07:00", **more})


@pytest.mark.parametrize(
    ("at", "until"),
    [
        ("2026-11-21 21:59", None),
        ("2026-11-21 22:00", "2026-11-22 07:00"),
        ("2026-11-22 00:00", "2026-11-22 07:00"),
        ("2026-11-22 06:59", "2026-11-22 07:00"),
        ("2026-11-22 07:00", None),
        ("2026-03-29 01:59", "2026-03-29 07:00"),
    ],
)
def test_quiet_hours_run_over_midnight(at: str, until: str | None) -> None:
    ends = there(until) if until else None

    assert quiet_until(quiet(), there(at), "Europe/Zurich") == ends


@pytest.mark.parametrize(
    ("at", "until"),
    [
        ("2026-11-21 06:00", "2026-11-21 07:00"),  # a Saturday, begun on Friday
        ("2026-11-21 23:00", None),
        ("2026-11-23 06:00", None),  # Monday: Sunday's are not asked for
        ("2026-11-23 22:00", "2026-11-24 07:00"),
    ],
)
def test_days_are_those_on_which_quiet_begins(at: str, until: str | None) -> None:
    ends = there(until) if until else None

    assert quiet_until(quiet(days="weekday"), there(at), "Europe/Zurich") == ends


def test_whole_days_that_adjoin_are_one() -> None:
    weekend = quiet(**{"from": "00:00", "to": "24:00", "days": ["sat", "sun"]})
    end = there("2026-11-23 00:00")

    for at in ("2026-11-21 00:00", "2026-11-22 00:00", "2026-11-22 23:59"):
        assert quiet_until(weekend, there(at), "Europe/Zurich") == end
    assert quiet_until(weekend, end, "Europe/Zurich") is None


NIGHTLY = Digest(at=("09:00", "23:00"))


@pytest.mark.parametrize(
    ("at", "told"),
    [
        ("2026-11-20 08:59", "2026-11-20 09:00"),
        ("2026-11-20 09:00", "2026-11-21 07:00"),
        ("2026-11-20 22:59", "2026-11-21 07:00"),
        ("2026-11-20 23:30", "2026-11-21 07:00"),  # and not with the next at 23:00
        ("2026-11-21 06:59", "2026-11-21 07:00"),
        ("2026-11-21 07:00", "2026-11-21 09:00"),
    ],
)
def test_a_digest_that_is_due_in_quiet_hours_is_told_at_their_end(
    at: str, told: str
) -> None:
    zone, night = "Europe/Zurich", quiet()

    assert next_telling(NIGHTLY, night, there(at), zone) == there(told)
    assert last_telling(NIGHTLY, night, there(told) + 1, zone) == there(told)
    assert last_telling(NIGHTLY, night, there(told), zone) <= there(at)


def test_a_digest_without_quiet_hours_keeps_its_times() -> None:
    zone, at = "Europe/Zurich", there("2026-11-20 22:30")

    assert next_telling(NIGHTLY, None, at, zone) == next_slot(NIGHTLY, at, zone)
    assert last_telling(NIGHTLY, None, at, zone) == last_slot(NIGHTLY, at, zone)


@pytest.mark.parametrize(("fold", "holds"), [(0, True), (1, False)])
def test_an_end_that_clocks_show_twice_is_the_first(fold: int, holds: bool) -> None:
    until = quiet_until(
        quiet(to="02:30"), there("2026-10-25 02:10", fold=fold), "Europe/Zurich"
    )

    assert (until is not None) is holds
    assert until in (None, there("2026-10-25 02:30"))


def test_hours_within_the_jump_never_hold() -> None:
    skipped = Hours.model_validate({"from": "02:10", "to": "02:50"})
    jump = there("2026-03-29 03:00")

    for at in (jump - 60_000, jump, jump + 60_000):
        assert quiet_until(skipped, at, "Europe/Zurich") is None


@pytest.mark.parametrize(
    ("at", "until"),
    [
        ("2011-12-29 23:59", "2011-12-31 07:00"),
        ("2011-12-31 00:00", "2011-12-31 07:00"),
        ("2011-12-31 07:00", None),
    ],
)
def test_a_night_whose_morning_was_skipped_adjoins_the_next(
    at: str, until: str | None
) -> None:
    ends = there(until, "Pacific/Apia") if until else None

    assert quiet_until(quiet(), there(at, "Pacific/Apia"), "Pacific/Apia") == ends


@given(MOMENTS, ZONES, st.sampled_from(["day", "weekday", "sun", "weekend"]))
def test_quiet_ends_later_and_is_over_then(at: int, zone: str, days: str) -> None:
    hours = quiet(days=days)
    until = quiet_until(hours, at, zone)

    assert until is None or until > at
    if until is not None:
        assert quiet_until(hours, until, zone) is None
        assert quiet_until(hours, until - 1, zone) == until
