"""Gathering: what need not be told at once waits, to be told together with more.

Three reasons: a destination has a fixed window; its backlog is long; it is broken.
"""

from __future__ import annotations

from collections.abc import Sequence

from tocsin.delivery import MINUTE, Purpose
from tocsin.hand import Hand, Item
from tocsin.ports import Clock, Health
from tocsin.rules.policy import Upkeep

BACKLOG = 10  # as many as one call may hold: more than that is a backlog
LONGEST = 24 * 60 * MINUTE  # after that it is tried, and dies if that fails
BROKEN = "while it could not be reached"
STORM = "a backlog that had grown old"


def gathered(
    waiting: Sequence[Item], hand: Hand, upkeep: Upkeep, health: Health, clock: Clock
) -> list[Item]:
    """Those to be sent now; the rest is held, or put off."""
    now = clock.now()
    if hindered_by(upkeep, health, clock):
        return _held(waiting, hand, now, BROKEN)
    storm = upkeep.storm
    if storm is not None and len(waiting) > BACKLOG:
        old = now - storm.after * 1000
        stale = [item for item in waiting if item.notification.accepted_at < old]
        fresh = [item for item in waiting if item.notification.accepted_at >= old]
        waiting = [*_held(stale, hand, now, STORM), *fresh]
    window = upkeep.window_ms
    if window and waiting and len(waiting) <= BACKLOG:
        age = now - min(item.record.sent_at for item in waiting)
        if age < window:
            hand.put_off(waiting, window - age, "gathers what comes in its window")
            return []
    return list(waiting)


def hindered_by(upkeep: Upkeep, health: Health, clock: Clock) -> str:
    """Why what can wait is not sent there now, "" = it is."""
    if is_broken(upkeep, health) and clock.now() < next_probe(upkeep, health):
        return "the destination cannot be reached; it is tried now and then"
    return ""


def is_broken(upkeep: Upkeep, health: Health) -> bool:
    """Whether it has failed so often in a row that it is left alone."""
    breaker = upkeep.breaker
    return breaker is not None and health.failures >= breaker.failures


def next_probe(upkeep: Upkeep, health: Health) -> int:
    """When one delivery may be sent to see whether it works again."""
    probe = upkeep.breaker.probe if upkeep.breaker else 0
    return health.last_error_at + probe * 1000


def held_back(items: Sequence[Item], hand: Hand, now: int) -> list[Item]:
    """A probe that has failed goes on waiting with the others; returns what may not."""
    return _held(items, hand, now, BROKEN)


def next_minute(now: int) -> int:
    """The same for all that is held in a minute, so that it is told together."""
    return now - now % MINUTE + MINUTE


def _held(waiting: Sequence[Item], hand: Hand, now: int, why: str) -> list[Item]:
    """Hold what may be; returns what may not: it is urgent, or has waited already."""
    keep: list[Item] = []
    until = next_minute(now)
    for item in waiting:
        if not _may_wait(item, now):
            keep.append(item)
        elif hand.swap([item], [item.delivery.held(now, until, why)]):
            hand.keep(item.record, 0)
    return keep


def _may_wait(item: Item, now: int) -> bool:
    delivery = item.delivery
    return (
        not delivery.urgent
        and now - item.notification.accepted_at < LONGEST
        and delivery.purpose is not Purpose.SUMMARY
        and not delivery.attempts
        and not delivery.generation
    )
