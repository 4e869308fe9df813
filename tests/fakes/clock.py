"""A clock that only moves when told to, with endless different randomness."""

from __future__ import annotations

NOON = 1_795_176_000_000


class FakeClock:
    """`ports.Clock` under the test's hand."""

    def __init__(self, at: int = NOON) -> None:
        self.at = at
        self._drawn = 0

    def now(self) -> int:
        return self.at

    def sleep(self, ms: int) -> None:
        self.at += ms

    def entropy(self) -> bytes:
        self._drawn += 1
        return (self._drawn * 0x9E3779B97F4A7C15F39D).to_bytes(16, "big")[-10:]
