"""Matching: does a route want this event, and why (not), in words."""

from __future__ import annotations

from tocsin.events import Event
from tocsin.rules.conditions import Subject
from tocsin.rules.criteria import Match


def match(wanted: Match, event: Event, sender: str) -> tuple[bool, str]:
    """(whether everything named holds, the first thing that does not or all that do).

    An event's own `source` wins over the name of the key that sent it.
    """
    subject, reasons = Subject(event, sender), []
    for condition in wanted.conditions:
        holds, reason = condition.judge(condition.of(subject))
        if not holds:
            return False, reason
        reasons.append(reason)
    return True, "; ".join(reasons) or "it asks for nothing in particular"


def holds(wanted: Match, subject: Subject) -> bool:
    """Whether everything named holds, without the words."""
    for of, verdicts in wanted.verdicts:  # noqa: SIM110 - `all` costs twice as much
        if not verdicts[of(subject)]:
            return False
    return True
