"""Following: what an event means to the problem, or the work, that is open. Pure."""

from __future__ import annotations

from dataclasses import replace

from tocsin.delivery import Delivery, Purpose, State
from tocsin.events import Event
from tocsin.memory import Memory
from tocsin.notification import Notification, Step
from tocsin.rules import recalling
from tocsin.rules.recalling import Past
from tocsin.rules.verdicts import Decision, Verdict


def follow(event: Event, opened: Notification) -> Decision:
    """One more event of a problem: it counts, and may say how bad it is by now."""
    was, now = opened.event.severity, event.severity
    if was is now or opened.flapping is not None or not _is_news(event, opened.event):
        return _repeat(opened)
    if now.rank > opened.worst.rank:
        told = f"it got worse, {was} → {now}: told again, as {opened.id}"
        return Decision(Verdict.RISE, trace=(Step("severity", told),))
    told = f"{was} → {now}: the card of {opened.id} is edited"
    return Decision(Verdict.UPDATE, trace=(Step("severity", told),))


def _is_news(event: Event, known: Event) -> bool:
    """Whether it says how bad it is, and is no older than what is known."""
    said = "severity" in event.model_fields_set
    late = recalling.moment_of(event) < recalling.moment_of(known)
    return said and not (event.occurred_at and late)


def _repeat(opened: Notification) -> Decision:
    if opened.flapping is not None:
        told = f"the problem flaps: counted on {opened.id}, silent until it is stable"
    else:
        seen = opened.occurrences + 1
        told = f"the problem is open since {opened.id}; seen {seen} times, told once"
    swallows = "firing" if opened.flapping is not None else ""
    trace = (Step("fingerprint", told),)
    return Decision(Verdict.REPEAT, trace=trace, swallows=swallows)


def progress(event: Event, opened: Notification, memory: Memory, now: int) -> Decision:
    """Work goes on: its card shows how far it is."""
    shown, reached = opened.event.progress or 0, event.progress or 0
    if reached < shown:
        told = f"{reached} % comes after {shown} %: kept, not shown"
        return Decision(Verdict.REPEAT, trace=(Step("progress", told),))
    told = f"{reached} % of {opened.id}: its card is edited"
    after = recalling.having_closed(memory, event, now) if reached >= 100 else None
    return Decision(Verdict.UPDATE, trace=(Step("progress", told),), memory=after)


def late(why: str) -> Decision:
    """It comes too late to change anything."""
    return Decision(Verdict.KEEP, trace=(Step("fingerprint", why),), why_kept=why)


def resolve(event: Event, past: Past, now: int) -> Decision:
    """The end of what is open, if anything is."""
    opened = past.opened
    memory = past.memory
    if opened is None:
        kept = "nothing is open under this fingerprint: kept, not sent"
        news = recalling.moment_of(event) > memory.changed_at
        after = recalling.having_closed(memory, event, now) if news else None
        return replace(late(kept), memory=after)
    if recalling.overtaken(event, memory):
        return late("it is older than the problem that is open: kept, not sent")
    if opened.flapping is not None:
        told = f"the problem flaps: counted on {opened.id}, silent until it is stable"
        return Decision(
            Verdict.REPEAT, trace=(Step("flapping", told),), swallows="resolved"
        )
    heard = {
        name: _after(delivery, now)
        for name, delivery in opened.deliveries.items()
        if delivery.state not in (State.SUPPRESSED, State.CANCELLED)
    }
    told = f"resolves {opened.id}; told where the problem was told, without a ping"
    kept = "" if heard else "the problem itself was told nowhere: kept, not sent"
    return Decision(
        Verdict.RESOLVE,
        heard,
        (Step("fingerprint", told),),
        kept,
        recalling.having_closed(memory, event, now),
    )


def _after(told: Delivery, now: int) -> Delivery:
    """To where the problem was told; what still waits there is told with its end."""
    fresh = Delivery(
        destination=told.destination,
        route=told.route,
        urgent=told.urgent,
        on_unknown=told.on_unknown,
        # An end is no reminder: it is told since its problem was, whatever for.
        purpose=Purpose.AUDIT if told.purpose is Purpose.AUDIT else Purpose.ROUTE,
        updated_at=now,
    )
    if told.hold and told.due_at is not None:
        # And with nothing, where that is too old by then.
        lasts = None if told.was_told else told.expires_at
        return replace(fresh, expires_at=lasts).held(now, told.due_at, told.hold)
    return fresh
