"""Batches: what one request or one SNS call brought, each event judged by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field

from pydantic import JsonValue

from tocsin.errors import Fault, Invalid, TooLarge
from tocsin.events import Event
from tocsin.values import dataclass

MOST = 100
FAULTS = 20


@dataclass(frozen=True, slots=True)
class Received:
    """An event that was understood.

    `key` is the sender's own identity of it, for deduplication; "" = none was given.
    `at` is when that key was made, in ms, where it never changes; 0 = not known.
    `guessed` are keys of the event that its adapter filled without knowing the type.
    `alarm` is the CloudWatch alarm it was made of, of which AWS may know more.
    """

    event: Event
    key: str = ""
    at: int = 0
    guessed: frozenset[str] = frozenset()
    alarm: Mapping[str, JsonValue] | None = field(
        default=None, compare=False, repr=False
    )


@dataclass(frozen=True, slots=True)
class Rejection:
    """An element of a list that was not: its place, and what is wrong with it."""

    index: int
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """Everything that came in at once, in the sender's order.

    `many` says that a list was sent, and so that results are told per element; a lone
    event that is wrong is an `Invalid` instead of a batch. `ignored` is the reason why
    an empty one is as it should be: some tools send more than anyone wants to hear.
    """

    items: tuple[Received | Rejection, ...]
    many: bool
    ignored: str = ""

    @property
    def received(self) -> tuple[Received, ...]:
        """Those that can be accepted, in order."""
        return tuple(item for item in self.items if isinstance(item, Received))

    @property
    def rejections(self) -> tuple[Rejection, ...]:
        """Those that cannot."""
        return tuple(item for item in self.items if isinstance(item, Rejection))


def lone(
    event: Event, key: str = "", at: int = 0, guessed: frozenset[str] = frozenset()
) -> Batch:
    """A batch of one event."""
    return Batch((Received(event, key, at, guessed),), many=False)


def nothing(reason: str) -> Batch:
    """What was understood, and is not told."""
    return Batch((), many=True, ignored=reason)


def judge_each(
    values: Sequence[JsonValue], read: Callable[[JsonValue], Received]
) -> Batch:
    """Read each element by itself: `Invalid` becomes its rejection.

    Raises `TooLarge` when there are more than a hundred.
    """
    if len(values) > MOST:
        reason = f"at most {MOST} events in one request, got {len(values):,}"
        raise TooLarge(reason, [Fault("", reason)])
    items: list[Received | Rejection] = []
    for index, value in enumerate(values):
        try:
            items.append(read(value))
        except Invalid as refused:
            items.append(Rejection(index, refused.faults))
    return Batch(tuple(items), many=True)


def whole(batch: Batch) -> Batch:
    """The batch, if nothing of it is refused: what a tool posts is taken whole or not
    at all, since nobody reads what it is answered. Raises `Invalid` with the faults."""
    faults = [
        Fault(f"{each.index}.{fault.field}".rstrip("."), fault.reason)
        for each in batch.rejections
        for fault in each.faults
    ]
    if faults:
        first, more = faults[0], len(faults) - 1
        told = f"{first.field}: {first.reason}" + (f" (and {more} more)" * bool(more))
        raise Invalid(f"nothing is taken, since {told}", faults[:FAULTS])
    return batch
