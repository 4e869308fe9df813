"""Scenes: an event and its moment, out of which words and links are made."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pydantic import ValidationError

from tocsin import wording
from tocsin.events import Event, Link
from tocsin.severity import Severity
from tocsin.values import dataclass

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)  # a clock before that is unset


@dataclass(frozen=True, slots=True)
class Scene:
    """The event around the data; `now` in ms, `zone` that in which times are shown."""

    event: Event
    severity: Severity
    now: int
    zone: str

    @property
    def at(self) -> datetime:
        """When it happened, in that zone, unless the sender's clock is plainly wrong.
        Few types ask."""
        now, at = wording.moment(self.now, self.zone), self.event.occurred_at
        if at is None or not EPOCH <= at <= now + timedelta(days=1):
            return now
        return at.astimezone(now.tzinfo)


def link(label: str, url: object) -> Link | None:
    """A link, or None where there is no address or it is none."""
    if not url:
        return None
    try:
        return Link.model_validate({"label": label[:80], "url": str(url)})
    except ValidationError:
        return None
