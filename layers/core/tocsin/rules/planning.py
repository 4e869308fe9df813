"""Planning: what a route's policy asks for later, fixed when an event is accepted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from math import ceil

from tocsin.delivery import Delivery, State
from tocsin.events import Event
from tocsin.notification import Plan, Planned
from tocsin.rules.config import Match, Route
from tocsin.rules.matching import match
from tocsin.rules.pinging import pings_of
from tocsin.rules.policy import Policy, Quiet
from tocsin.rules.times import next_telling, quiet_until
from tocsin.values import dataclass


@dataclass(frozen=True, slots=True)
class Moment:
    """When, and where clocks stand then. `factor`: how much faster the clocks of
    digests and escalation run than time itself, 1 on AWS."""

    now: int
    zone: str = "UTC"
    factor: float = 1.0

    def after(self, seconds: int) -> int:
        """So long from now, in ms."""
        return self.now + ceil(seconds * 1000 / self.factor)

    @property
    def clock(self) -> int:
        """What the clocks of digests show."""
        return int(self.now * self.factor)

    def when(self, clock: int) -> int:
        """The real moment at which they show that."""
        return ceil(clock / self.factor)


def held(delivery: Delivery, event: Event, policy: Policy, moment: Moment) -> Delivery:
    """The delivery, or the same waiting for its digest or for the end of the quiet."""
    if delivery.state is not State.QUEUED:
        return delivery
    quiet, route = _quiet(event, policy), delivery.route
    if policy.digest is not None:
        at = next_telling(policy.digest, quiet, moment.clock, moment.zone)
        due = moment.when(at)
        if delivery.expires_at is not None:
            # Its route wants it to wait so long: it grows old from then on.
            lasts = delivery.expires_at + due - moment.now
            delivery = replace(delivery, expires_at=lasts)
        return delivery.held(moment.now, due, f"digest of route {route}")
    until = quiet_end(event, policy, moment)
    if until:
        return delivery.held(moment.now, until, f"quiet hours of route {route}")
    return delivery


def quiet_end(event: Event, policy: Policy, moment: Moment) -> int:
    """When those hours end that keep it from being told now, 0 = none do."""
    quiet = _quiet(event, policy)
    until = quiet and quiet_until(quiet, moment.clock, moment.zone)
    return moment.when(until) if until else 0


def _quiet(event: Event, policy: Policy) -> Quiet | None:
    """The hours that keep it from being told, None = it is excepted from them."""
    quiet = policy.quiet
    if quiet is None or match(Match(severity=quiet.except_), event, "")[0]:
        return None
    return quiet


def plan_of(
    taken: Iterable[tuple[Route, Policy]], event: Event, *, opens: bool, moment: Moment
) -> Iterator[Planned]:
    """Everything that these routes want done later if nothing happens meanwhile."""
    closing: list[int] = []
    for route, policy in taken:
        pings = pings_of(route, event)
        # Nobody is late before it was to be told at all.
        waits = policy.fallback or policy.escalate
        told_at = quiet_end(event, policy, moment) if waits else 0
        held_for = max(0, told_at - moment.now)
        for fallback in policy.fallback:
            at = held_for + moment.after(fallback.after)
            yield Planned(at, Plan.FALL_BACK, fallback.to, route.name, pings)
        if not opens:
            continue
        for step in policy.escalate:
            at = moment.after(step.after)
            every = at - moment.now
            yield Planned(
                held_for + at,
                Plan.ESCALATE,
                step.to,
                route.name,
                pings,
                every,
                step.repeat,
            )
        if policy.auto_close is not None:
            closing.append(policy.auto_close)
    if closing:
        yield Planned(moment.after(max(closing)), Plan.CLOSE)
