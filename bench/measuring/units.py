"""Request units, counted as DynamoDB counts them, out of the items themselves.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html

Emulators round differently, so none is asked.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from math import ceil
from typing import Any

Item = Mapping[str, Any]
WRITE_BYTES = 1024
READ_BYTES = 4096


def size_of(item: Item | None) -> int:
    """Bytes of an item: its names and its values."""
    if not item:
        return 0
    return sum(len(name.encode()) + _value(value) for name, value in item.items())


def written(*sizes: int, transaction: bool = False) -> float:
    """Units of one write; the larger of the item before and after counts."""
    units = max(1, ceil(max(sizes, default=0) / WRITE_BYTES))
    return float(units * (2 if transaction else 1))


def read(size: int, *, consistent: bool) -> float:
    """Units of reading so many bytes at once; nothing found costs as much as little."""
    units = max(1, ceil(size / READ_BYTES))
    return units * (1.0 if consistent else 0.5)


def _value(value: Mapping[str, Any]) -> int:
    kind, held = next(iter(value.items()))
    if kind in _PLAIN:
        return _PLAIN[kind](held)
    if kind == "M":
        return 3 + len(held) + size_of(held)
    if kind == "L":
        return 3 + sum(1 + _value(each) for each in held)
    return sum(_value({kind[0]: each}) for each in held)


def _number(text: str) -> int:
    """About a byte for two significant digits, and one more."""
    digits = text.lstrip("-").replace(".", "").strip("0")
    return ceil(len(digits) / 2) + 1 + text.startswith("-")


def _binary(held: bytes | str) -> int:
    return len(held if isinstance(held, bytes) else base64.b64decode(held))


_PLAIN: dict[str, Callable[[Any], int]] = {
    "S": lambda text: len(text.encode()),
    "N": _number,
    "B": _binary,
    "BOOL": lambda _: 1,
    "NULL": lambda _: 1,
}
