"""Pinging: whom a notification may wake. Pure."""

from __future__ import annotations

from tocsin.events import Event
from tocsin.rules.config import Route
from tocsin.severity import Severity

WIDE_PINGS = frozenset({"@everyone", "@here"})


def pings_of(route: Route, event: Event) -> tuple[str, ...]:
    """Whom to ping: what the route adds, and what the event asks and may.

    Everyone and here are for critical only, whatever the file says.
    """
    added = route.mentions.get(event.severity, ())
    if not (added or event.mentions):
        return ()
    asked = tuple(ping for ping in event.mentions if ping in route.may_mention)
    pings = dict.fromkeys((*added, *asked))
    if event.severity is not Severity.CRITICAL:
        return tuple(ping for ping in pings if ping not in WIDE_PINGS)
    return tuple(pings)
