"""Routes: which notifications go to which destinations, and how."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import (
    BeforeValidator,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from tocsin.events import Mention
from tocsin.rules.criteria import Match, listed
from tocsin.rules.policy import DestinationName, Place, Policy
from tocsin.severity import Severity, parse_severity
from tocsin.validation import misplaced


class Route(Policy):
    """One of the routing file's, with its own policy."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    match: Match = Match()
    to: Annotated[
        tuple[DestinationName, ...], BeforeValidator(listed), Field(max_length=20)
    ]
    mentions: dict[Severity, tuple[Mention, ...]] = {}
    may_mention: tuple[Mention, ...] = ()
    on_unknown: Literal["retry", "stop"] = "retry"
    continue_: Annotated[bool, Field(alias="continue")] = False

    @field_validator("mentions", mode="before")
    @classmethod
    def _known_severities(cls, value: object) -> object:
        if not isinstance(value, dict):
            return value
        return {parse_severity(str(word)): pings for word, pings in value.items()}

    @model_validator(mode="after")
    def _everyone_is_for_critical(self) -> Route:
        for severity, pings in self.mentions.items():
            wide = {"@everyone", "@here"} & set(pings)
            if wide and severity is not Severity.CRITICAL:
                told = f"{min(wide)} is for critical only, not {severity}"
                raise misplaced(("mentions", severity), told)
        return self

    def named_destinations(self) -> Iterator[tuple[Place, str]]:
        """Those of `to` come first."""
        for index, name in enumerate(self.to):
            yield ("to", index), name
        yield from super().named_destinations()
