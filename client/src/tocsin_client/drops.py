"""Drops: what was not sent, counted by reason, until somebody has been told."""

from __future__ import annotations

from collections import Counter
from typing import Any

FULL = "queue full"
REFUSED = "refused"


class Drops:
    """Counts drops. Not locked: the outbox's lock guards it."""

    def __init__(self) -> None:
        self.total: Counter[str] = Counter()
        self._unlogged: Counter[str] = Counter()
        self._untold: Counter[str] = Counter()
        self._logged_at = self._told_at = float("-inf")

    def add(self, reason: str, count: int = 1) -> None:
        """`count` events are lost."""
        for counts in (self.total, self._unlogged, self._untold):
            counts[reason] += count

    def pending(self) -> bool:
        """Whether somebody has still to hear of some."""
        return bool(self._unlogged or self._untold)

    def to_log(self, now: float, every: float) -> Counter[str]:
        """Those the log has not heard of; none if it has heard of others just now."""
        if now < self._logged_at + every or not self._unlogged:
            return Counter()
        counts, self._unlogged, self._logged_at = self._unlogged, Counter(), now
        return counts

    def to_tell(self, now: float, every: float) -> Counter[str]:
        """Those people have not heard of; none if they have heard of others lately."""
        if now < self._told_at + every or not self._untold:
            return Counter()
        counts, self._untold, self._told_at = self._untold, Counter(), now
        return counts


def report_of(counts: Counter[str], source: str) -> dict[str, Any]:
    """The event that tells people."""
    number = sum(counts.values())
    reasons = ", ".join(f"{reason}: {count:,}" for reason, count in counts.items())
    event: dict[str, Any] = {
        "type": "tocsin.client.dropped",
        "title": f"{number:,} event{'s' * (number != 1)} dropped before being sent",
        "message": f"The client of this application had to drop events ({reasons}).",
        "severity": "medium",
        "fingerprint": f"tocsin.client.dropped:{source}",
        "data": {"count": number, "reasons": dict(counts)},
    }
    if source:
        event["source"] = source
    return event
