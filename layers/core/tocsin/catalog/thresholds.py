"""Thresholds: an event below that of its type is kept and not sent."""

from __future__ import annotations

from collections.abc import Mapping

from tocsin.catalog import TYPES, kind_of
from tocsin.catalog.declared import DeclaredType, declared_for
from tocsin.catalog.formats import plain
from tocsin.events import Event


def shortfall(event: Event, types: Mapping[str, DeclaredType]) -> str:
    """Why the event is below the threshold of its type, or ""."""
    if not types and event.type not in TYPES:
        return ""
    declared = declared_for(types, event.type)
    bounds: Mapping[str, float] = declared.threshold if declared else {}
    if not bounds:
        kind = kind_of(event.type)
        bounds = dict([kind.at_least]) if kind and kind.at_least else {}
    for key, bound in bounds.items():
        value = event.data.get(key)
        if isinstance(value, int | float) and value < bound:
            told = f"{key} {plain(value)} is below {plain(bound)}"
            return f"{told}, the threshold of {event.type}: kept, not sent"
    return ""
