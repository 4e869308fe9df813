"""Calling: a provider is called at its own pace, and what it says is minded."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import field

from tocsin.errors import Unavailable
from tocsin.pacing import Pace
from tocsin.ports import Clock, HealthBook, Kind, Outcome
from tocsin.values import dataclass

SLEEP_MS = 5_000  # longer waits hide the group instead of holding the process
PAUSE_MS = 20_000  # after a failed call, before the rest of the lane is tried
SLOW_MS = 2_000  # a call that took so long and failed pauses the destination for all
CALL_MS = 7_000  # what one call may take at the worst, with its record


@dataclass(slots=True)
class Caller:
    """Calls for one destination. `name` and `address` (this machine's, as the channel's
    provider sees it) are what may be blocked; `deadline` in ms."""

    name: str
    address: str
    pace: Pace
    health: HealthBook
    clock: Clock
    deadline: int
    calls: int = 0
    faults: list[BaseException] = field(default_factory=list)

    def hindrance(self, extra: int = 0) -> tuple[int, str] | None:
        """(ms, why) to wait before a call may be made; short waits are waited here.
        `extra` is by how many ms the call may take longer than others."""
        now = self.clock.now()
        left = self.deadline - now - CALL_MS - extra
        if left <= 0:
            return 0, "the time of this run was over"
        wait = self.pace.wait((self.name, self.address), now)
        if wait > min(SLEEP_MS, left):
            return wait, "the provider is to be left alone for now"
        if wait:
            self.clock.sleep(wait)
        return None

    def call(self, make: Callable[[], Outcome]) -> tuple[Outcome, int]:
        """(what it came to, how many ms it took). A channel that breaks over a message
        has refused it, so that nine others are sent without it."""
        began = self.clock.now()
        self.calls += 1
        try:
            outcome = make()
        except Exception as fault:  # noqa: BLE001 - told, and recorded with its name
            self.faults.append(fault)
            outcome = Outcome(Kind.PERMANENT, mistake(fault))
        return outcome, self.clock.now() - began

    def mind(self, outcome: Outcome, took: int) -> None:
        """What helps the next call. A destination that hangs holds a sender for
        seconds, and whatever shares its batches: only the first to meet that waits."""
        pause = max(outcome.wait_ms, outcome.pause_ms)
        if pause:
            self._hold(self.address if outcome.everywhere else self.name, pause)
        for what, value in outcome.outdated.items():
            with suppress(Unavailable):
                self.health.forget(self.name, what, value)
        if took >= SLOW_MS and outcome.kind in (Kind.TRANSIENT, Kind.UNKNOWN):
            self._hold(self.name, PAUSE_MS)

    def _hold(self, name: str, pause: int) -> None:
        """No call for so long, here and, if that can be written, everywhere."""
        until = self.clock.now() + pause
        self.pace.hold(name, until)
        with suppress(Unavailable):
            self.health.block(name, until)


def mistake(fault: Exception) -> str:
    """A fault of our own, for those who read a delivery."""
    return f"our own mistake ({type(fault).__name__}); see the sender's log"
