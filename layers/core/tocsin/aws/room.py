"""Room: how much one transaction of DynamoDB holds, in writes and in bytes.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tocsin.aws.writes import Write

WRITES = 100
# DynamoDB takes 4 MB of items. What is packed travels as base64, a third larger: below
# this the request has less than 4 MB, too.
BYTES = 3_000_000
# What an update changes is read nowhere before: it may be as large as an item can be.
LARGEST = 400 * 1024
_NUMBER = 21
_NAMED = 64


def leading(made: Iterable[list[Write]]) -> list[list[Write]]:
    """Those of the groups in front that fit into one transaction together, at least the
    first. No more than one is made in vain."""
    found: list[list[Write]] = []
    writes, weight = 0, 0
    for group in made:
        writes += len(group)
        weight += sum(weight_of(write) for write in group)
        if found and (writes > WRITES or weight > BYTES):
            break
        found.append(group)
    return found


def parted(writes: list[Write]) -> tuple[list[Write], list[Write]]:
    """(what is written beside the transaction, the rest): where one notification waits
    at more destinations than that holds, entries of the calendar, which ask nothing."""
    excess = len(writes) - WRITES
    if excess <= 0:
        return [], writes
    entries = [
        place
        for place, write in enumerate(writes)
        if "ConditionExpression" not in write.get("Put", {"ConditionExpression": ""})
    ]
    beside = set(entries[:excess])
    return (
        [writes[place] for place in sorted(beside)],
        [write for place, write in enumerate(writes) if place not in beside],
    )


def weight_of(write: Write) -> int:
    """The most that its item can have, in bytes."""
    ((_, asked),) = write.items()
    return _size(asked["Item"]) if "Item" in asked else LARGEST


def _size(item: Mapping[str, Any]) -> int:
    """One pass, since every row of a list comes by here."""
    weight = _NAMED * len(item)
    for value in item.values():
        if "N" in value:
            weight += _NUMBER
        elif "S" in value:
            weight += 4 * len(value["S"])
        else:
            weight += len(value["B"]) if "B" in value else _size(value["M"])
    return weight
