"""Complaints of a border model are in our words, and never repeat what was sent."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from pydantic import AwareDatetime, Field

from tocsin.errors import Invalid
from tocsin.events import Frozen
from tocsin.settings import Scope
from tocsin.validation import validated


class Asked(Frozen):
    """One field of each kind that the API's models have."""

    name: Annotated[str, Field(pattern=r"^[a-z]{1,9}$")] = "a"
    note: Annotated[str, Field(min_length=1, max_length=5)] = "b"
    count: Annotated[int, Field(ge=1, le=9)] = 1
    rate: Annotated[int, Field(strict=True)] = 1
    share: float = 1.0
    on: bool = True
    since: AwareDatetime | None = None
    way: Literal["in", "out"] = "in"
    scopes: frozenset[Scope] = frozenset()
    types: Annotated[tuple[str, ...], Field(max_length=2)] = ()
    options: dict[str, int] = Field(default_factory=dict)


SECRET = "hunter2!"
TIME = 'should be a time with its zone, like "2026-11-21T22:00:00+01:00"'


@pytest.mark.parametrize(
    ("told", "field", "reason"),
    [
        ({"name": SECRET}, "name", "should be of the form ^[a-z]{1,9}$"),
        ({"name": 7}, "name", "should be text"),
        ({"note": ""}, "note", "must not be empty"),
        ({"note": SECRET}, "note", "at most 5 characters"),
        ({"count": SECRET}, "count", "should be a whole number"),
        ({"count": 1.5}, "count", "should be a whole number"),
        ({"count": "9" * 5_000}, "count", "should be a smaller number"),
        ({"count": 0}, "count", "must be at least 1"),
        ({"count": 10}, "count", "must be at most 9"),
        ({"rate": "1"}, "rate", "should be a whole number"),
        ({"share": SECRET}, "share", "should be a number"),
        ({"share": []}, "share", "should be a number"),
        ({"on": SECRET}, "on", "should be true or false"),
        ({"on": []}, "on", "should be true or false"),
        ({"since": SECRET}, "since", TIME),
        ({"since": "2026-11-21T22:00:00"}, "since", TIME),
        ({"way": SECRET}, "way", "should be 'in' or 'out'"),
        ({"scopes": 3}, "scopes", "should be a list"),
        (
            {"scopes": [SECRET]},
            "scopes.0",
            "should be 'ingest', 'operate' or 'admin'",
        ),
        ({"types": SECRET}, "types", "should be a list"),
        ({"types": ["a"] * 3}, "types", "at most 2 entries"),
        ({"options": SECRET}, "options", "should be an object"),
        ({"other": SECRET}, "other", "unknown key"),
        (SECRET, "", "should be an object"),
    ],
)
def test_a_complaint_names_field_and_reason(told: Any, field: str, reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        validated(Asked, told)

    (fault,) = refused.value.faults
    assert (fault.field, fault.reason) == (field, reason)
    assert SECRET not in str(refused.value.detail)
