"""AWS's envelope: what stands around the detail of every EventBridge event."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from pydantic import JsonValue

from tocsin.intake.aws_places import name_of
from tocsin.intake.demands import a_text, an_object
from tocsin.intake.drafts import happened
from tocsin.intake.trimming import event_type, line, sequence


class Envelope(NamedTuple):
    """An event that was opened; `kind` is its detail-type."""

    kind: str
    source: str
    detail: Mapping[str, JsonValue]
    id: str
    account: str
    region: str
    resources: tuple[str, ...]
    at: datetime | None

    @property
    def own(self) -> bool:
        """Whether AWS itself sent it: nobody else may use that prefix."""
        return self.source.startswith("aws.")

    @property
    def slug(self) -> str:
        """A type for what no reader knows: `aws.ec2.spot-interruption-warning`."""
        words = self.kind.lower().replace(" ", "-")
        return event_type(f"{self.source}.{words}", "aws.event")

    @property
    def subject(self) -> str:
        """The name of the first thing that it is about, or ""."""
        return line(name_of(self.resources[0]), 120) if self.resources else ""

    @property
    def about(self) -> dict[str, str]:
        """Labels that every event of AWS has."""
        return {"region": self.region, "account": self.account}

    @property
    def place(self) -> list[tuple[str, object]]:
        """The same as facts; they come last."""
        return [("Region", self.region), ("Account", self.account)]

    def text(self, name: str, limit: int = 500) -> str:
        """A value of the detail on one line; "" when it is none."""
        return line(self.detail.get(name), limit)


def open_envelope(event: Mapping[str, JsonValue]) -> Envelope:
    """Raises `Invalid` when this is no event of EventBridge."""
    return Envelope(
        kind=line(a_text(event.get("detail-type"), "detail-type"), 200),
        source=line(a_text(event.get("source"), "source"), 200),
        detail=an_object(event.get("detail"), "detail"),
        id=line(event.get("id"), 200),
        account=line(event.get("account"), 40),
        region=line(event.get("region"), 40),
        resources=tuple(
            line(each, 1600)
            for each in sequence(event.get("resources"))[:20]
            if isinstance(each, str)
        ),
        at=happened(event.get("time")),
    )
