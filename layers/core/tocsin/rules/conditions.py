"""Conditions: one thing asked of an event, made ready to be asked often."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from fnmatch import translate
from functools import lru_cache
from operator import attrgetter
from typing import Any, TypeVar

from tocsin.events import Event
from tocsin.rules.automaton import Expression
from tocsin.severity import Severity, parse_severity
from tocsin.values import dataclass

T = TypeVar("T")
Verdict = tuple[bool, str]
Judge = Callable[[Any], Verdict]
Scalar = bool | int | float | str
_COMPARE: Mapping[str, tuple[Callable[[Any, Any], bool], str]] = {
    ">=": (operator.ge, "at least"),
    "<=": (operator.le, "at most"),
    ">": (operator.gt, "above"),
    "<": (operator.lt, "below"),
}
_NO_SIGNS = ("=>", "=<", "==", "!=", "≥", "≤")
_EXPRESSION = re.compile(r"/(.+)/(i?)", re.DOTALL)
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", re.ASCII)
_REMEMBERED = 128
_SHOWN = 80
_MISSING = object()
_WILD = frozenset("*?[")


class Subject:
    """What may be asked of an event. Its own source wins over the name of the key that
    sent it."""

    __slots__ = ("branch", "data", "labels", "severity", "source", "type")

    def __init__(self, event: Event, sender: str) -> None:
        self.type, self.severity = event.type, event.severity
        self.source, self.branch = event.source or sender, event.branch
        self.labels, self.data = event.labels, event.data


@dataclass(frozen=True, slots=True)
class Condition:
    """`of` finds in the subject what is asked about; `judge` says of that (whether it
    holds, the reason in words for the trace)."""

    of: Callable[[Subject], Any]
    judge: Judge


class Remembered(dict[Any, T]):
    """What was made of the first few values met: types and branches are few."""

    def __init__(self, make: Callable[[Any], T]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, value: Any) -> T:
        made = self._make(value)
        if len(self) < _REMEMBERED and type(value) is not _Odd:
            self[value] = made
        return made


class _Odd:
    """A value that cannot be remembered, or is equal to one that is not the same."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


_of_severity = attrgetter("severity")
_of_type = attrgetter("type")
_of_source = attrgetter("source")
_of_branch = attrgetter("branch")


@lru_cache(maxsize=256)
def on_severity(wanted: tuple[str, ...]) -> Condition:
    """One severity of several, or a comparison with one."""
    verdicts = {actual: _severity(wanted, actual) for actual in Severity}
    return Condition(_of_severity, verdicts.__getitem__)


def on_type(globs: Sequence[str]) -> Condition:
    """The event's type."""
    return Condition(_of_type, _globs("type", globs))


def on_source(globs: Sequence[str]) -> Condition:
    """The event's own source, or the name of the key that sent it."""
    return Condition(_of_source, _globs("source", globs))


def on_branch(globs: Sequence[str]) -> Condition:
    """The event's branch."""
    return Condition(_of_branch, _globs("branch", globs))


def on_label(label: str, pattern: str) -> Condition:
    """A label; one that is missing is an empty text."""
    matches, wanted = text_test(pattern), repr(pattern)

    def judge(value: str) -> Verdict:
        if matches(value):
            return True, f"label {label} {_shown_text(value)} matches {wanted}"
        return False, f"label {label} {_shown_text(value)} does not match {wanted}"

    return Condition(lambda subject: subject.labels.get(label, ""), judge)


def on_data(path: str, wanted: Scalar) -> Condition:
    """A value in the event's data, or one of a list of them. "user.plan" is `plan`
    within `user`, unless there is a key with just that name."""
    parts, test = path.split("."), value_test(wanted)

    def of(subject: Subject) -> Any:
        value = _found(subject.data, path, parts)
        plain = type(value) is str or type(value) is int or value is _MISSING
        return value if plain else _Odd(value)  # what 1 is, True may not be

    def judge(value: Any) -> Verdict:
        if type(value) is _Odd:
            value = value.value
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

    return Condition(of, judge)


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
        if wanted.startswith(_NO_SIGNS):
            raise ValueError(
                "only >=, <=, > and < compare; for a text write an /expression/"
            )
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


def _globs(name: str, globs: Sequence[str]) -> Judge:
    tests = [(_glob_test(glob), f" matches {glob!r}") for glob in globs]
    missed = f" does not match {' or '.join(map(repr, globs))}"

    def judge(value: str) -> Verdict:
        for matches, words in tests:
            if matches(value):
                return True, f"{name} {_shown_text(value)}{words}"
        return False, f"{name} {_shown_text(value)}{missed}"

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
