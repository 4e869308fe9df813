"""Notifications: an accepted event as a record, with all that happened to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tocsin.delivery import Delivery, State
from tocsin.events import Event

_WORST_FIRST = (
    State.DEAD_LETTER,
    State.FAILED,
    State.PROCESSING,
    State.QUEUED,
    State.SENT,
    State.CANCELLED,
    State.SUPPRESSED,
)


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the decision trace, in words a person understands."""

    rule: str
    verdict: str


@dataclass(frozen=True, slots=True)
class Action:
    """Someone did something to a notification: one line of its audit trail."""

    at: int
    actor: str
    what: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Notification:
    """An accepted event. Times are ms since the epoch.

    state is "notice", "firing" or "resolved"; `resolves` names the notification of
    the problem that this one closed; `version` is raised by every change of its own.
    """

    id: str
    event: Event
    fingerprint: str
    state: str
    sender: str
    accepted_at: int
    last_at: int
    occurrences: int = 1
    version: int = 0
    deliveries: Mapping[str, Delivery] = field(default_factory=dict)
    trace: tuple[Step, ...] = ()
    actions: tuple[Action, ...] = ()
    ack_by: str = ""
    ack_at: int | None = None
    ack_note: str = ""
    resolved_at: int | None = None
    resolves: str = ""
    opened_at: int | None = None
    suppressed: str = ""

    @property
    def status(self) -> str:
        """`acknowledged`, else the worst state of its deliveries."""
        if self.ack_at is not None:
            return "acknowledged"
        states = {delivery.state for delivery in self.deliveries.values()}
        for state in _WORST_FIRST:
            if state in states:
                return state.value
        return State.SUPPRESSED.value

    @property
    def settled(self) -> bool:
        """Whether every delivery is, so that the event's outcome is stated."""
        return all(delivery.settled for delivery in self.deliveries.values())


def delivery_in(
    found: Mapping[str, Notification], notification_id: str, destination: str
) -> Delivery | None:
    """The delivery of that name, if its notification was found and has one."""
    notification = found.get(notification_id)
    return notification.deliveries.get(destination) if notification else None
