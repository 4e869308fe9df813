"""Quotas in a dict: one process, no shares."""

from __future__ import annotations

from collections import Counter

from tocsin.ports import Clock


class FakeQuota:
    """`admission.Quota`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.taken: Counter[tuple[str, int]] = Counter()
        self.told: set[tuple[str, int]] = set()

    def take(self, name: str, count: int, limit: int) -> bool:
        minute = (name, self._clock.now() // 60_000)
        if self.taken[minute] + count > limit:
            return False
        self.taken[minute] += count
        return True

    def is_first(self, name: str) -> bool:
        hour = (name, self._clock.now() // 3_600_000)
        first = hour not in self.told
        self.told.add(hour)
        return first
