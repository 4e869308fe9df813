"""Ticking: what a notification does by itself when its time has come. Pure.

The sweep calls `tick` when the timer of a notification is due, and writes what it
returns by compare-and-swap: a tick that runs twice, late, or beside another changes the
notification once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from tocsin.delivery import Delivery, Purpose, State, Timing
from tocsin.notification import (
    CLOCKWORK,
    Action,
    Notification,
    Plan,
    Planned,
    first_due,
)
from tocsin.rules.addressing import deliveries_of, ways_of
from tocsin.rules.deciding import LOOK_AGAIN, Rules
from tocsin.rules.planning import plan_of, quiet_end
from tocsin.rules.silencing import silence_of
from tocsin.values import dataclass
from tocsin.wording import duration
from tocsin.worsening import worsened

EXPIRED = "its acknowledgement has expired"


@dataclass(frozen=True, slots=True)
class Ticked:
    """The notification as it is from now on; `closes`: its problem is over."""

    notification: Notification
    closes: bool


def tick(old: Notification, *, rules: Rules, timing: Timing, now: int) -> Ticked:
    """Do what is due now, and set the timer for what is left."""
    due = [planned for planned in old.plan if planned.at <= now]
    left = tuple(planned for planned in old.plan if planned.at > now)
    refreshes = old.refresh_at is not None and old.refresh_at <= now
    new = replace(
        old,
        plan=left,
        version=old.version + 1,
        refresh_at=None if refreshes else old.refresh_at,
    )
    clockwork = _Clockwork(rules, timing, now)
    for planned in due:
        new = clockwork.turn(new, planned)
    closes = old.is_open and not new.is_open
    if closes:
        new = replace(new, plan=())
    if _visible(new) != _visible(old):
        new = replace(new, revision=new.revision + 1)
    return Ticked(replace(new, timer_at=first_due(new)), closes)


def _visible(notification: Notification) -> tuple[object, ...]:
    return notification.state, notification.ack_at, notification.flapping is None


@dataclass(frozen=True, slots=True)
class _Clockwork:
    rules: Rules
    timing: Timing
    now: int

    def turn(self, old: Notification, planned: Planned) -> Notification:
        """One thing that was planned; what wakes people waits while a silence holds, or
        their quiet hours."""
        waits = planned.what in _WAKING and (
            self._silent_until(old) or self._quiet_until(old, planned)
        )
        if waits:
            return replace(old, plan=(*old.plan, replace(planned, at=waits)))
        return _TURNS[planned.what](self, old, planned)

    def _silent_until(self, old: Notification) -> int:
        """When to look again whether people may be told of it, 0 = they may be now."""
        found = silence_of(old.event, old.sender, self.rules.silences, self.now)
        return min(found[1], self.now + LOOK_AGAIN) if found else 0

    def _quiet_until(self, old: Notification, planned: Planned) -> int:
        """When somebody who would hear of it may be told, 0 = somebody may be now."""
        ways = ways_of(old.event, old.sender, self.rules.config)
        moment = self.rules.moment(self.now)
        ends = [
            quiet_end(old.event, policy, moment)
            for route, policy in ways.taken
            if route.to and planned.route in ("", route.name)
        ]
        return min(ends, default=0)

    def tell(self, old: Notification, _: Planned) -> Notification:
        """What was held back shows on the card, which is refreshed after any tick."""
        return old

    def escalate(self, old: Notification, step: Planned) -> Notification:
        if not old.is_open or old.ack_at is not None:
            return old
        told = self._told(old, step, Purpose.ESCALATION, "nobody has acknowledged it")
        if not step.left:
            return told
        again = replace(step, at=self.now + step.every, left=step.left - 1)
        return replace(told, plan=(*told.plan, again))

    def fall_back(self, old: Notification, step: Planned) -> Notification:
        """Only where nothing that its route asked for is known to be delivered."""
        asked = [
            delivery
            for delivery in old.deliveries.values()
            if delivery.route == step.route and delivery.purpose is not Purpose.AUDIT
        ]
        if any(delivery.state is State.SENT for delivery in asked):
            return old
        return self._told(old, step, Purpose.FALLBACK, "it is not delivered elsewhere")

    def remind(self, old: Notification, step: Planned) -> Notification:
        """Whoever acts on it meanwhile takes that out of the plan."""
        if not old.is_open or (old.ack_at is None and not step.to):
            return old
        acknowledged = "it is acknowledged and still open"
        return self._retold(old, step, acknowledged if old.ack_at else EXPIRED)

    def expire(self, old: Notification, step: Planned) -> Notification:
        if old.ack_until is None or old.ack_until > self.now:
            return old
        free = replace(old, ack_by="", ack_at=None, ack_note="", ack_until=None)
        free = self._noted(free, "let the acknowledgement expire", f"of {old.ack_by}")
        if not old.is_open:
            return free
        return self._retold(free, step, EXPIRED)

    def close(self, old: Notification, _: Planned) -> Notification:
        if not old.is_open:
            return old
        open_for = duration(self.now - old.accepted_at)
        return self._over(old, f"after {open_for} without an end")

    def unsilence(self, old: Notification, _: Planned) -> Notification:
        """A silence may have been taken back, or made longer, since. Work that was done
        after it is told too: that came in no silence."""
        if old.is_over:
            return old
        silent = self._silent_until(old)
        if silent:
            again = Planned(silent, Plan.UNSILENCE)
            return replace(old, plan=(*old.plan, again))
        moment = self.rules.moment(self.now)
        ways = ways_of(old.event, old.sender, self.rules.config)
        fresh = deliveries_of(ways.taken, old.event, self.rules.upkeeps, moment)
        woken = {
            name: self._woken(old.deliveries[name], delivery)
            if name in old.deliveries
            else delivery
            for name, delivery in fresh.items()
        }
        plan = plan_of(ways.taken, old.event, opens=old.is_open, moment=moment)
        told = replace(
            old,
            deliveries={**old.deliveries, **woken},
            plan=(*old.plan, *plan),
        )
        state = "still open" if old.is_open else "done"
        return self._noted(told, "told it", f"it is {state} after the silence")

    def settle(self, old: Notification, step: Planned) -> Notification:
        """Stable: show how it ended. Else look again when it could be."""
        stable = self._stable(old)
        if old.flapping is None or not old.is_open:
            return old
        if self.now - old.last_at < stable:
            again = replace(step, at=old.last_at + stable)
            return replace(old, plan=(*old.plan, again))
        calm = replace(old, flapping=None, swallowed="")
        changes = f"after {old.flapping + 1:,} changes"
        if old.swallowed == "resolved":
            return self._over(calm, changes)
        return self._noted(calm, "found it stable and still open", changes)

    def worsen(self, old: Notification, step: Planned) -> Notification:
        return worsened(old, step, self.rules, self.timing, self.now)

    def _stable(self, old: Notification) -> int:
        ways = ways_of(old.event, old.sender, self.rules.config)
        flap = ways.policy(self.rules.config.defaults).flap
        moment = self.rules.moment(self.now)
        return moment.after(flap.stable if flap else 0) - self.now

    def _told(
        self, old: Notification, step: Planned, purpose: Purpose, why: str
    ) -> Notification:
        deliveries = dict(old.deliveries)
        for name in step.to:
            known = deliveries.get(name)
            if known is None:
                deliveries[name] = self._added(old, name, step, purpose)
            elif known.settled and purpose is Purpose.ESCALATION:
                deliveries[name] = known.retold(
                    self.now, why, purpose, self.timing, step.pings
                )
        told = replace(old, deliveries=deliveries)
        return self._noted(told, f"told {', '.join(step.to)}", why)

    def _added(
        self, old: Notification, name: str, step: Planned, purpose: Purpose
    ) -> Delivery:
        fresh = Delivery(
            destination=name,
            route=step.route,
            urgent=old.event.severity.urgent,
            pings=step.pings,
            purpose=purpose,
            updated_at=self.now,
            due_at=self.now + self.timing.heal,
        )
        if name in self.rules.upkeeps:
            return fresh
        reason = f"route {step.route!r} names a destination that does not exist"
        return fresh.suppressed(self.now, reason)

    def _woken(self, old: Delivery, fresh: Delivery) -> Delivery:
        """Over the one that the silence suppressed, with everything the route asks."""
        if old.state is not State.SUPPRESSED or fresh.settled:
            return old
        due = fresh.due_at or self.now + self.timing.heal
        return replace(fresh, rev=old.rev + 1, ticket=old.ticket + 1, due_at=due)

    def _retold(self, old: Notification, step: Planned, why: str) -> Notification:
        """Told once more where it was told; to those who may hear of it at their time
        only, then."""
        deliveries, plan = dict(old.deliveries), list(old.plan)
        for name, each in old.deliveries.items():
            if each.state is not State.SENT or each.purpose is Purpose.AUDIT:
                continue
            if step.to and name not in step.to:
                continue
            later = self._quiet_until(old, replace(step, route=each.route))
            if later:
                plan.append(Planned(later, Plan.REMIND, (name,), each.route))
                continue
            deliveries[name] = each.retold(
                self.now, why, Purpose.REMINDER, self.timing, each.pings
            )
        told = replace(old, deliveries=deliveries, plan=tuple(plan))
        return self._noted(told, "told it again", why)

    def _over(self, old: Notification, why: str) -> Notification:
        over = replace(old, state="resolved", resolved_at=self.now)
        return self._noted(over, "closed it", why)

    def _noted(self, old: Notification, what: str, note: str) -> Notification:
        return old.noted(Action(self.now, CLOCKWORK, what, note))


_WAKING = frozenset(
    {Plan.ESCALATE, Plan.FALL_BACK, Plan.REMIND, Plan.EXPIRE, Plan.WORSEN}
)
_Turn = Callable[[_Clockwork, Notification, Planned], Notification]
_TURNS: Mapping[Plan, _Turn] = {
    Plan.TELL: _Clockwork.tell,
    Plan.ESCALATE: _Clockwork.escalate,
    Plan.FALL_BACK: _Clockwork.fall_back,
    Plan.REMIND: _Clockwork.remind,
    Plan.EXPIRE: _Clockwork.expire,
    Plan.CLOSE: _Clockwork.close,
    Plan.UNSILENCE: _Clockwork.unsilence,
    Plan.SETTLE: _Clockwork.settle,
    Plan.WORSEN: _Clockwork.worsen,
}


def wanted(old: Notification, new: Notification) -> Iterator[tuple[str, Delivery]]:
    """(id, delivery) of those that the tick has added or told anew."""
    for name, delivery in new.deliveries.items():
        fresh = delivery != old.deliveries.get(name)
        if fresh and delivery.state is State.QUEUED and not delivery.hold:
            yield new.id, delivery
