"""Reports: when Tocsin tells of itself, as the routing file writes it."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError

from tocsin.events import Frozen
from tocsin.rules.policy import Digest, Off


def schedule_of(when: str) -> Digest:
    """The times that "03:00" or "mon 08:00" says."""
    *days, time = when.split()
    return Digest.model_validate({"at": time, "every": days or "day"})


def _text(value: object) -> object:
    if value is not None and not isinstance(value, str):
        raise ValueError('write it as text: "03:00", "mon 08:00" or off')
    return value


def _when(value: str | None) -> str | None:
    if value is not None:
        try:
            schedule_of(value)
        except (ValidationError, ValueError):
            raise ValueError(
                'not a time to report at; write "03:00", "mon 08:00" or off'
            ) from None
    return value


When = Annotated[
    Annotated[str, Field(max_length=60)] | None,
    BeforeValidator(_text),
    Off,
    AfterValidator(_when),
]


class Reports(Frozen):
    """`lint`: what looks wrong. `noise`: what each route told, and who cared."""

    lint: When = "03:00"
    noise: When = "mon 08:00"
