"""Demands: the few things without which a payload is not what its adapter reads."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import JsonValue

from tocsin.errors import Fault, Invalid
from tocsin.intake.faults import kind_of


def wrong(field: str, reason: str) -> Invalid:
    """The refusal of one field ("" = the whole body)."""
    return Invalid(f"{field}: {reason}" if field else reason, [Fault(field, reason)])


def an_object(value: JsonValue, field: str = "") -> Mapping[str, JsonValue]:
    """The object. Raises `Invalid`."""
    if isinstance(value, dict):
        return value
    if value is None and field:
        raise wrong(field, "is missing")
    raise wrong(field, f"should be an object, got {kind_of(value)}")


def a_list(value: JsonValue, field: str = "") -> list[JsonValue]:
    """The list. Raises `Invalid`, also when it is empty."""
    if value is None and field:
        raise wrong(field, "is missing")
    if not isinstance(value, list):
        raise wrong(field, f"should be a list, got {kind_of(value)}")
    if not value:
        raise wrong(field, "must not be empty")
    return value


def a_text(value: JsonValue, field: str) -> str:
    """Text that says something. Raises `Invalid`."""
    if value is None:
        raise wrong(field, "is missing")
    if not isinstance(value, str):
        raise wrong(field, f"should be text, got {kind_of(value)}")
    if not value.strip():
        raise wrong(field, "must not be empty")
    return value
