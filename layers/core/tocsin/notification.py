"""Notifications: an accepted event as a record, with all that happened to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from enum import StrEnum

from tocsin.delivery import Delivery, State
from tocsin.events import Event
from tocsin.identity import brief_of, memory_key
from tocsin.severity import Severity
from tocsin.values import dataclass

CLOCKWORK = "tocsin"  # who acts when nobody does
ACTIONS_KEPT = 50
COUNTED_KEPT = 10  # what a row of 1 KB has room for beside all the rest
FORGOTTEN = 50  # at once: hundreds of names would fit in no expression of DynamoDB
COUNTED_FOR = 86_400_000  # ms, as long as an `Idempotency-Key` holds
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


class Plan(StrEnum):
    """What can be planned for a notification."""

    TELL = "tell what was held back"
    ESCALATE = "escalate"
    FALL_BACK = "fall back"
    REMIND = "remind"
    EXPIRE = "let the acknowledgement expire"
    CLOSE = "close"
    UNSILENCE = "look whether it is still silenced"
    SETTLE = "see whether it still flaps"
    WORSEN = "tell that it got worse"


@dataclass(frozen=True, slots=True)
class Planned:
    """Something that was promised for a set time when the notification was accepted: a
    later change of the routing file does not touch it.

    at     when, in ms
    what   what to do then
    to     destinations, for what tells somebody
    route  the route that asked for it
    pings  whom that pings
    every  again after so many ms, 0 = once
    left   how many more times
    """

    at: int
    what: Plan
    to: tuple[str, ...] = ()
    route: str = ""
    pings: tuple[str, ...] = ()
    every: int = 0
    left: int = 0


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
    the problem that this one closed; `version` is raised by every change of its own;
    `peak` is the worst severity that it was told as, once that has changed; `counted`
    tells of the events with a key that were counted last when that was (ms), by what
    their keys are briefly known by (`identity.brief_of`); `missed`
    tells of destinations how many events like it were held back there since, and are
    notifications of their own or counted on others; `by` is the id that was made for
    this event, where it is written under one that another event had reserved.
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
    revision: int = 0
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
    resolved_by: str = ""
    ack_until: int | None = None
    flapping: int | None = None
    swallowed: str = ""
    plan: tuple[Planned, ...] = ()
    refresh_at: int | None = None
    timer_at: int | None = None
    peak: Severity | None = None
    counted: Mapping[str, int] = field(default_factory=dict)
    missed: Mapping[str, int] = field(default_factory=dict)
    by: str = ""

    def noted(self, action: Action) -> Notification:
        """With one more line in its audit trail, which keeps the latest."""
        return replace(self, actions=(*self.actions, action)[-ACTIONS_KEPT:])

    @property
    def worst(self) -> Severity:
        """The worst that it was told as; it may be better by now."""
        return self.peak or self.event.severity

    @property
    def edition(self) -> int:
        """Raised by whatever changes what a card shows; never falls."""
        return self.revision + self.occurrences + sum(self.missed.values())

    def seen_at(self, destination: str) -> int:
        """How often it came, as far as that destination is to know."""
        return self.occurrences + self.missed.get(destination, 0)

    def is_of(self, made: str) -> bool:
        """Whether it is of the event for which that id was made."""
        return (self.by or self.id) == made

    def has_counted(self, key: str, now: int) -> bool:
        """Whether the event with that key is among those counted last, this day."""
        at = self.counted.get(brief_of(key)) if key and self.counted else None
        return at is not None and now - at < COUNTED_FOR

    def having_counted(self, key: str, now: int) -> Notification:
        """With one more event counted, and no more than there is room for."""
        left = {k: at for k, at in self.counted.items() if k not in self.crowded_out}
        return replace(self, counted=left | {brief_of(key): now})

    @property
    def crowded_out(self) -> tuple[str, ...]:
        """Those counted so long ago that one more takes the room of them. Where very
        many were counted at once, each of the next takes the room of some."""
        oldest_first = sorted(self.counted, key=self.counted.__getitem__)
        excess = max(0, len(oldest_first) + 1 - COUNTED_KEPT)
        return tuple(oldest_first[: min(excess, FORGOTTEN)])

    @property
    def memory_key(self) -> str:
        """Under what its fingerprint is remembered."""
        return memory_key(self.fingerprint, counts=self.event.counts)

    @property
    def is_over(self) -> bool:
        """Whether the problem is resolved, by this event or since."""
        return self.state == "resolved" or self.resolved_at is not None

    @property
    def is_open(self) -> bool:
        """Whether further events of its fingerprint count on it."""
        return self.state in ("firing", "running")

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
    def untold(self) -> bool:
        """Whether it was meant for somebody, and all of that was suppressed."""
        states = {delivery.state for delivery in self.deliveries.values()}
        return states == {State.SUPPRESSED}

    @property
    def settled(self) -> bool:
        """Whether every delivery is, so that the event's outcome is stated."""
        return all(delivery.settled for delivery in self.deliveries.values())


def first_due(notification: Notification) -> int | None:
    """When the sweep must look at it: the earliest of plan and cards."""
    times = [planned.at for planned in notification.plan]
    if notification.refresh_at is not None:
        times.append(notification.refresh_at)
    return min(times, default=None)


def delivery_in(
    found: Mapping[str, Notification], notification_id: str, destination: str
) -> Delivery | None:
    """The delivery of that name, if its notification was found and has one."""
    notification = found.get(notification_id)
    return notification.deliveries.get(destination) if notification else None
