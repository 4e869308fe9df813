"""What AWS knows of an alarm beyond its notification."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from tocsin.values import dataclass


@dataclass(frozen=True, slots=True)
class Picture:
    """A file that is kept as if the alarms' own source had uploaded it."""

    id: str
    name: str
    media: str
    size: int


class Enricher(Protocol):
    """Asks what an alarm's notification does not tell; both may be asked at once."""

    def tags(self, arn: str) -> Mapping[str, str]:
        """The alarm's tags. Raises `Unavailable`."""

    def graph(self, arn: str, widget: str) -> Picture:
        """A picture of `widget` (JSON), drawn now and kept. Raises `Unavailable`."""
