"""Worsening: who is told that an open problem is worse than it was told as. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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
    it on the card; `step` comes again where a message is being sent right now, and for
    those who are not to be woken, at their time."""
    if not old.is_open or old.ack_at is not None:
        return old
    if step.to:
        return _told_late(old, step, timing, now)
    if old.worst is old.event.severity:
        return old
    if any(each.state is State.PROCESSING for each in old.deliveries.values()):
        # That message may still say that it is not so bad.
        again = replace(step, at=now + timing.lease)
        return replace(old, plan=(*old.plan, again))
    moment = rules.moment(now)
    ways = ways_of(old.event, old.sender, rules.config)
    asked = deliveries_of(ways.taken, old.event, rules.upkeeps, moment)
    raised = {
        name: _raised(old.deliveries.get(name), fresh, timing, now)
        for name, fresh in asked.items()
    }
    known = {delivery.route for delivery in old.deliveries.values()}
    taken = [way for way in ways.taken if way[0].name not in known]
    plan = plan_of(taken, old.event, opens=True, moment=moment)
    told = replace(
        old,
        deliveries={**old.deliveries, **raised},
        plan=(
            *(each for each in old.plan if each.what is not Plan.WORSEN),
            *(each for each in plan if each.what is not Plan.CLOSE),
            *_later(old, asked.values()),
        ),
        peak=old.event.severity,
        suppressed="" if raised else old.suppressed,
    )
    return _noted(told, f"{WORSE}: {old.worst} → {old.event.severity}", now)


def _later(old: Notification, asked: Iterable[Delivery]) -> Iterator[Planned]:
    """For those whose message stands, and who are to hear nothing more for now. While
    they waited for the next one, nobody would edit that."""
    for fresh in asked:
        known = old.deliveries.get(fresh.destination)
        stands = known is not None and known.state is State.SENT and known.is_card
        if stands and fresh.hold and fresh.due_at is not None:
            to, pings = (fresh.destination,), fresh.pings
            yield Planned(fresh.due_at, Plan.WORSEN, to, fresh.route, pings)


def _told_late(
    old: Notification, step: Planned, timing: Timing, now: int
) -> Notification:
    """Unless it is better again, or on its way to them anew."""
    if old.event.severity is not old.worst:
        return old
    urgent = old.event.severity.urgent
    again = {
        name: replace(
            known.retold(now, WORSE, Purpose.RISE, timing, step.pings), urgent=urgent
        )
        for name in step.to
        if (known := old.deliveries[name]).state is State.SENT
    }
    if not again:
        return old
    said = [each.note for each in old.actions if each.note.startswith(WORSE)]
    told = replace(old, deliveries={**old.deliveries, **again})
    return _noted(told, said[-1] if said else WORSE, now)


def _noted(told: Notification, why: str, now: int) -> Notification:
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
