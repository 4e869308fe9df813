"""Identity: ids that sort by time and carry their partition, and fingerprints."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.fakes.clock import NOON
from tests.fakes.world import event
from tocsin.aws.items import DAY_MS, day_of, key_of
from tocsin.identity import (
    LATEST,
    SHARDS,
    fingerprint_of,
    first_id_at,
    is_id,
    new_id,
    shard_of,
    time_of,
)

MOMENTS = st.integers(0, LATEST)
DAYS = st.integers(0, 4_000_000_000_000)  # until the year 2096
ENTROPY = st.binary(min_size=10, max_size=10)


@given(MOMENTS, ENTROPY)
def test_an_id_gives_back_its_time_and_has_the_form_of_one(
    now: int, entropy: bytes
) -> None:
    name = new_id(now, entropy)

    assert is_id(name)
    assert time_of(name) == now
    assert len(name) == 26


@given(MOMENTS, ENTROPY, MOMENTS, ENTROPY)
def test_ids_sort_by_time_then_by_chance(
    now: int, entropy: bytes, later: int, other: bytes
) -> None:
    assume((now, entropy) != (later, other))
    sorts = (now, entropy) < (later, other)

    assert (new_id(now, entropy) < new_id(later, other)) is sorts


@given(MOMENTS, ENTROPY)
def test_no_id_of_a_moment_comes_before_its_first(now: int, entropy: bytes) -> None:
    assert first_id_at(now) <= new_id(now, entropy)
    if now:
        assert new_id(now - 1, entropy) < first_id_at(now)


@given(DAYS, ENTROPY)
def test_an_id_carries_its_day_and_shard(now: int, entropy: bytes) -> None:
    name = new_id(now, entropy)
    key = key_of(name)

    assert key["sk"]["S"] == name
    assert key["pk"]["S"] == f"N#{day_of(now)}#{shard_of(name)}"
    assert 0 <= shard_of(name) < SHARDS


def test_chance_spreads_ids_evenly_over_the_shards() -> None:
    shards = [shard_of(new_id(NOON, n.to_bytes(10, "big"))) for n in range(4000)]

    assert {shards.count(shard) for shard in range(SHARDS)} == {4000 // SHARDS}


@pytest.mark.parametrize("at", [0, DAY_MS - 1, DAY_MS, NOON])
def test_days_are_those_of_utc(at: int) -> None:
    assert day_of(at) == day_of(at - at % DAY_MS)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0" * 25,
        "0" * 27,
        "8" + "0" * 25,
        "0" * 25 + "U",
        "0" * 25 + "i",
        "é" * 26,
        "7" * 26,  # a day in the year 10,441
        new_id(LATEST + 1, bytes(10)),
    ],
)
def test_what_is_no_id_is_not_taken_for_one(text: str) -> None:
    assert not is_id(text)


def test_a_sender_s_own_fingerprint_wins_over_everything_else() -> None:
    one = event("a", type="x", branch="b", state="firing", fingerprint="db-1")
    other = event("z", type="y", severity="low", fingerprint="db-1")

    assert fingerprint_of(one) == fingerprint_of(other)
    assert fingerprint_of(one) != fingerprint_of(event("a", fingerprint="db-2"))


def test_a_problem_and_its_end_share_a_fingerprint_though_not_a_severity() -> None:
    opened = event(state="firing", severity="critical", message="at 98 %")
    closed = event(state="resolved", severity="success", message="at 40 %")

    assert fingerprint_of(opened) == fingerprint_of(closed)


@pytest.mark.parametrize("change", [{"type": "x"}, {"branch": "b"}, {"title": "t"}])
def test_problems_differ_by_type_branch_and_title(change: dict[str, str]) -> None:
    said = {"type": "test", "title": "Disk is full", "branch": "", "state": "firing"}

    assert fingerprint_of(event(**said)) != fingerprint_of(event(**{**said, **change}))


def test_news_of_another_severity_are_other_news() -> None:
    assert fingerprint_of(event(severity="low")) != fingerprint_of(
        event(severity="high")
    )


def test_without_a_title_the_message_names_the_problem() -> None:
    one, other = event("", message="a"), event("", message="b")

    assert fingerprint_of(one) != fingerprint_of(other)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip))
def test_a_fingerprint_is_32_hex_digits_whatever_the_words(title: str) -> None:
    digits = fingerprint_of(event(title))

    assert len(digits) == 32
    assert int(digits, 16) >= 0
