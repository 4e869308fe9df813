"""Values compare, hash and tell of themselves as `dataclasses` has them do."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from tocsin.values import dataclass


@dataclass(frozen=True, slots=True)
class Ours:
    name: str
    secret: str = dataclasses.field(default="", repr=False)
    seen: int = dataclasses.field(default=0, compare=False)
    notes: list[str] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True, slots=True)
class Theirs:
    name: str
    secret: str = dataclasses.field(default="", repr=False)
    seen: int = dataclasses.field(default=0, compare=False)
    notes: list[str] = dataclasses.field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Point:
    x: int
    y: int = 0


@dataclass(slots=True)
class Tally:
    count: int = 0


PAIRS: list[dict[str, Any]] = [
    {"name": "a"},
    {"name": "a", "seen": 5},
    {"name": "a", "secret": "s"},
    {"name": "b", "notes": ["n"]},
]


@pytest.mark.parametrize("one", PAIRS)
@pytest.mark.parametrize("other", PAIRS)
def test_values_are_equal_where_dataclasses_are(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    assert (Ours(**one) == Ours(**other)) is (Theirs(**one) == Theirs(**other))


@pytest.mark.parametrize("given", PAIRS)
def test_a_value_tells_what_a_dataclass_tells(given: dict[str, Any]) -> None:
    assert repr(Ours(**given)) == repr(Theirs(**given)).replace("Theirs", "Ours")


def test_a_secret_is_never_told() -> None:
    assert "hush" not in repr(Ours("a", secret="hush"))


def test_values_of_other_kinds_are_never_equal() -> None:
    others: list[object] = [Tally(0), 0, (0, 0)]
    assert Point(0) not in others


def test_frozen_values_are_keys_and_the_others_are_not() -> None:
    assert {Point(1): "here"}[Point(1)] == "here"
    with pytest.raises(TypeError, match="unhashable"):
        hash(Tally())


def test_what_dataclasses_offers_works_on_values() -> None:
    assert dataclasses.replace(Point(1, 2), y=3) == Point(1, 3)
    assert dataclasses.asdict(Point(1, 2)) == {"x": 1, "y": 2}


def test_a_value_holds_nothing_that_it_has_not_declared() -> None:
    with pytest.raises(AttributeError):
        Tally().extra = 1  # type: ignore[attr-defined]
