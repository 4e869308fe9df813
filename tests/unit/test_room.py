"""Room: whatever DynamoDB counts of a transaction, we have counted as much."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.contract.rows import drawn
from tests.fakes.clock import NOON
from tests.fakes.strictness import refusal_of
from tests.unit.write_units import size_of
from tocsin.aws import items
from tocsin.aws.room import BYTES, LARGEST, WRITES, leading, weight_of
from tocsin.aws.writes import Writes
from tocsin.delivery import LOG_KEPT, REASON_KEPT, Attempt, Delivery
from tocsin.events import Event
from tocsin.identity import new_id
from tocsin.intake.sizing import LARGEST as LARGEST_EVENT
from tocsin.notification import Notification, Step

names = st.text(min_size=1, max_size=8)
values: st.SearchStrategy[dict[str, Any]] = st.recursive(
    st.text().map(lambda told: {"S": told})
    | st.integers(0, 10**38 - 1).map(lambda told: {"N": str(told)})
    | st.binary().map(lambda told: {"B": told}),
    lambda inner: st.dictionaries(names, inner, max_size=4).map(
        lambda held: {"M": held}
    ),
    max_leaves=12,
)


def put(size: int) -> dict[str, dict[str, Any]]:
    return {"Put": {"TableName": "t", "Item": {"a": {"B": bytes(size)}}}}


UPDATE = {"Update": {"TableName": "t", "Key": {"pk": {"S": "a"}}}}


@given(item=st.dictionaries(names, values, max_size=6))
def test_an_item_weighs_no_less_than_dynamodb_counts(item: dict[str, Any]) -> None:
    assert weight_of({"Put": {"TableName": "t", "Item": item}}) >= size_of(item)


def test_what_is_changed_unseen_weighs_what_the_largest_item_does() -> None:
    """Ten of them are 4 MB."""
    assert weight_of(UPDATE) == LARGEST
    assert len(leading([[UPDATE]] * 20)) * LARGEST <= 4 * 1024 * 1024


@given(sizes=st.lists(st.integers(0, LARGEST) | st.integers(0, 9000), min_size=1))
def test_those_in_front_fit_together_and_one_more_would_not(sizes: list[int]) -> None:
    groups = [[put(size)] * (1 + size % 3) for size in sizes]

    found = leading(groups)

    def fits(some: list[list[dict[str, dict[str, Any]]]]) -> bool:
        writes = [write for group in some for write in group]
        return len(writes) <= WRITES and sum(map(weight_of, writes)) <= BYTES

    assert found == groups[: len(found)]
    assert fits(found)
    assert len(found) == len(groups) or not fits(groups[: len(found) + 1])


def test_what_would_fit_into_no_transaction_is_tried_alone() -> None:
    alone = [put(10)] * 101

    assert leading([alone, [put(1)]]) == [alone]


def test_at_most_one_more_than_fits_is_made() -> None:
    made: list[int] = []

    def make(number: int) -> list[dict[str, dict[str, Any]]]:
        made.append(number)
        return [put(LARGEST)]

    found = leading(make(number) for number in range(100))

    assert len(made) == len(found) + 1


def test_the_largest_event_leaves_room_for_all_that_forty_destinations_do() -> None:
    """A row holds 400 KB, its deliveries' history included."""
    letters = [chr(each) for each in range(33, 127) if chr(each) not in '"\\']
    log = "".join(random.Random(1).choices(letters, k=LARGEST_EVENT - 100))
    event = {"type": "t", "title": "Large", "data": {"log": log}}
    trace = [Step(f"route number {n}", "passed over: " + "x" * 80) for n in range(500)]
    tried = tuple(Attempt(NOON, "failed", "x" * REASON_KEPT) for _ in range(LOG_KEPT))
    row = Notification(
        id=new_id(NOON, b"0" * 10),
        event=Event.model_validate(event),
        fingerprint="f",
        state="firing",
        sender="app",
        accepted_at=NOON,
        last_at=NOON,
        trace=tuple(trace),
        deliveries={f"d{n}": Delivery(f"d{n}", log=tried) for n in range(40)},
    )

    assert size_of(items.pack(row, 1)) < LARGEST


@pytest.mark.parametrize(("known", "most"), [(True, 165), (False, 116)])
def test_so_many_deliveries_fit_in_one_amendment(known: bool, most: int) -> None:
    """The README says so: an expression has 4 KB at most."""

    def why_not(count: int) -> str:
        told = {f"d{n}": Delivery(f"d{n}") for n in range(count)}
        old = drawn(state="firing", deliveries=told if known else {})
        changed = {name: replace(each, rev=9) for name, each in told.items()}
        new = replace(old, version=1, deliveries=changed)
        amendment = next(Writes("t", 1).amend(old, new, closes=False))
        return refusal_of("UpdateItem", amendment["Update"])

    assert why_not(most) == ""
    assert "Expression size has exceeded" in why_not(most + 1)
