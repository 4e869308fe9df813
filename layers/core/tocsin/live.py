"""Live everywhere: the moment from which every process acts on a change of settings."""

from __future__ import annotations

from tocsin.ports import Clock

LIVE_AFTER_MS = 1_100


def wait_until_live(clock: Clock) -> None:
    """Call it once, after the last write of a change.

    Every function keeps the settings for a second. An operator who is told "done" will
    send an event at once and expect the new rules to hold: so we say it only then.
    """
    clock.sleep(LIVE_AFTER_MS)
