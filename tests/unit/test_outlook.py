"""The outlook: recurring hours written out, across days, zones and changed clocks."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tocsin.outlook import Quietness, outlook
from tocsin.rules.config import Config
from tocsin.rules.criteria import Match
from tocsin.rules.policy import Hours
from tocsin.rules.silencing import Recurring, Silence
from tocsin.rules.times import quiet_until, spans
from tocsin.settings import Settings

ZONE = "Europe/Zurich"
MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def at(text: str) -> int:
    moment = datetime.fromisoformat(text).replace(tzinfo=UTC)
    return int(moment.timestamp() * 1000)


NOON = at("2026-11-21T12:00")  # a Saturday; 13:00 in Zurich


def hours(begin: str, end: str, **more: Any) -> Hours:
    return Hours.model_validate({"from": begin, "to": end, **more})


def seen(*silences: Silence, days: int = 7, **route: Any) -> list[Quietness]:
    given = {"timezone": ZONE, "routes": [{"name": "r", "to": ["ops"], **route}]}
    settings = Settings(Config.model_validate(given), "1", {}, silences=silences)
    return outlook(settings, NOON, NOON + days * DAY)


def test_nights_run_over_midnight_and_what_holds_now_begins_now() -> None:
    now = at("2026-11-21T23:30")
    found = spans(hours("22:00", "07:00"), now, now + 2 * DAY, ZONE)

    assert found == [
        (now, at("2026-11-22T06:00")),
        (at("2026-11-22T21:00"), at("2026-11-23T06:00")),
        (at("2026-11-23T21:00"), now + 2 * DAY),
    ]


def test_days_that_adjoin_are_one() -> None:
    weekend = hours("00:00", "24:00", days="weekend")
    found = spans(weekend, NOON, NOON + 7 * DAY, ZONE)

    assert found[0] == (NOON, at("2026-11-22T23:00"))
    assert found[1] == (at("2026-11-27T23:00"), NOON + 7 * DAY)


@pytest.mark.parametrize("clocks", ["2026-03-27T12:00", "2026-10-23T12:00"])
@pytest.mark.parametrize("text", [("22:00", "07:00"), ("01:30", "02:30")])
def test_they_hold_just_when_the_rules_say_so(
    clocks: str, text: tuple[str, str]
) -> None:
    """Through nights in which the clocks change."""
    begin, quiet = at(clocks), hours(*text)
    found = spans(quiet, begin, begin + 5 * DAY, ZONE)
    for moment in range(begin, begin + 5 * DAY, 10 * MINUTE):
        holds = any(first <= moment < last for first, last in found)
        assert holds == (quiet_until(quiet, moment, ZONE) is not None)


def test_a_silence_is_one_time_and_cut_where_the_days_end() -> None:
    found = seen(
        Silence("s1", Match(), NOON - DAY, NOON + HOUR, comment="moving"),
        Silence("s2", Match(), NOON + DAY, NOON + 30 * DAY, kind="maintenance"),
        Silence("over", Match(), NOON - DAY, NOON - HOUR),
        Silence("later", Match(), NOON + 9 * DAY, NOON + 10 * DAY),
    )

    assert found == [
        Quietness("silence", "moving", NOON, NOON + HOUR, "s1"),
        Quietness("maintenance", "", NOON + DAY, NOON + 7 * DAY, "s2"),
    ]


def test_a_recurring_silence_is_written_out_until_it_ends() -> None:
    nightly = Recurring.model_validate(
        {"from": "02:00", "to": "03:00", "timezone": ZONE}
    )
    two_days = Silence("s", Match(), NOON, NOON + 2 * DAY, recurring=nightly)
    for_ever = Silence("e", Match(), NOON, recurring=nightly)

    assert len(seen(two_days)) == 2
    assert [each.starts_at for each in seen(for_ever, days=3)] == [
        at("2026-11-22T01:00"),
        at("2026-11-23T01:00"),
        at("2026-11-24T01:00"),
    ]


def test_quiet_hours_and_digests_of_routes_are_told_with_their_exception() -> None:
    found = seen(
        days=1,
        quiet={"from": "22:00", "to": "07:00", "except": "critical"},
        digest={"at": ["06:00", "18:00"]},
    )

    assert found == [
        Quietness("digest", "r", at("2026-11-21T17:00"), at("2026-11-21T17:00")),
        Quietness(
            "quiet",
            "r",
            at("2026-11-21T21:00"),
            at("2026-11-22T06:00"),
            except_for=("critical",),
        ),
        # Due at six in the morning, told when the night is over.
        Quietness("digest", "r", at("2026-11-22T06:00"), at("2026-11-22T06:00")),
    ]


def test_a_digest_without_end_is_cut() -> None:
    assert len(seen(digest={"cron": "*/5 * * * *"})) == 50
