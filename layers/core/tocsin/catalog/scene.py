"""Scenes: an event and its moment, out of which words and links are made."""

from __future__ import annotations

from datetime import datetime

from pydantic import ValidationError

from tocsin.events import Event, Link
from tocsin.severity import Severity
from tocsin.values import dataclass


@dataclass(frozen=True, slots=True)
class Scene:
    """The event around the data; `at` is when it happened, in the configured zone."""

    event: Event
    severity: Severity
    at: datetime


def link(label: str, url: object) -> Link | None:
    """A link, or None where there is no address or it is none."""
    if not url:
        return None
    try:
        return Link.model_validate({"label": label[:80], "url": str(url)})
    except ValidationError:
        return None
