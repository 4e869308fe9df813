"""Silencing: which silence holds for an event, and until when."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from tests.fakes.world import event
from tocsin.rules.criteria import Match
from tocsin.rules.silencing import (
    Recurring,
    Silence,
    active,
    over,
    silence_of,
)
from tocsin.silences import NewSilence

HOUR = 3_600_000


def there(text: str) -> int:
    """A time in Zurich."""
    at = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Zurich"))
    return int(at.timestamp() * 1000)


def silence(
    name: str = "s", starts: int = 0, ends: int | None = HOUR, **wanted: Any
) -> Silence:
    return Silence(name, Match.model_validate(wanted), starts, ends)


def nightly(ends_at: int | None = None) -> Silence:
    hours = Recurring.model_validate(
        {"from": "22:00", "to": "02:00", "timezone": "Europe/Zurich"}
    )
    return Silence(
        "night", Match(), there("2026-11-20 12:00"), ends_at, recurring=hours
    )


@pytest.mark.parametrize(
    ("at", "until"), [(-1, None), (0, HOUR), (HOUR - 1, HOUR), (HOUR, None)]
)
def test_a_silence_holds_from_its_start_to_its_end(at: int, until: int | None) -> None:
    assert active(silence(), at) == until
    assert over(silence(), at) is (at >= HOUR)


@pytest.mark.parametrize(
    ("at", "until"),
    [
        ("2026-11-20 01:00", None),  # before it was made
        ("2026-11-20 21:59", None),
        ("2026-11-20 22:00", "2026-11-21 02:00"),
        ("2026-11-21 01:59", "2026-11-21 02:00"),
        ("2026-11-21 02:00", None),
        ("2027-11-21 01:00", "2027-11-21 02:00"),
    ],
)
def test_a_recurring_one_holds_within_its_hours(at: str, until: str | None) -> None:
    assert active(nightly(), there(at)) == (there(until) if until else None)
    assert not over(nightly(), there(at))


def test_a_recurring_one_ends_in_the_middle_of_its_hours() -> None:
    ends = there("2026-11-21 01:00")

    assert active(nightly(ends), ends - 1) == ends
    assert active(nightly(ends), ends) is None


def test_of_those_that_fit_the_longest_is_told() -> None:
    long, short = silence("long", ends=9 * HOUR), silence("short")
    other = silence("other", ends=99 * HOUR, type="db.*")
    late = silence("late", starts=HOUR, ends=99 * HOUR)

    for listed in ([short, long, other, late], [late, other, long, short]):
        assert silence_of(event(type="job"), "x", listed, 5) == (long, 9 * HOUR)


def test_an_event_that_nobody_silenced_is_told() -> None:
    listed = [silence(severity="<=low", source="shop"), nightly()]

    assert silence_of(event(severity="high"), "shop", listed, 5) is None
    assert silence_of(event(severity="low"), "shop", listed, 5) == (listed[0], HOUR)


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({}, "must end"),
        ({"for": "2h", "ends_at": "2026-11-21T22:00:00Z"}, "either"),
        ({"ends_at": "2026-11-21T22:00:00"}, "timezone"),
        ({"ends_at": 1_795_176_000}, "should be a time"),
        ({"for": 0}, "greater"),
        ({"for": "2h", "kind": "holiday"}, "maintenance"),
        ({"for": "2h", "match": {"colour": "red"}}, "colour"),
        ({"for": "2h", "comment": "x" * 501}, "500"),
        ({"recurring": {"from": "22:00"}}, "required"),
        (
            {"recurring": {"from": "22:00", "to": "23:00", "timezone": "Mars"}},
            "time zone",
        ),
        ({"recurring": {"from": "00:00", "to": "24:00"}}, "never end"),
    ],
)
def test_a_silence_that_cannot_be_is_refused(
    wanted: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValidationError, match=words):
        NewSilence.model_validate({"match": {}, **wanted})


def test_what_to_silence_is_asked_for() -> None:
    with pytest.raises(ValidationError, match="match"):
        NewSilence.model_validate({"for": "2h"})
