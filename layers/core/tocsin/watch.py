"""Watching the watchers: the owner hears of a destination that is gone."""

from __future__ import annotations

from tocsin.accept import Sender, accept
from tocsin.delivery import Timing
from tocsin.errors import Unavailable
from tocsin.events import Event
from tocsin.ports import Clock, Health, HealthBook, Ledger, Notice, Outbox
from tocsin.settings import Settings
from tocsin.severity import Severity

GONE = "tocsin.destination.gone"


def tell_of_gone(
    *,
    settings: Settings,
    health: HealthBook,
    notice: Notice,
    ledger: Ledger,
    outbox: Outbox,
    clock: Clock,
    timing: Timing,
) -> tuple[str, ...]:
    """Tell of every destination that was disabled and not told yet; returns names.

    Twice: as an event through the routes, since another destination may be read sooner,
    and past all routes on the owner's own topic, since the routes may all lead there.
    A keyed event and the mark at the end make a run that dies half-way harmless.
    """
    told = []
    for name, known in health.all().items():
        if not known.disabled_at or known.told or name not in settings.destinations:
            continue
        key = f"gone:{name}:{known.disabled_at}"
        accept(
            [_event(name, known)],
            sender=Sender("tocsin", key, at=known.disabled_at),
            settings=settings,
            ledger=ledger,
            outbox=outbox,
            clock=clock,
            timing=timing,
        )
        try:
            notice.tell(f"Tocsin: destination {name} is gone", _words(name, known))
        except Unavailable:
            continue
        health.told(name)
        told.append(name)
    return tuple(told)


def _event(name: str, known: Health) -> Event:
    return Event(
        type=GONE,
        title=f"Destination {name} is gone",
        message=_words(name, known),
        severity=Severity.HIGH,
        labels={"destination": name},
    )


def _words(name: str, known: Health) -> str:
    return (
        f"Nothing is sent to {name} any more: {known.disabled_reason} What was on its "
        f"way is kept as dead letters. Put the destination again with a working "
        f"address, then replay the dead letters."
    )
