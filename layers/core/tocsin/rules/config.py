"""The routing file (`tocsin.yaml`) as a model: destinations, routes, time zone."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    BeforeValidator,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from tocsin.events import Frozen, Mention
from tocsin.severity import Severity, parse_severity

DestinationName = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=40)
]
_OPERATORS = (">=", "<=", ">", "<")


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


Globs = Annotated[
    tuple[Annotated[str, Field(min_length=1, max_length=200)], ...],
    BeforeValidator(_listed),
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
    return _listed(value)


class Match(Frozen):
    """What a route asks of an event. Everything named must hold; absent = anything."""

    type: Globs | None = None
    source: Globs | None = None
    branch: Globs | None = None
    severity: Annotated[tuple[str, ...], BeforeValidator(_comparison)] | None = None
    labels: dict[str, str] = {}


class Route(Frozen):
    """Which notifications go to which destinations, and how."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    match: Match = Match()
    to: Annotated[
        tuple[DestinationName, ...], BeforeValidator(_listed), Field(max_length=20)
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
                raise ValueError(f"{wide.pop()} is for critical only, not {severity}")
        return self


class DestinationSettings(Frozen):
    """A destination as the routing file names it; the channel judges the rest."""

    model_config = {**Frozen.model_config, "extra": "allow"}
    channel: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    secret: Annotated[str, Field(max_length=200)] = ""


class Config(Frozen):
    """The whole routing file."""

    timezone: Annotated[str, Field(max_length=60)] = "UTC"
    application: Annotated[str, Field(max_length=60)] = "Tocsin"
    destinations: dict[DestinationName, DestinationSettings] | None = None
    routes: Annotated[tuple[Route, ...], Field(max_length=500)] = ()

    @field_validator("timezone")
    @classmethod
    def _zone_exists(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            raise ValueError(
                'not a time zone; write its IANA name, like "Europe/Zurich"'
            ) from None
        return value

    @model_validator(mode="after")
    def _route_names_differ(self) -> Config:
        names = [route.name for route in self.routes]
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise ValueError(f"two routes are named {min(twice)!r}")
        return self

    def dump(self) -> dict[str, Any]:
        """The file as plain JSON values, in the words it was written in."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True)
