"""The stand-in for DynamoDB refuses what DynamoDB refuses, in its words."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.strictness import refusal_of

ONE = {":v": {"N": "1"}}
KEY = {"pk": {"S": "a"}, "sk": {"S": "b"}}
DEFINED = "is not defined; attribute"
UNUSED = "Value provided in ExpressionAttribute%s unused in expressions: keys:"
OVERLAP = (
    "Invalid UpdateExpression: Two document paths overlap with each other; must remove "
    "or rewrite one of these paths;"
)
RESERVED = "Attribute name is a reserved keyword;"


def update(expression: str, condition: str = "", **more: Any) -> dict[str, Any]:
    asked = {"TableName": "t", "Key": KEY, "UpdateExpression": expression}
    if condition:
        asked["ConditionExpression"] = condition
    return asked | more


def values(*names: str) -> dict[str, Any]:
    return {"ExpressionAttributeValues": {name: {"N": "1"} for name in names}}


def names(**told: str) -> dict[str, Any]:
    found = {f"#{short}": name for short, name in told.items()}
    return {"ExpressionAttributeNames": found}


REFUSED = [
    (update("SET #a = :v", **values(":v")), f"used in the document path {DEFINED} name: #a"),
    (update("SET a = :v"), f"value used in expression {DEFINED} value: :v"),
    (update("SET a = :v", "b = :w", **values(":v")), f"{DEFINED} value: :w"),
    (
        update("SET a = :v", **values(":v", ":w", ":x")),
        f"{UNUSED % 'Values'} {{:w, :x}}",
    ),
    (
        update("SET a = :v", **values(":v"), **names(b="b")),
        f"{UNUSED % 'Names'} {{#b}}",
    ),
    (
        update("SET a = :v, #a = :v", **values(":v"), **names(a="a")),
        f"{OVERLAP} path one: [a], path two: [a]",
    ),
    (update("SET a.b = :v REMOVE a", **values(":v")), "path one: [a, b], path two: [a]"),
    (update("ADD a :v DELETE a :v", **values(":v")), "path one: [a], path two: [a]"),
    (update("SET a.b[1].c = :v REMOVE a.b[1]", **values(":v")), "overlap"),
    (
        update("SET a = if_not_exists(a, :v), b = :v, #a.c = :v", **values(":v"), **names(a="a")),
        "overlap",
    ),
    (
        update("SET at = :v", **values(":v")),
        f"Invalid UpdateExpression: {RESERVED} reserved keyword: at",
    ),
    (update("REMOVE a.Status"), "reserved keyword: Status"),
    (update("SET a = b + size"), "reserved keyword: size"),
    (
        update("REMOVE a", "attribute_exists(name)"),
        f"Invalid ConditionExpression: {RESERVED}",
    ),
    (update("SET a = b SET c = d"), 'The "SET" section can only be used once'),
    (update(" "), "Invalid UpdateExpression: The expression can not be empty;"),
    (update("REMOVE " + ", ".join(f"a{n}" for n in range(900))), "maximum allowed size"),
    (update("REMOVE a", **values()), "ExpressionAttributeValues must not be empty"),
    (
        {"TableName": "t", "Key": KEY, **names(a="a")},
        "ExpressionAttributeNames can only be specified when using expressions",
    ),
]  # fmt: skip
TAKEN = [
    update("SET a = b, b = a REMOVE c, d.e, d.f[0], d.f[1] ADD g :v", **values(":v")),
    update("SET aa = :v, a = :v", "NOT (a IN (:v, :v)) AND size(b) < :v", **values(":v")),
    update(
        "SET a.#x = :v, a.#y = if_not_exists(a.#x, :v)",
        "attribute_not_exists(#x) OR begins_with (x, :v) OR a BETWEEN :v AND :v",
        **values(":v"),
        **names(x="name", y="na.me"),
    ),
    {"TableName": "t", "Key": KEY},
    {"TableName": "t", "KeyConditionExpression": "pk = :v", **values(":v")},
    {"TableName": "t", "Key": KEY, "ProjectionExpression": "a, b[0], #x", **names(x="at")},
]  # fmt: skip


@pytest.mark.parametrize(("asked", "why"), REFUSED)
def test_what_dynamodb_refuses_of_an_expression_is_refused(
    asked: dict[str, Any], why: str
) -> None:
    assert why in refusal_of("UpdateItem", asked)
    assert why in refusal_of(
        "TransactWriteItems", {"TransactItems": [{"Update": asked}]}
    )


@pytest.mark.parametrize("asked", TAKEN)
def test_what_dynamodb_takes_is_taken(asked: dict[str, Any]) -> None:
    assert not refusal_of("UpdateItem", asked)


def put(number: int) -> dict[str, Any]:
    item = {"pk": {"S": "a"}, "sk": {"S": str(number)}, "more": {"S": "x"}}
    return {"Put": {"TableName": "t", "Item": item}}


def test_a_transaction_touches_each_item_once_and_a_hundred_at_most() -> None:
    def told(writes: list[dict[str, Any]]) -> str:
        return refusal_of("TransactWriteItems", {"TransactItems": writes})

    hundred = [put(number) for number in range(100)]
    delete = {"Delete": {"TableName": "t", "Key": {**KEY, "sk": {"S": "7"}}}}
    elsewhere = {"Delete": {**delete["Delete"], "TableName": "other"}}
    assert not told(hundred)
    assert not told([put(7), elsewhere])
    assert "less than or equal to 100" in told([*hundred, put(100)])
    assert "greater than or equal to 1" in told([])
    assert told([put(7), delete]) == (
        "Transaction request cannot include multiple operations on one item"
    )


def test_a_batch_asks_for_each_item_once_and_for_a_hundred_at_most() -> None:
    def told(numbers: list[int]) -> str:
        keys = [{"pk": {"S": "a"}, "sk": {"S": str(number)}} for number in numbers]
        return refusal_of("BatchGetItem", {"RequestItems": {"t": {"Keys": keys}}})

    assert not told([*range(100)])
    assert "Too many items" in told([*range(101)])
    assert told([1, 2, 1]) == "Provided list of item keys contains duplicates"
