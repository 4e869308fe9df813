"""Silencing: which silence keeps an event quiet, and until when. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tocsin.events import Event
from tocsin.rules.criteria import Match
from tocsin.rules.matching import match


@dataclass(frozen=True, slots=True)
class Silence:
    """Events like these are told to nobody for a while. Times in ms."""

    id: str
    match: Match
    starts_at: int
    ends_at: int
    author: str = ""
    comment: str = ""
    kind: str = "silence"
    created_at: int = 0


def silence_of(
    event: Event, sender: str, silences: Sequence[Silence], now: int
) -> tuple[Silence, int] | None:
    """The silence that holds the longest now, and until when; None = nobody asked."""
    found = [
        (silence.ends_at, silence)
        for silence in silences
        if silence.starts_at <= now < silence.ends_at
        and match(silence.match, event, sender)[0]
    ]
    if not found:
        return None
    until, silence = max(found, key=lambda pair: pair[0])
    return silence, until
