"""Conditions: one thing asked of an event, made ready to be asked often.

A condition answers (whether it holds, the reason in words for the trace).
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from fnmatch import translate
from typing import Any

from tocsin.events import Event
from tocsin.rules.automaton import Expression
from tocsin.severity import Severity, parse_severity

Verdict = tuple[bool, str]
Condition = Callable[[Event, str], Verdict]
Scalar = bool | int | float | str
_COMPARE: Mapping[str, tuple[Callable[[Any, Any], bool], str]] = {
    ">=": (operator.ge, "at least"),
    "<=": (operator.le, "at most"),
    ">": (operator.gt, "above"),
    "<": (operator.lt, "below"),
}
_EXPRESSION = re.compile(r"/(.+)/(i?)", re.DOTALL)
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", re.ASCII)
_REMEMBERED = 64
_SHOWN = 80
_MISSING = object()


def on_severity(wanted: Sequence[str]) -> Condition:
    """One severity of several, or a comparison with one."""
    verdicts = {actual: _severity(wanted, actual) for actual in Severity}
    return lambda event, _: verdicts[event.severity]


def on_type(globs: Sequence[str]) -> Condition:
    """The event's type."""
    test = _remembering(_globs("type", globs))
    return lambda event, _: test(event.type)


def on_source(globs: Sequence[str]) -> Condition:
    """The event's own source, or the name of the key that sent it."""
    test = _remembering(_globs("source", globs))
    return lambda event, sender: test(event.source or sender)


def on_branch(globs: Sequence[str]) -> Condition:
    """The event's branch."""
    test = _remembering(_globs("branch", globs))
    return lambda event, _: test(event.branch)


def on_label(label: str, pattern: str) -> Condition:
    """A label; one that is missing is an empty text."""
    matches = text_test(pattern)

    def judge(event: Event, _: str) -> Verdict:
        value = event.labels.get(label, "")
        shown = _shown(value) if value else "(none)"
        holds = matches(value)
        verb = "matches" if holds else "does not match"
        return holds, f"label {label} {shown} {verb} {pattern!r}"

    return judge


def on_data(path: str, wanted: Scalar) -> Condition:
    """A value in the event's data, or one of a list of them. "user.plan" is `plan`
    within `user`, unless there is a key with just that name."""
    test = value_test(wanted)
    parts = path.split(".")

    def judge(event: Event, _: str) -> Verdict:
        value = _found(event.data, path, parts)
        if value is _MISSING:
            return False, f"data {path} is missing"
        if not isinstance(value, list):
            holds, reason = test(value)
            return holds, f"data {path} {reason}"
        for each in value:
            holds, reason = test(each)
            if holds:
                return True, f"data {path} has one that {reason}"
        return False, f"data {path} has none of {len(value)} that fits {wanted!r}"

    return judge


def text_test(pattern: str) -> Callable[[str], bool]:
    """Equal, glob, or `/expression/` (`/expression/i` in any case).

    Raises ValueError for an expression that cannot be read.
    """
    found = _EXPRESSION.fullmatch(pattern)
    if found is not None:
        return Expression(found[1], any_case=bool(found[2])).search
    glob = re.compile(translate(pattern)).match
    return lambda text: glob(text) is not None


def value_test(wanted: Scalar) -> Callable[[Any], Verdict]:
    """The test of one JSON value. Raises ValueError for what cannot be asked."""
    if isinstance(wanted, str):
        for sign, (compare, word) in _COMPARE.items():
            if wanted.startswith(sign):
                bound = _number(wanted.removeprefix(sign).strip())
                if bound is None:
                    raise ValueError(
                        f'{sign} stands before a number, like "{sign}80"; for a text'
                        " write an /expression/"
                    )
                return _numeric(compare, word, bound)
        return _textual(repr(wanted), text_test(wanted))
    if isinstance(wanted, bool):
        return lambda value: _is(value is wanted, value, _shown(wanted))
    if not math.isfinite(wanted):
        raise ValueError("should be a number that can be reached")
    return _numeric(operator.eq, "equal to", wanted)


def _severity(wanted: Sequence[str], actual: Severity) -> Verdict:
    for sign, (compare, word) in _COMPARE.items():
        if wanted[0].startswith(sign):
            bound = parse_severity(wanted[0].removeprefix(sign))
            holds = compare(actual.rank, bound.rank)
            verb = "is" if holds else "is not"
            return holds, f"severity {actual} {verb} {word} {bound}"
    holds = actual.rank in {parse_severity(text).rank for text in wanted}
    verb = "is" if holds else "is not"
    return holds, f"severity {actual} {verb} {' or '.join(wanted)}"


def _globs(name: str, globs: Sequence[str]) -> Callable[[str], Verdict]:
    tests = [(repr(glob), re.compile(translate(glob)).match) for glob in globs]
    wanted = " or ".join(map(repr, globs))

    def judge(value: str) -> Verdict:
        shown = repr(value) if value else "(none)"
        for glob, matches in tests:
            if matches(value):
                return True, f"{name} {shown} matches {glob}"
        return False, f"{name} {shown} does not match {wanted}"

    return judge


def _remembering(judge: Callable[[str], Verdict]) -> Callable[[str], Verdict]:
    """The verdicts on the first few values met: types and branches are few."""
    known: dict[str, Verdict] = {}

    def remembered(value: str) -> Verdict:
        verdict = known.get(value)
        if verdict is None:
            verdict = judge(value)
            if len(known) < _REMEMBERED:
                known[value] = verdict
        return verdict

    return remembered


def _numeric(
    compare: Callable[[Any, Any], bool], word: str, bound: float
) -> Callable[[Any], Verdict]:
    def judge(value: Any) -> Verdict:
        number = _number(value)
        if number is None:
            return False, f"{_shown(value)} is not a number"
        return _is(compare(number, bound), value, f"{word} {bound:g}")

    return judge


def _is(holds: bool, value: Any, what: str) -> Verdict:
    return holds, f"{_shown(value)} {'is' if holds else 'is not'} {what}"


def _textual(wanted: str, matches: Callable[[str], bool]) -> Callable[[Any], Verdict]:
    def judge(value: Any) -> Verdict:
        shown = _shown(value)
        if isinstance(value, dict | list) or value is None:
            return False, f"{shown} is no text"
        holds = matches(value if isinstance(value, str) else shown)
        verb = "matches" if holds else "does not match"
        return holds, f"{shown} {verb} {wanted}"

    return judge


def _number(value: Any) -> float | None:
    """The value as a number: JSON's own, or a text that reads as one."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value
    if isinstance(value, str) and len(value) <= 30 and _NUMBER.fullmatch(value):
        return float(value)
    return None


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, str):
        return repr(value if len(value) <= _SHOWN else value[:_SHOWN] + "…")
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else f"{value}"[:_SHOWN]


def _found(data: Mapping[str, Any], path: str, parts: Sequence[str]) -> Any:
    if path in data:
        return data[path]
    value: Any = data
    for part in parts:
        if not isinstance(value, dict) or part not in value:
            return _MISSING
        value = value[part]
    return value
