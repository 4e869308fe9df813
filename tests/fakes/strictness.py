"""What DynamoDB refuses of a whole request and moto does not: fakes are no kinder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from tests.fakes.expressions import InvalidExpression, check_expressions

WRITES = 100
READS = 100


def refusal_of(operation: str, asked: Mapping[str, Any]) -> str:
    """The message of DynamoDB's ValidationException, "" = it takes the request."""
    try:
        _check(operation, asked)
    except InvalidExpression as error:
        return str(error)
    return ""


def _check(operation: str, asked: Mapping[str, Any]) -> None:
    if operation == "TransactWriteItems":
        _check_transaction(asked["TransactItems"])
    elif operation == "BatchGetItem":
        _check_batch(asked["RequestItems"])
    else:
        check_expressions(asked)


def _check_transaction(writes: list[Mapping[str, Any]]) -> None:
    if not 1 <= len(writes) <= WRITES:
        which = "less than or equal to 100" if writes else "greater than or equal to 1"
        raise InvalidExpression(
            "1 validation error detected: Value at 'transactItems' failed to satisfy "
            f"constraint: Member must have length {which}"
        )
    for write in writes:
        ((_, told),) = write.items()
        check_expressions(told)
    if _is_any_twice(_place(told) for write in writes for told in write.values()):
        raise InvalidExpression(
            "Transaction request cannot include multiple operations on one item"
        )


def _check_batch(tables: Mapping[str, Any]) -> None:
    keys = [key for told in tables.values() for key in told["Keys"]]
    if len(keys) > READS:
        raise InvalidExpression("Too many items requested for the BatchGetItem call")
    for told in tables.values():
        check_expressions(told)
        if _is_any_twice(_key(key) for key in told["Keys"]):
            raise InvalidExpression("Provided list of item keys contains duplicates")


def _is_any_twice(found: Iterable[object]) -> bool:
    return any(count > 1 for count in Counter(found).values())


def _place(told: Mapping[str, Any]) -> tuple[object, ...]:
    return told["TableName"], *_key(told.get("Key") or told["Item"])


def _key(item: Mapping[str, Any]) -> tuple[str, str]:
    return item["pk"]["S"], item["sk"]["S"]
