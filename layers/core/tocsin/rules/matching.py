"""Matching: does a route want this event, and why (not), in words."""

from __future__ import annotations

from tocsin.events import Event
from tocsin.rules.criteria import Match


def match(wanted: Match, event: Event, sender: str) -> tuple[bool, str]:
    """(whether everything named holds, the first thing that does not or all that do).

    An event's own `source` wins over the name of the key that sent it.
    """
    reasons = []
    for condition in wanted.conditions:
        holds, reason = condition(event, sender)
        if not holds:
            return False, reason
        reasons.append(reason)
    return True, "; ".join(reasons) or "it asks for nothing in particular"


def holds(wanted: Match, event: Event, sender: str) -> bool:
    """Whether everything named holds, without the words."""
    for condition in wanted.conditions:  # noqa: SIM110 - `all` costs twice as much
        if not condition(event, sender)[0]:
            return False
    return True
