"""Addressing: which routes take an event, and the deliveries they ask for. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from tocsin.delivery import Delivery, Purpose, State
from tocsin.events import Event
from tocsin.notification import Step
from tocsin.rules.conditions import Subject
from tocsin.rules.config import Config, Route
from tocsin.rules.pinging import pings_of
from tocsin.rules.planning import Moment, held
from tocsin.rules.policy import Policy, Upkeep
from tocsin.rules.ways import Way as Way
from tocsin.rules.ways import Ways as Ways

REMEMBERED = 128
Upkeeps = Mapping[str, Upkeep]


def ways_of(event: Event, sender: str, config: Config) -> Ways:
    """Ask the routes in order; but once only for events that are alike in all that is
    asked, as those of a list often are."""
    subject, known = Subject(event, sender), config.known_ways
    if config.traits is None:
        return _asked(event, sender, subject, config)
    values = tuple([of(subject) for of in config.traits])
    ways = known.get(values)
    if ways is None:
        ways = _asked(event, sender, subject, config)
        if len(known) < REMEMBERED:
            known[values] = ways
    return ways


def _asked(event: Event, sender: str, subject: Subject, config: Config) -> Ways:
    taken: list[Way] = []
    steps: list[Step] = []
    for question in config.questions:
        for of, passed in question.asked:
            step = passed[of(subject)]
            if step is not None:
                steps.append(step)
                break
        else:
            steps.append(question.taken(event, sender))
            taken.append((question.route, question.policy))
            if not question.route.continue_:
                break
    return Ways(tuple(taken), tuple(steps))


def deliveries_of(
    telling: Iterable[Way], event: Event, upkeeps: Upkeeps, moment: Moment
) -> dict[str, Delivery]:
    """One to each destination that a route names, the first route's terms; then their
    audit mirrors."""
    found: dict[str, Delivery] = {}
    for route, policy in telling:
        for name in route.to:
            if name not in found:
                fresh = _delivery(name, upkeeps, route, event, policy, moment)
                found[name] = held(fresh, event, policy, moment)
    for mirror in _mirrors(found.values(), upkeeps, moment):
        found.setdefault(mirror.destination, mirror)
    return found


def _delivery(
    name: str,
    upkeeps: Upkeeps,
    route: Route,
    event: Event,
    policy: Policy,
    moment: Moment,
) -> Delivery:
    ttl = event.ttl if event.ttl is not None else policy.ttl
    delivery = Delivery(
        destination=name,
        route=route.name,
        urgent=event.severity.urgent,
        pings=pings_of(route, event),
        on_unknown=route.on_unknown,
        updated_at=moment.now,
        expires_at=None if ttl is None else moment.now + ttl * 1000,
    )
    if name in upkeeps:
        return delivery
    reason = f"route {route.name!r} names a destination that does not exist"
    return replace(delivery, state=State.SUPPRESSED, reason=reason)


def _mirrors(
    told: Iterable[Delivery], upkeeps: Upkeeps, moment: Moment
) -> Iterator[Delivery]:
    """In its own delivery and never urgent: a mirror delays nothing."""
    for delivery in list(told):
        upkeep = upkeeps.get(delivery.destination)
        mirror = upkeep.audit_to if upkeep else None
        if mirror is not None and mirror in upkeeps:
            yield Delivery(
                destination=mirror,
                route=delivery.route,
                purpose=Purpose.AUDIT,
                updated_at=moment.now,
            )
