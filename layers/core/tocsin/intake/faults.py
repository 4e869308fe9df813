"""Faults: what pydantic found wrong with an event, in words for its sender."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from tocsin.errors import Fault
from tocsin.events import Attachment, Event, Fact, Link
from tocsin.intake.reading import shown

MOST = 20
_PARTS: dict[object, type[BaseModel]] = {
    "fields": Fact,
    "links": Link,
    "attachments": Attachment,
}
_TIME = "should be a time with its zone, like 2026-11-21T08:31:23Z"
_WEB = "should be a web address, like https://example.com/page"


def faults_of(error: ValidationError, prefix: str = "") -> tuple[Fault, ...]:
    """At most 20 faults, each with its dotted field. The input is never echoed, save
    for the names of unknown keys."""
    found = error.errors(include_url=False)
    faults = [
        Fault(_path(detail["loc"], prefix), _reason(detail)) for detail in found[:MOST]
    ]
    if len(found) > MOST:
        faults.append(Fault(prefix, f"and {len(found) - MOST:,} more"))
    return tuple(faults)


def kind_of(value: object) -> str:
    """What a JSON value is, in words."""
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "number"
        case str():
            return "text"
        case list():
            return "a list"
        case _:
            return "an object"


def _path(place: tuple[int | str, ...], prefix: str) -> str:
    parts = [shown(str(part)) for part in place if part != "[key]"]
    return ".".join([prefix, *parts] if prefix else parts)


def _reason(detail: ErrorDetails) -> str:
    explain = _REASONS.get(detail["type"])
    if explain is not None:
        return explain(detail)
    if detail["type"].startswith(("datetime_", "timezone_")):
        return _TIME
    if detail["type"].startswith("date_"):
        return "should be a day like 2026-11-21"
    if detail["type"].startswith("url_"):
        return _WEB
    return "is not valid"


def _should_be(wanted: str) -> Callable[[ErrorDetails], str]:
    return lambda detail: f"should be {wanted}, got {kind_of(detail['input'])}"


def _too_long(detail: ErrorDetails) -> str:
    told = detail["input"]
    unit = "characters" if isinstance(told, str) else "entries"
    limit = detail.get("ctx", {})["max_length"]
    return f"at most {limit:,} {unit}, got {len(told):,}"


def _bound(word: str, name: str) -> Callable[[ErrorDetails], str]:
    return lambda detail: f"must be {word} {detail.get('ctx', {})[name]:,}"


def _empty(detail: ErrorDetails) -> str:
    return (
        "a name must not be empty" if "[key]" in detail["loc"] else "must not be empty"
    )


def _pattern(_: ErrorDetails) -> str:
    return "only letters, digits and _ . : / - with a letter or a digit first"


def _choice(detail: ErrorDetails) -> str:
    choices = str(detail.get("ctx", {})["expected"]).replace("'", "")
    return f"should be {choices}"


def _own_words(detail: ErrorDetails) -> str:
    return str(detail.get("ctx", {})["error"])


def _unknown(detail: ErrorDetails) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - only refusals need it

    place = detail["loc"]
    model = _PARTS.get(place[0], Event) if len(place) > 1 else Event
    known = list(model.model_fields)
    near = get_close_matches(str(place[-1])[:40].lower(), known, n=1)
    if near:
        return f'unknown key; did you mean "{near[0]}"?'
    return f"unknown key; known keys: {', '.join(known)}"


_REASONS: dict[str, Callable[[ErrorDetails], str]] = {
    "missing": lambda _: "is missing",
    "extra_forbidden": _unknown,
    "string_type": _should_be("text"),
    "string_too_long": _too_long,
    "string_too_short": _empty,
    "string_pattern_mismatch": _pattern,
    "too_long": _too_long,
    "url_too_long": _too_long,
    "int_type": _should_be("a whole number"),
    "int_parsing": _should_be("a whole number"),
    "int_parsing_size": _should_be("a smaller number"),
    "int_from_float": lambda _: "should be a whole number",
    "float_type": _should_be("a number"),
    "finite_number": lambda _: "should be a finite number",
    "list_type": _should_be("a list"),
    "date_type": _should_be("a day like 2026-11-21"),
    "less_than_equal": _bound("at most", "le"),
    "greater_than_equal": _bound("at least", "ge"),
    "bool_type": _should_be("true or false"),
    "bool_parsing": lambda _: "should be true or false",
    "literal_error": _choice,
    "value_error": _own_words,
    "dict_type": _should_be("an object"),
    "model_type": _should_be("an object"),
    "tuple_type": _should_be("a list"),
}
