"""Matching: does a route want this event, and why (not), in words."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from fnmatch import fnmatchcase

from tocsin.events import Event
from tocsin.rules.config import Match
from tocsin.severity import Severity, parse_severity

_COMPARE = {
    ">=": (operator.ge, "at least"),
    "<=": (operator.le, "at most"),
    ">": (operator.gt, "above"),
    "<": (operator.lt, "below"),
}


def match(wanted: Match, event: Event, sender: str) -> tuple[bool, str]:
    """(whether everything named holds, the first thing that does not or all that do).

    An event's own `source` wins over the name of the key that sent it.
    """
    reasons = []
    for holds, reason in _tests(wanted, event, sender):
        if not holds:
            return False, reason
        reasons.append(reason)
    return True, "; ".join(reasons) or "it asks for nothing in particular"


def _tests(wanted: Match, event: Event, sender: str) -> Iterable[tuple[bool, str]]:
    if wanted.severity is not None:
        yield _severity(wanted.severity, event.severity)
    source = event.source or sender
    for name, globs, value in (
        ("type", wanted.type, event.type),
        ("source", wanted.source, source),
        ("branch", wanted.branch, event.branch),
    ):
        if globs is not None:
            yield _glob(name, globs, value)
    for label, pattern in wanted.labels.items():
        yield _glob(f"label {label}", (pattern,), event.labels.get(label, ""))


def _severity(wanted: tuple[str, ...], actual: Severity) -> tuple[bool, str]:
    for sign, (compare, word) in _COMPARE.items():
        if wanted[0].startswith(sign):
            bound = parse_severity(wanted[0].removeprefix(sign))
            holds = compare(actual.rank, bound.rank)
            verb = "is" if holds else "is not"
            return holds, f"severity {actual} {verb} {word} {bound}"
    holds = actual.rank in {parse_severity(text).rank for text in wanted}
    verb = "is" if holds else "is not"
    return holds, f"severity {actual} {verb} {' or '.join(wanted)}"


def _glob(name: str, globs: tuple[str, ...], value: str) -> tuple[bool, str]:
    shown = repr(value) if value else "(none)"
    for glob in globs:
        if fnmatchcase(value, glob):
            return True, f"{name} {shown} matches {glob!r}"
    return False, f"{name} {shown} does not match {' or '.join(map(repr, globs))}"
