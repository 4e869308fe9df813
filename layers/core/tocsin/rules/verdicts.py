"""Verdicts: what becomes of an event, and all that follows from that."""

from __future__ import annotations

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
    reserved  it is to be written under the id that the memory names already
    flaps     the problem flaps: its next changes are swallowed
    swallows  the state that the event tells of and that is not shown
    """

    verdict: Verdict
    deliveries: dict[str, Delivery] = field(default_factory=dict)
    trace: tuple[Step, ...] = ()
    why_kept: str = ""
    memory: Memory | None = None
    plan: tuple[Planned, ...] = ()
    reserved: bool = False
    flaps: bool = False
    swallows: str = ""
