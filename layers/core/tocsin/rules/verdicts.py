"""Verdicts: what becomes of an event, and all that follows from that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum

from tocsin.delivery import Delivery
from tocsin.memory import Memory
from tocsin.notification import Planned, Step
from tocsin.values import dataclass


class Verdict(StrEnum):
    """What becomes of an event."""

    TELL = "tell"
    OPEN = "open"
    UPDATE = "update"
    RISE = "rise"
    REPEAT = "repeat"
    RESOLVE = "resolve"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict, the deliveries it asks for, and the trace that led there.

    why_kept  the reason when nothing is to be sent
    memory    what is to be remembered of the fingerprint from now on, None = no change
    place     the id that was reserved before, under which it is written, "" = its own
    counts_on the notification that counts it, where it becomes none of its own
    missed    others that count it for some of their destinations, and for which
    flaps     the problem flaps: its next changes are swallowed
    swallows  the state that the event tells of and that is not shown
    """

    verdict: Verdict
    deliveries: dict[str, Delivery] = field(default_factory=dict)
    trace: tuple[Step, ...] = ()
    why_kept: str = ""
    memory: Memory | None = None
    plan: tuple[Planned, ...] = ()
    place: str = ""
    counts_on: str = ""
    missed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    flaps: bool = False
    swallows: str = ""
