"""Results: what became of a notification, as a truth value that can explain itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tocsin_client.answers import Fault


@dataclass(frozen=True)
class Delivery:
    """One destination, and how far it has got there."""

    destination: str
    status: str


@dataclass(frozen=True)
class Step:
    """A rule that was asked, and what it said (dry runs only)."""

    rule: str
    verdict: str


@dataclass(frozen=True)
class Result:
    """True when the event is accepted: durable, and told or kept by the rules.

    Else `error` says why in words, `faults` which fields are wrong. `status` is the
    API's word, or `captured` under pytest. `repeat`: it was counted under the open
    problem `id`, which has been seen `occurrences` times.
    """

    accepted: bool
    id: str = ""
    status: str = ""
    deliveries: tuple[Delivery, ...] = ()
    error: str = ""
    faults: tuple[Fault, ...] = ()
    repeat: bool = False
    occurrences: int = 1
    reason: str = ""
    trace: tuple[Step, ...] = ()

    def __bool__(self) -> bool:
        return self.accepted


class NotSent(Exception):
    """Raised instead of a false result where `raise_errors=True` asks for it."""

    def __init__(self, result: Result) -> None:
        super().__init__(result.error)
        self.result = result


def failed(error: str, faults: tuple[Fault, ...] = ()) -> Result:
    """It was not accepted, or nobody knows."""
    return Result(accepted=False, error=error, faults=faults)


def result_of(told: Mapping[str, Any]) -> Result:
    """What the API said of one accepted event."""
    return Result(
        accepted=True,
        id=str(told.get("id") or ""),
        status=str(told.get("status") or ""),
        deliveries=tuple(
            Delivery(str(each["destination"]), str(each["status"]))
            for each in told.get("deliveries") or ()
        ),
        repeat=bool(told.get("repeat")),
        occurrences=int(told.get("occurrences") or 1),
        reason=str(told.get("reason") or ""),
        trace=tuple(
            Step(str(each["rule"]), str(each["verdict"]))
            for each in told.get("trace") or ()
        ),
    )


def faults_in(told: Any) -> tuple[Fault, ...]:
    """The faults of a list's rejected elements."""
    return tuple(
        Fault(str(each.get("field", "")), str(each.get("reason", "")))
        for item in told
        if isinstance(item, Mapping) and item.get("status") == "rejected"
        for each in item.get("errors") or ()
        if isinstance(each, Mapping)
    )
