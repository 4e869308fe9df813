"""The health book: what DynamoDB leaves unread of it is asked for again."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.clock import FakeClock
from tocsin.aws.health import ROUNDS, DynamoHealthBook
from tocsin.errors import Unavailable

TABLE = "tocsin"


class Busy:
    """DynamoDB that answers of one key at a time, or of `most` in all."""

    def __init__(self, most: int) -> None:
        self.left = most

    def batch_get_item(self, *, RequestItems: Any) -> dict[str, Any]:  # noqa: N803
        keys = RequestItems[TABLE]["Keys"]
        count = min(self.left, 1)
        self.left -= count
        rest = keys[count:]
        found = [{**key, "da": {"N": "7"}} for key in keys[:count]]
        unread = {TABLE: {"Keys": rest}} if rest else {}
        return {"Responses": {TABLE: found}, "UnprocessedKeys": unread}


def book(most: int) -> DynamoHealthBook:
    return DynamoHealthBook(Busy(most), TABLE, FakeClock())


def test_a_destination_that_was_left_unread_is_not_taken_for_a_healthy_one() -> None:
    found = book(most=ROUNDS).health(["ops", "dev", "qa"])

    assert [each.disabled_at for each in found.values()] == [7, 7, 7]


def test_who_gets_no_answer_is_told_so() -> None:
    with pytest.raises(Unavailable):
        book(most=1).health(["ops", "dev"])
