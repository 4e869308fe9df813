"""Conditions: one thing asked of an event, made ready to be asked often.

A condition answers (whether it holds, the reason in words for the trace).
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from fnmatch import translate
from functools import lru_cache
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
_REMEMBERED = 128
_SHOWN = 80
_MISSING = object()
_WILD = frozenset("*?[")


class _Verdicts(dict[Any, Verdict]):
    """The verdicts on the first few values met: types and branches are few."""

    def __init__(self, judge: Callable[[Any], Verdict]) -> None:
        self._judge = judge

    def __missing__(self, value: Any) -> Verdict:
        verdict = self._judge(value)
        if len(self) < _REMEMBERED:
            self[value] = verdict
        return verdict


@lru_cache(maxsize=256)
def on_severity(wanted: tuple[str, ...]) -> Condition:
    """One severity of several, or a comparison with one."""
    verdicts = {actual: _severity(wanted, actual) for actual in Severity}
    return lambda event, _: verdicts[event.severity]


def on_type(globs: Sequence[str]) -> Condition:
    """The event's type."""
    verdicts = _Verdicts(_globs("type", globs))
    return lambda event, _: verdicts[event.type]


def on_source(globs: Sequence[str]) -> Condition:
    """The event's own source, or the name of the key that sent it."""
    verdicts = _Verdicts(_globs("source", globs))
    return lambda event, sender: verdicts[event.source or sender]


def on_branch(globs: Sequence[str]) -> Condition:
    """The event's branch."""
    verdicts = _Verdicts(_globs("branch", globs))
    return lambda event, _: verdicts[event.branch]


def on_label(label: str, pattern: str) -> Condition:
    """A label; one that is missing is an empty text."""
    matches, wanted = text_test(pattern), repr(pattern)

    def judge(value: str) -> Verdict:
        if matches(value):
            return True, f"label {label} {_shown_text(value)} matches {wanted}"
        return False, f"label {label} {_shown_text(value)} does not match {wanted}"

    verdicts = _Verdicts(judge)
    return lambda event, _: verdicts[event.labels.get(label, "")]


def on_data(path: str, wanted: Scalar) -> Condition:
    """A value in the event's data, or one of a list of them. "user.plan" is `plan`
    within `user`, unless there is a key with just that name."""
    test = value_test(wanted)
    parts = path.split(".")

    def judge_one(value: Any) -> Verdict:
        holds, reason = test(value)
        return holds, f"data {path} {reason}"

    verdicts = _Verdicts(judge_one)

    def judge(event: Event, _: str) -> Verdict:
        value = _found(event.data, path, parts)
        if value is _MISSING:
            return False, f"data {path} is missing"
        if type(value) is str or type(value) is int:  # what 1 is, True may not be
            return verdicts[value]
        if not isinstance(value, list):
            return judge_one(value)
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
    return _glob_test(pattern)


def _glob_test(glob: str) -> Callable[[str], bool]:
    """Most globs are plain, or end in `*`: making ready an expression takes long."""
    begin = glob.removesuffix("*")
    if not _WILD.isdisjoint(begin):
        matches = re.compile(translate(glob)).match
        return lambda text: matches(text) is not None
    if begin != glob:
        return lambda text: text.startswith(begin)
    return lambda text: text == glob


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
    tests = [(repr(glob), _glob_test(glob)) for glob in globs]
    wanted = " or ".join(map(repr, globs))

    def judge(value: str) -> Verdict:
        for glob, matches in tests:
            if matches(value):
                return True, f"{name} {_shown_text(value)} matches {glob}"
        return False, f"{name} {_shown_text(value)} does not match {wanted}"

    return judge


def _numeric(
    compare: Callable[[Any, Any], bool], word: str, bound: float
) -> Callable[[Any], Verdict]:
    def judge(value: Any) -> Verdict:
        number = _number(value)
        if number is None:
            return False, f"{_shown(value)} is not a number"
        return _is(compare(number, bound), value, what)

    what = f"{word} {bound:g}"
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
    if isinstance(value, (int, float)):
        return value
    if isinstance(value, str) and len(value) <= 30 and _NUMBER.fullmatch(value):
        return float(value)
    return None


@lru_cache(maxsize=1024)
def _shown_text(value: str) -> str:
    """Quoted, and not at any length: the trace is stored with each notification."""
    if not value:
        return "(none)"
    return repr(value if len(value) <= _SHOWN else value[:_SHOWN] + "…")


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, str):
        return _shown_text(value) if value else "''"
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else f"{value}"[:_SHOWN]


def _found(data: Mapping[str, Any], path: str, parts: Sequence[str]) -> Any:
    if path in data:
        return data[path]
    if len(parts) == 1:
        return _MISSING
    value: Any = data
    for part in parts:
        if not isinstance(value, dict) or part not in value:
            return _MISSING
        value = value[part]
    return value
