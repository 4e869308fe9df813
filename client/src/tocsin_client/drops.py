"""Drops: what was not sent, counted by reason, until somebody has been told."""

from __future__ import annotations

from collections import Counter

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

    @property
    def unlogged(self) -> bool:
        """Whether the log has still to hear of some."""
        return bool(self._unlogged)

    @property
    def untold(self) -> bool:
        """Whether people have."""
        return bool(self._untold)

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
