"""Native: the JSON form of an event as `docs` tell it, one or a list of them."""

from __future__ import annotations

from pydantic import JsonValue, ValidationError

from tocsin.errors import Fault, Invalid
from tocsin.events import Event
from tocsin.intake.batch import Batch, Received, judge_each
from tocsin.intake.faults import faults_of, kind_of


def read_events(value: JsonValue) -> Batch:
    """One object, or a list of 1 to 100 judged one by one.

    Raises `Invalid` for a lone event that is wrong, `TooLarge` for too long a list.
    """
    if not isinstance(value, list):
        return Batch((read_event(value),), many=False)
    if not value:
        raise Invalid("the list is empty", [Fault("", "the list is empty")])
    return judge_each(value, read_event)


def read_event(value: JsonValue) -> Received:
    """One event. Raises `Invalid` with its faults."""
    if not isinstance(value, dict):
        reason = f"an event should be an object, got {kind_of(value)}"
        raise Invalid(reason, [Fault("", reason)])
    try:
        return Received(Event.model_validate(value))
    except ValidationError as error:
        faults = faults_of(error)
        raise Invalid(summary(faults), faults) from None


def summary(faults: tuple[Fault, ...]) -> str:
    """One line for the whole: the first fault, and how many there are."""
    first = faults[0]
    told = f"{first.field}: {first.reason}" if first.field else first.reason
    return told if len(faults) == 1 else f"{told} (and {len(faults) - 1} more)"
