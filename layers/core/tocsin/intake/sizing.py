"""Sizing: what is too large to keep beside an event is kept elsewhere, and named."""

from __future__ import annotations

import json
from dataclasses import replace

from tocsin.errors import Fault, TooLarge
from tocsin.events import Event, Fact
from tocsin.intake.batch import Batch, Received, Rejection

# A body above this may make an event that does not fit into a row.
LOOKED_AT = 32 * 1024
# A body above this is kept as it came.
KEPT_APART = 256 * 1024
# Of an event as JSON; a row of DynamoDB holds 400 KB.
LARGEST = 256 * 1024
LABEL = "original"
_LABELS, _FIELDS = 64, 50


def sized(batch: Batch, original: str = "") -> Batch:
    """The batch with events that can be kept; `original` names the body as it came.

    Raises `TooLarge` when an event cannot be made to fit.
    """
    items: list[Received | Rejection] = [
        replace(item, event=_fitting(_named(item.event, original), original))
        if isinstance(item, Received)
        else item
        for item in batch.items
    ]
    return replace(batch, items=tuple(items))


def _named(event: Event, original: str) -> Event:
    if not original or len(event.labels) >= _LABELS:
        return event
    return event.model_copy(update={"labels": {**event.labels, LABEL: original}})


def _fitting(event: Event, original: str) -> Event:
    size = _size(event)
    if size <= LARGEST:
        return event
    said = f"{size:,} bytes are too many to keep here"
    told = Fact(
        name="Left out", value=f"{said}; whole in {original}" if original else said
    )
    fields = (*event.fields[: _FIELDS - 1], told)
    less = event.model_copy(update={"data": {}, "fields": fields})
    if _size(less) > LARGEST:
        reason = f"one event has {size:,} bytes; at most {LARGEST:,} can be kept"
        raise TooLarge(reason, [Fault("", reason)])
    return less


def _size(event: Event) -> int:
    return len(json.dumps(event.dump(), ensure_ascii=False).encode())
