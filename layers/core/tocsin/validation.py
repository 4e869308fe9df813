"""Validation: a border model's complaints as faults, without what was sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticCustomError

from tocsin.errors import Fault, Invalid

FAULTS_TOLD = 20
_FIELD_LENGTH = 200
_WHOLE = "should be a whole number"
_TIME = 'should be a time with its zone, like "2026-11-21T22:00:00+01:00"'
_WORDS = {
    "bool_parsing": "should be true or false",
    "bool_type": "should be true or false",
    "dict_type": "should be an object",
    "enum": "should be {expected}",
    "extra_forbidden": "unknown key",
    "float_parsing": "should be a number",
    "float_type": "should be a number",
    "frozen_set_type": "should be a list",
    "greater_than_equal": "must be at least {ge}",
    "int_from_float": _WHOLE,
    "int_parsing": _WHOLE,
    "int_parsing_size": "should be a smaller number",
    "int_type": _WHOLE,
    "less_than_equal": "must be at most {le}",
    "list_type": "should be a list",
    "literal_error": "should be {expected}",
    "missing": "missing",
    "model_type": "should be an object",
    "string_pattern_mismatch": "should be of the form {pattern}",
    "string_too_long": "at most {max_length} characters",
    "string_too_short": "must not be empty",
    "string_type": "should be text",
    "too_long": "at most {max_length} entries",
    "too_short": "must not be empty",
    "tuple_type": "should be a list",
}
Model = TypeVar("Model", bound=BaseModel)


def validated(model: type[Model], value: Any, *, inside: str = "") -> Model:
    """The value as the model. Raises `Invalid` naming fields and reasons.

    `inside` is where the value stands in the request: "query", or "" for the body.
    """
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise invalid(faults_of(error, inside=inside)) from None


def invalid(faults: Iterable[Fault]) -> Invalid:
    """An `Invalid` whose detail reads as a sentence even without the list."""
    listed = list(faults)
    first = listed[0]
    more = f" (and {len(listed) - 1} more)" if len(listed) > 1 else ""
    return Invalid(f"{first.field or 'the body'}: {first.reason}{more}", listed)


def faults_of(error: ValidationError, *, inside: str = "") -> list[Fault]:
    """The first twenty complaints. Never holds the value, which may be a secret."""
    complaints = error.errors(include_url=False, include_input=False)
    return [
        Fault(
            path_of((inside, *complaint["loc"], *_within(complaint))),
            _reason(complaint),
        )
        for complaint in complaints[:FAULTS_TOLD]
    ]


def misplaced(place: Sequence[str | int], reason: str) -> PydanticCustomError:
    """What a model raises that looks at several keys: `place` is the one to blame, seen
    from that model."""
    told = {"reason": reason, "place": tuple(place)}
    return PydanticCustomError("misplaced", "{reason}", told)


def path_of(parts: Sequence[str | int]) -> str:
    """A dotted path: ("routes", 0, "to") is "routes.0.to". Pydantic adds of a key that
    is wrong itself that it is one."""
    named = (str(part) for part in parts if part not in ("", "[key]"))
    return ".".join(named)[:_FIELD_LENGTH]


def _within(complaint: Any) -> Sequence[str | int]:
    found: Sequence[str | int] = complaint.get("ctx", {}).get("place", ())
    return found if complaint["type"] == "misplaced" else ()


def _reason(complaint: Any) -> str:
    known = _WORDS.get(complaint["type"])
    if known:
        return known.format(**complaint.get("ctx", {}))
    if complaint["type"].startswith(("datetime_", "timezone_")):
        return _TIME
    return str(complaint["msg"]).removeprefix("Value error, ")
