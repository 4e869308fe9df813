"""Values: what `dataclasses.dataclass` makes, at a third of its price at start.

It compiles up to six methods for each class, a millisecond of every cold start; here
they compile `__init__` only and share the rest. `frozen` is mypy's to hold, everywhere,
and gives a hash; at run time nothing stands guard over each assignment.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar

T = TypeVar("T")


def _dataclass(
    *, frozen: bool = False, slots: bool = False
) -> Callable[[type[T]], type[T]]:
    """Of `dataclass`, what we use; of `field`, everything."""

    def make(cls: type[T]) -> type[T]:
        made: Any = dataclasses.dataclass(slots=slots, eq=False, repr=False)(cls)
        told = [each.name for each in dataclasses.fields(made) if each.compare]
        key: Callable[[Any], Any] = attrgetter(*told) if told else type

        def equals(one: Any, other: object) -> bool:
            alike: bool = NotImplemented
            if other.__class__ is one.__class__:
                alike = key(one) == key(other)
            return alike

        made.__eq__ = equals
        made.__hash__ = (lambda one: hash(key(one))) if frozen else None
        made.__repr__ = _tell
        return made  # type: ignore[no-any-return]

    return make


def _tell(value: Any) -> str:
    told = (
        f"{each.name}={getattr(value, each.name)!r}"
        for each in dataclasses.fields(value)
        if each.repr
    )
    return f"{type(value).__qualname__}({', '.join(told)})"


if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:
    dataclass = _dataclass
