"""Metrics: how deliveries go, for pages that ask again and again."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from pydantic import Field

from tocsin import presenting, shapes
from tocsin.api.operation import Answer, Call, Nothing, Operation
from tocsin.api.reach import Reach
from tocsin.events import Frozen
from tocsin.metering import MOST, figures
from tocsin.settings import Scope

FRESH_MS = 10_000
_KEPT = 8
Known = dict[int, tuple[int, shapes.MetricsShape]]


class Span(Frozen):
    """How far back."""

    minutes: Annotated[int, Field(ge=5, le=7 * 24 * 60)] = 60


def operations(reach: Reach) -> list[Operation[Any, Any]]:
    """The operation on figures; an answer serves for ten seconds."""
    known: Known = {}
    return [
        Operation(
            "GET",
            "/v1/metrics",
            "How do deliveries go? States over time, latency, age of what waits; of the"
            f" newest {MOST:,} notifications at most, and it says so.",
            partial(_read, reach, known),
            Scope.OPERATE,
            Span,
            Nothing,
            shapes.MetricsShape,
        )
    ]


def _read(reach: Reach, known: Known, call: Call[Span, Nothing]) -> Answer:
    now, minutes = reach.clock.now(), call.query.minutes
    at, answer = known.get(minutes, (0, None))
    if answer is None or now - at >= FRESH_MS:
        found = figures(now, minutes, archive=reach.archive, calendar=reach.calendar)
        answer = presenting.metrics(found)
        if len(known) >= _KEPT:
            known.clear()
        known[minutes] = (now, answer)
    return Answer(answer)
