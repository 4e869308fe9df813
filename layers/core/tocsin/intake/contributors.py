"""Contributors: which of an alarm's many time series changed its state.

An alarm over a query of Metrics Insights tells each series by itself, under the one ARN
of the alarm. EventBridge's form is told in "Alarm events and EventBridge"; that of SNS
is not, so that both spellings which AWS uses elsewhere are understood.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from pydantic import JsonValue

from tocsin.intake.trimming import line, mapping

MOST = 6


class Contributor(NamedTuple):
    """One series of an alarm; without an id, the alarm as a whole is meant."""

    id: str = ""
    attributes: Mapping[str, str] = MappingProxyType({})

    @property
    def name(self) -> str:
        """What tells it apart, for people: its attributes' values, or its id."""
        return line(", ".join(self.attributes.values()), 120) or self.id


def contributor_of(alarm: Mapping[str, JsonValue]) -> Contributor:
    """The series that an alarm's notification is about."""
    told = mapping(alarm.get("AlarmContributor"))
    own = line(told.get("id") or told.get("Id") or alarm.get("AlarmContributorId"), 100)
    said = mapping(
        told.get("attributes")
        or told.get("Attributes")
        or alarm.get("AlarmContributorAttributes")
    )
    pairs = [(line(name, 200), line(value, 200)) for name, value in said.items()]
    return Contributor(own, {name: v for name, v in pairs[:MOST] if name and v})
