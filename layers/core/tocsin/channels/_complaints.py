"""Complaints: what is wrong with a destination's settings, never what was given."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pydantic import ValidationError

from tocsin.errors import Fault


def faults_of(
    error: ValidationError, words: Mapping[str, str], *, whole: str = ""
) -> list[Fault]:
    """Field and reason of each. `words` are the channel's own, by pydantic's kind of
    error; what concerns no field by itself is put down to the one named `whole`."""
    return [
        Fault(
            ".".join(map(str, one["loc"])) or whole,
            words.get(one["type"], one["msg"].removeprefix("Value error, ")),
        )
        for one in error.errors(include_url=False, include_input=False)
    ]


def why(error: ValueError, faults_of: Callable[[ValidationError], list[Fault]]) -> str:
    """The first three, in a line, of settings that were stored wrongly."""
    if not isinstance(error, ValidationError):
        return str(error)
    return "; ".join(f"{one.field}: {one.reason}" for one in faults_of(error)[:3])
