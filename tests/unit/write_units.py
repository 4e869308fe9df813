"""How DynamoDB counts an item: names and values, in bytes, a kilobyte to a unit.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def size_of(item: Mapping[str, Any]) -> int:
    """Bytes of a whole item."""
    return sum(len(name.encode()) + _value(value) for name, value in item.items())


def write_units(item: Mapping[str, Any]) -> int:
    """What putting it once costs."""
    return -(-size_of(item) // 1024)


def _value(value: Mapping[str, Any]) -> int:
    ((kind, held),) = value.items()
    if kind == "S":
        return len(held.encode())
    if kind == "B":
        return len(held)
    if kind == "N":
        # A byte for each two significant digits, and one more.
        digits = str(held).lstrip("-").strip("0")
        return -(-len(digits) // 2) + 1
    if kind == "M":
        # Three bytes for the map, one for each of its pairs.
        return 3 + size_of(held) + len(held)
    if kind == "BOOL":
        return 1
    raise AssertionError(f"the table holds no {kind}")
