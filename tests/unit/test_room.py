"""Room: whatever DynamoDB counts of a transaction, we have counted as much."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.write_units import size_of
from tocsin.aws.room import BYTES, LARGEST, WRITES, leading, weight_of

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
