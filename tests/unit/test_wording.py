"""Wording: how durations, numbers, moments and names are said."""

from __future__ import annotations

import pytest

from tocsin import wording

MIN, HOUR, DAY = 60_000, 3_600_000, 86_400_000
NOON = 1_793_707_200_000  # 2026-11-03 12:00 UTC


@pytest.mark.parametrize(
    ("ms", "words"),
    [
        (-5, "0 s"),
        (999, "0 s"),
        (45_000, "45 s"),
        (12 * MIN + 59_000, "12 min"),
        (3 * HOUR, "3 h"),
        (3 * HOUR + 20 * MIN, "3 h 20 min"),
        (2 * DAY + 4 * HOUR + 59 * MIN, "2 d 4 h"),
        (12_450 * DAY, "12,450 d"),
    ],
)
def test_a_duration_is_said_in_words(ms: int, words: str) -> None:
    assert wording.duration(ms) == words


@pytest.mark.parametrize(
    ("ms", "zone", "words"),
    [
        (NOON, "UTC", "12:00 UTC"),
        (NOON, "Europe/Zurich", "13:00 CET"),
        (NOON - DAY, "Europe/Zurich", "2 Nov 13:00 CET"),
        (NOON - 365 * DAY, "UTC", "3 Nov 2025 12:00 UTC"),
        (NOON, "Nowhere/Never", "12:00 UTC"),
        (NOON + 11 * HOUR, "Europe/Zurich", "4 Nov 00:00 CET"),
    ],
)
def test_a_moment_is_said_in_the_configured_zone(
    ms: int, zone: str, words: str
) -> None:
    assert wording.clock(ms, zone, NOON) == words


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("ssl_expiry.critical", "SSL expiry critical"),
        ("db-cpu", "DB CPU"),
        ("deploy", "Deploy"),
        ("___", "___"),
    ],
)
def test_an_identifier_is_said_in_words(name: str, words: str) -> None:
    assert wording.humanised(name) == words


@pytest.mark.parametrize(
    ("percent", "words"), [(0, "▱" * 10 + " 0 %"), (34, "▰▰▰▱▱▱▱▱▱▱ 34 %")]
)
def test_progress_is_a_bar(percent: int, words: str) -> None:
    assert wording.bar(percent) == words
