"""Recalling: what the past of a fingerprint says about an event that has it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace

from tocsin.events import Event
from tocsin.memory import REMEMBERED, Memory
from tocsin.notification import Notification
from tocsin.rules.policy import Flap
from tocsin.values import dataclass

RESERVED = 3_600_000  # ms for which an id may be reserved and not yet written
CHANGES_KEPT = 64
NOTHING = Memory(rev=0)


@dataclass(frozen=True, slots=True)
class Past:
    """What is known of a fingerprint.

    holder   the notification that `memory` names, None when it is not written
    rows     notifications by id: `holder`, those that windows name, and what was open
             before, if somebody asked
    """

    memory: Memory = NOTHING
    holder: Notification | None = None
    rows: Mapping[str, Notification] = field(default_factory=dict)

    @property
    def opened(self) -> Notification | None:
        """The problem, or the report of progress, that is open."""
        holder = self.holder
        return holder if holder is not None and holder.is_open else None

    def reserved(self, now: int) -> bool:
        """Whether its id was reserved by a request that has not written it (yet). What
        has been kept for longer than its time is not."""
        memory = self.memory
        return bool(
            memory.holder and self.holder is None and now - memory.since < RESERVED
        )


def moment_of(event: Event) -> int:
    """The sender's own time of the event in ms, 0 when it told none."""
    at = event.occurred_at
    return 0 if at is None else round(at.timestamp() * 1000)


def overtaken(event: Event, memory: Memory) -> bool:
    """Whether it happened before the last change that is known, and only came late."""
    at = moment_of(event)
    return bool(at and memory.changed_at) and at < memory.changed_at


def flaps(memory: Memory, flap: Flap | None, now: int) -> int:
    """How many changes there were lately, with the one at hand, if that is too many."""
    if flap is None:
        return 0
    changes = len(_recent(memory, now, flap.within * 1000)) + 1
    return changes if changes > flap.changes else 0


def having_opened(
    memory: Memory, notification_id: str, event: Event, now: int
) -> Memory:
    """It is open since now. What is open is not forgotten."""
    return replace(
        memory,
        rev=memory.rev + 1,
        holder=notification_id,
        since=now,
        changes=_changed(memory, now),
        changed_at=_latest(event, memory, now),
        expires_at=0,
    )


def having_closed(memory: Memory, event: Event, now: int) -> Memory:
    """It is over. Its last changes are kept for a day."""
    return replace(
        memory,
        rev=memory.rev + 1,
        holder="",
        last=memory.holder or memory.last,
        since=now,
        changes=_changed(memory, now) if memory.holder else memory.changes,
        changed_at=_latest(event, memory, now),
        expires_at=now + REMEMBERED,
    )


def _latest(event: Event, memory: Memory, now: int) -> int:
    """A sender's clock may be ahead: what it says of the future is not believed."""
    return max(min(moment_of(event), now), memory.changed_at)


def _changed(memory: Memory, now: int) -> tuple[int, ...]:
    return (*_recent(memory, now, REMEMBERED), now)[-CHANGES_KEPT:]


def _recent(memory: Memory, now: int, within: int) -> tuple[int, ...]:
    return tuple(at for at in memory.changes if at > now - within)
