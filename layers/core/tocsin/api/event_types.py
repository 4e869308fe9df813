"""Event types: the catalogue, with schemas, defaults and samples."""

from __future__ import annotations

from functools import partial
from typing import Any

from typing_extensions import TypedDict

from tocsin.api.operation import Answer, Call, Nothing, Operation
from tocsin.api.reach import Reach
from tocsin.settings import Scope


class EventTypeShape(TypedDict):
    """A type: `data` is the JSON Schema of an event's data, `needs` its keys that an
    event without a title must have, `shown` what `sample` looks like."""

    type: str
    domain: str
    does: str
    severity: str
    ttl: int | None
    threshold: dict[str, float]
    needs: list[str]
    data: dict[str, Any]
    sample: dict[str, Any]
    shown: dict[str, Any]


class EventTypeList(TypedDict):
    """In the catalogue's order. Types that are not listed are welcome, too."""

    event_types: list[EventTypeShape]


def operations(reach: Reach) -> list[Operation[Any, Any]]:
    """The operation on the catalogue."""
    return [
        Operation(
            "GET",
            "/v1/event-types",
            "List the event types that Tocsin knows, each with a sample as shown here.",
            partial(_list, reach),
            Scope.INGEST,
            Nothing,
            Nothing,
            EventTypeList,
        ),
    ]


def _list(reach: Reach, _: Call[Nothing, Nothing]) -> Answer:
    # Only this call needs every domain's module.
    from tocsin.catalog.describing import described  # noqa: PLC0415

    config = reach.settings.current().config
    return Answer({"event_types": list(described(config, reach.clock.now()))})
