"""Criteria: what a route or a silence asks of an event, as it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainValidator,
    model_validator,
)

from tocsin.events import Frozen
from tocsin.rules import conditions
from tocsin.rules.conditions import Condition, Judge, Remembered, Scalar, Subject
from tocsin.severity import parse_severity

_OPERATORS = (">=", "<=", ">", "<")
_DATA = "data."
LONGEST = 200


def listed(value: object) -> object:
    """One text may stand where a list of texts is asked for."""
    return [value] if isinstance(value, str) else value


Globs = Annotated[
    tuple[Annotated[str, Field(min_length=1, max_length=LONGEST)], ...],
    BeforeValidator(listed),
    Field(min_length=1, max_length=50),
]


def _comparison(value: object) -> object:
    """Check ">=high", "<=low", "high" or a list of plain severities."""
    texts = value if isinstance(value, list | tuple) else [value]
    for text in texts:
        if not isinstance(text, str):
            raise ValueError('a severity is text, like "high" or ">=high"')
        sign = next((sign for sign in _OPERATORS if text.startswith(sign)), "")
        if sign and len(texts) > 1:
            raise ValueError('a list holds plain severities; ">=" stands alone')
        parse_severity(text.removeprefix(sign))
    return listed(value)


Severities = Annotated[
    tuple[str, ...], BeforeValidator(_comparison), Field(min_length=1, max_length=20)
]


def _pattern(value: str) -> str:
    conditions.text_test(value)
    return value


# Equal, a glob, or a regular expression between slashes.
Pattern = Annotated[str, Field(max_length=LONGEST), AfterValidator(_pattern)]


def _scalar(value: object) -> Scalar:
    if isinstance(value, str) and len(value) > LONGEST:
        raise ValueError(f"should have at most {LONGEST} characters")
    if not isinstance(value, Scalar):
        raise ValueError('should be a text, a number, true or false, like ">=80"')
    conditions.value_test(value)
    return value


# A pattern, a number or a truth value to equal, or a comparison with a number.
Wanted = Annotated[Scalar, PlainValidator(_scalar, json_schema_input_type=Scalar)]


def _path(value: str) -> str:
    if not all(value.split(".")):
        raise ValueError('a part of this path has no name; write it like "user.plan"')
    return value


Path = Annotated[str, AfterValidator(_path)]


class Match(Frozen):
    """What is asked. Everything named must hold; absent = anything.

    `data.score: ">=80"` may also be written as `data: {score: ">=80"}`.
    """

    type: Globs | None = None
    source: Globs | None = None
    branch: Globs | None = None
    severity: Severities | None = None
    labels: Annotated[dict[str, Pattern], Field(max_length=50)] = {}
    data: Annotated[dict[Path, Wanted], Field(max_length=50)] = {}

    @model_validator(mode="before")
    @classmethod
    def _gather_data(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        dotted = {
            key: wanted
            for key, wanted in value.items()
            if isinstance(key, str) and key.startswith(_DATA) and key != _DATA
        }
        inner = value.get("data", {})
        if not dotted or not isinstance(inner, dict):
            return value
        named = {key.removeprefix(_DATA): wanted for key, wanted in dotted.items()}
        twice = named.keys() & inner.keys()
        if twice:
            raise ValueError(f"data.{min(twice)} is asked for twice")
        rest = {key: each for key, each in value.items() if key not in dotted}
        return {**rest, "data": {**inner, **named}}

    @cached_property
    def conditions(self) -> tuple[Condition, ...]:
        """What is asked, made ready once: rules are read seldom and asked often."""
        return tuple(self._conditions())

    @cached_property
    def verdicts(self) -> tuple[tuple[Callable[[Subject], Any], Remembered[bool]], ...]:
        """For each condition what it is about, and of which values it holds."""
        return tuple(
            (condition.of, Remembered(_without_words(condition.judge)))
            for condition in self.conditions
        )

    def _conditions(self) -> Iterator[Condition]:
        if self.severity is not None:
            yield conditions.on_severity(self.severity)
        if self.type is not None:
            yield conditions.on_type(self.type)
        if self.source is not None:
            yield conditions.on_source(self.source)
        if self.branch is not None:
            yield conditions.on_branch(self.branch)
        for label, pattern in self.labels.items():
            yield conditions.on_label(label, pattern)
        for path, wanted in self.data.items():
            yield conditions.on_data(path, wanted)


def _without_words(judge: Judge) -> Callable[[Any], bool]:
    return lambda value: judge(value)[0]
