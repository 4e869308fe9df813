"""Times: when digests are due and quiet hours end, on the clock of a time zone."""

from __future__ import annotations

from tocsin.rules.policy import Digest, Quiet


def quiet_until(quiet: Quiet, at: int, zone: str) -> int | None:
    raise NotImplementedError


def next_slot(digest: Digest, after: int, zone: str) -> int:
    raise NotImplementedError
