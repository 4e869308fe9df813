"""The routing file (`tocsin.yaml`) as a model: destinations, routes, time zone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Annotated, Any

from pydantic import Field, JsonValue, StringConstraints, model_validator

from tocsin.catalog.declared import Glob, Links, Types
from tocsin.events import Frozen
from tocsin.rules.conditions import Subject
from tocsin.rules.criteria import Match as Match
from tocsin.rules.days import ZoneName
from tocsin.rules.policy import Defaults, Place, Policy, Upkeep, upkeep_of
from tocsin.rules.policy import DestinationName as DestinationName
from tocsin.rules.questions import Question
from tocsin.rules.reports import Reports
from tocsin.rules.route import Route as Route
from tocsin.rules.ways import Ways
from tocsin.validation import misplaced

FEW = 8


class DestinationSettings(Upkeep):
    """A destination as the routing file names it; the channel judges the rest."""

    model_config = {**Frozen.model_config, "extra": "allow"}
    channel: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    secret: Annotated[str, Field(max_length=200)] = ""

    @property
    def upkeep(self) -> Upkeep:
        """Our own words among them."""
        return upkeep_of(self)


class Config(Frozen):
    """The whole routing file."""

    timezone: ZoneName = "UTC"
    application: Annotated[str, Field(max_length=60)] = "Tocsin"
    destinations: dict[DestinationName, DestinationSettings] | None = None
    defaults: Defaults = Defaults()
    routes: Annotated[tuple[Route, ...], Field(max_length=500)] = ()
    types: Types = {}
    links: Links = {}
    # Judged by `templating.checking` when they are put, and read by who uses them.
    templates: Annotated[dict[Glob, dict[str, JsonValue]], Field(max_length=50)] = {}
    reports: Reports = Reports()

    @model_validator(mode="after")
    def _types_lead_to_links(self) -> Config:
        for name, declared in self.types.items():
            if declared.link and declared.link not in self.links:
                told = f"type {name!r} leads to a link {declared.link!r}"
                place = ("types", name, "link")
                raise misplaced(place, f"{told} that is not in `links`")
        return self

    @model_validator(mode="after")
    def _route_names_differ(self) -> Config:
        names = set[str]()
        for index, route in enumerate(self.routes):
            if route.name in names:
                place = ("routes", index, "name")
                raise misplaced(place, f"two routes are named {route.name!r}")
            names.add(route.name)
        return self

    @model_validator(mode="after")
    def _routes_agree_with_the_defaults(self) -> Config:
        for index, route in enumerate(self.routes):
            reason = self.policy_of(route).contradiction
            if reason:
                told = f"route {route.name!r}, with the defaults: {reason}"
                raise misplaced(("routes", index), told)
        return self

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """Its routes, made ready once: rules are read seldom and asked often."""
        return tuple(Question(route, self.policy_of(route)) for route in self.routes)

    @cached_property
    def traits(self) -> tuple[Callable[[Subject], Any], ...] | None:
        """All that its routes ask about; None where that is much, or data, whose values
        seldom come again."""
        asked = [of for question in self.questions for of, _ in question.asked]
        found = tuple(dict.fromkeys(asked))
        data = any(route.match.data for route in self.routes)
        return None if data or len(found) > FEW else found

    @cached_property
    def known_ways(self) -> dict[tuple[Any, ...], Ways]:
        """Where events lead that have these traits: the first few that came."""
        return {}

    def policy_of(self, route: Route) -> Policy:
        """How this route tells: its own words, and the defaults for the rest."""
        return route.over(self.defaults)

    def named_destinations(self) -> Iterator[tuple[Place, str]]:
        """(where it stands in the file, the name) of each destination that is named."""
        for index, route in enumerate(self.routes):
            for place, name in route.named_destinations():
                yield ("routes", index, *place), name
        for place, name in self.defaults.named_destinations():
            yield ("defaults", *place), name
        for owner, block in (self.destinations or {}).items():
            if block.audit_to is not None:
                yield ("destinations", owner, "audit_to"), block.audit_to

    def dump(self) -> dict[str, Any]:
        """The file as plain JSON values, in the words it was written in.

        What was written stays, even where it is the default: `off` says something.
        """
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)
