"""Deciding: from an event, the rules and the memory, to a verdict that says why.

`decide` is pure. Storing, showing and dry-running its result are three readers of the
one value it returns.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum

from tocsin.delivery import Delivery, State
from tocsin.events import Event
from tocsin.notification import Notification, Step
from tocsin.rules.config import Config, Route
from tocsin.rules.matching import match
from tocsin.severity import Severity

WIDE_PINGS = frozenset({"@everyone", "@here"})


class Verdict(StrEnum):
    """What becomes of an event."""

    TELL = "tell"
    OPEN = "open"
    REPEAT = "repeat"
    RESOLVE = "resolve"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict, the deliveries it asks for, and the trace that led there.

    `why_kept` is the reason when nothing is to be sent.
    """

    verdict: Verdict
    deliveries: dict[str, Delivery] = field(default_factory=dict)
    trace: tuple[Step, ...] = ()
    why_kept: str = ""


def decide(
    event: Event,
    *,
    sender: str,
    config: Config,
    destinations: Collection[str],
    opened: Notification | None,
    now: int,
) -> Decision:
    """Decide on one event. `opened` is the problem open under its fingerprint."""
    if event.state == "resolved":
        return _resolve(opened, now)
    if event.state == "firing" and opened is not None:
        seen = opened.occurrences + 1
        told = f"the problem is open since {opened.id}; seen {seen} times, told once"
        return Decision(Verdict.REPEAT, trace=(Step("fingerprint", told),))
    opens = event.state == "firing"
    news = "a new problem" if opens else "a notice: told each time"
    trace = [Step("fingerprint", news)]
    deliveries: dict[str, Delivery] = {}
    for step, route in _routes(event, sender, config):
        trace.append(step)
        if route is not None:
            for name in route.to:
                if name not in deliveries:
                    known = name in destinations
                    deliveries[name] = _delivery(name, known, route, event, now)
    if deliveries:
        verdict, kept = Verdict.OPEN if opens else Verdict.TELL, ""
    else:
        verdict = Verdict.OPEN if opens else Verdict.KEEP
        kept = "no route sends it anywhere: kept, not sent"
        trace.append(Step("routes", kept))
    return Decision(verdict, deliveries, tuple(trace), kept)


def _resolve(opened: Notification | None, now: int) -> Decision:
    if opened is None:
        kept = "nothing is open under this fingerprint: kept, not sent"
        return Decision(Verdict.KEEP, trace=(Step("fingerprint", kept),), why_kept=kept)
    heard = {
        name: Delivery(
            destination=name,
            route=delivery.route,
            urgent=delivery.urgent,
            on_unknown=delivery.on_unknown,
            updated_at=now,
        )
        for name, delivery in opened.deliveries.items()
        if delivery.state not in (State.SUPPRESSED, State.CANCELLED)
    }
    told = f"resolves {opened.id}; told where the problem was told, without a ping"
    kept = "" if heard else "the problem itself was told nowhere: kept, not sent"
    return Decision(Verdict.RESOLVE, heard, (Step("fingerprint", told),), kept)


def _routes(
    event: Event, sender: str, config: Config
) -> Iterator[tuple[Step, Route | None]]:
    for route in config.routes:
        holds, why = match(route.match, event, sender)
        rule = f"route {route.name}"
        if not holds:
            yield Step(rule, f"passed over: {why}"), None
            continue
        goes = ", ".join(route.to) or "nowhere"
        further = "; looks further" if route.continue_ else ""
        yield Step(rule, f"taken: {why} → {goes}{further}"), route
        if not route.continue_:
            return


def _delivery(name: str, known: bool, route: Route, event: Event, now: int) -> Delivery:
    delivery = Delivery(
        destination=name,
        route=route.name,
        urgent=event.severity.urgent,
        pings=_pings(route, event),
        on_unknown=route.on_unknown,
        updated_at=now,
    )
    if known:
        return delivery
    reason = f"route {route.name!r} names a destination that does not exist"
    return replace(delivery, state=State.SUPPRESSED, reason=reason)


def _pings(route: Route, event: Event) -> tuple[str, ...]:
    """Whom to ping: what the route adds, and what the event asks and may.

    Everyone and here are for critical only, whatever the file says.
    """
    added = route.mentions.get(event.severity, ())
    asked = tuple(ping for ping in event.mentions if ping in route.may_mention)
    pings = dict.fromkeys((*added, *asked))
    if event.severity is not Severity.CRITICAL:
        return tuple(ping for ping in pings if ping not in WIDE_PINGS)
    return tuple(pings)
