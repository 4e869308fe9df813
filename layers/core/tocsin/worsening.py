"""Worsening: who is told that an open problem is worse than it was told as. Pure."""

from __future__ import annotations

from dataclasses import replace

from tocsin.delivery import Delivery, Purpose, State, Timing
from tocsin.notification import CLOCKWORK, Action, Notification, Plan, Planned
from tocsin.rules.addressing import deliveries_of, ways_of
from tocsin.rules.deciding import Rules
from tocsin.rules.planning import plan_of
from tocsin.stating import WORSE


def worsened(
    old: Notification, step: Planned, rules: Rules, timing: Timing, now: int
) -> Notification:
    """Told again, and to whoever is asked for now that it is so bad. Who is on it sees
    it on the card; `step` comes again where a message is being sent right now."""
    if not old.is_open or old.ack_at is not None or old.worst is old.event.severity:
        return old
    if any(each.state is State.PROCESSING for each in old.deliveries.values()):
        # That message may still say that it is not so bad.
        again = replace(step, at=now + timing.lease)
        return replace(old, plan=(*old.plan, again))
    moment = rules.moment(now)
    ways = ways_of(old.event, old.sender, rules.config)
    raised = {
        name: _raised(old.deliveries.get(name), fresh, timing, now)
        for name, fresh in deliveries_of(
            ways.taken, old.event, rules.upkeeps, moment
        ).items()
    }
    known = {delivery.route for delivery in old.deliveries.values()}
    taken = [way for way in ways.taken if way[0].name not in known]
    plan = plan_of(taken, old.event, opens=True, moment=moment)
    told = replace(
        old,
        deliveries={**old.deliveries, **raised},
        plan=(*old.plan, *(each for each in plan if each.what is not Plan.CLOSE)),
        peak=old.event.severity,
        suppressed="" if raised else old.suppressed,
    )
    why = f"{WORSE}: {old.worst} → {old.event.severity}"
    return told.noted(Action(now, CLOCKWORK, "told it again", why))


def _raised(
    old: Delivery | None, fresh: Delivery, timing: Timing, now: int
) -> Delivery:
    """At once, though it may wait for its turn as what it was before. What is told with
    others is told so again, unless a card shows it."""
    waits = fresh.settled or bool(fresh.hold)
    if old is None:
        return fresh if waits else replace(fresh, due_at=now + timing.heal)
    gone = old.state in (State.SUPPRESSED, State.CANCELLED)
    if old.state is State.SENT and fresh.hold and not old.is_card:
        again = old.retold(now, WORSE, Purpose.RISE, timing, fresh.pings)
        return again.held(now, fresh.due_at or now, fresh.hold)
    if waits or gone or old.purpose is Purpose.AUDIT:
        return old
    if old.settled:
        raised = old.retold(now, WORSE, Purpose.RISE, timing, fresh.pings)
    else:
        raised = old.requeued(now, timing)
    return replace(raised, urgent=fresh.urgent, pings=fresh.pings)
