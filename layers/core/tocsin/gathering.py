"""Gathering: what need not be told at once waits, to be told together with more.

Three reasons: a destination has a fixed window; its backlog is long; it is broken.
"""

from __future__ import annotations

from collections.abc import Sequence

from tocsin.delivery import MINUTE, Delivery, Purpose
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
    if is_broken(upkeep, health):
        probes = [item for item in waiting if _is_probe(item)]
        others = [item for item in waiting if not _is_probe(item)]
        return [*probes, *held_back(others, hand, now)]
    storm = upkeep.storm
    if storm is not None and len(waiting) > BACKLOG:
        waiting = _without_stale(waiting, hand, now, now - storm.after * 1000)
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
    """When one of those that wait is sent to see whether it works again."""
    probe = upkeep.breaker.probe if upkeep.breaker else 0
    return health.last_error_at + probe * 1000


def held_back(
    items: Sequence[Item], hand: Hand, now: int, *, unknown: bool = False
) -> list[Item]:
    """Wait until it works again; for a probe that has failed, that costs no attempt.
    `unknown`: they have left, and no answer came. Returns what may not wait."""
    kept = []
    for item in items:
        over = unknown and item.delivery.on_unknown == "stop"
        if over or not _may_wait(item, now):
            kept.append(item)
        else:
            _hold(item, hand, now, BROKEN, unknown=unknown)
    return kept


def stands_alone(delivery: Delivery) -> bool:
    """What may have been shown says so, and what tells of others is not told of."""
    return delivery.possibly_sent or delivery.purpose is Purpose.SUMMARY


def next_minute(now: int) -> int:
    """The same for all that is held in a minute, so that it is told together."""
    return now - now % MINUTE + MINUTE


def _is_probe(item: Item) -> bool:
    """Whether it waited for this destination and was chosen to see how that is: what
    comes in meanwhile is not in doubt for it."""
    log = item.delivery.log
    return bool(log) and (log[-1].what, log[-1].reason) == ("held", BROKEN)


def _without_stale(
    waiting: Sequence[Item], hand: Hand, now: int, before: int
) -> list[Item]:
    """Hold what was accepted before then, but for what is told by itself; returns the
    rest."""
    kept = []
    for item in waiting:
        stale = item.notification.accepted_at < before
        if stale and not stands_alone(item.delivery) and _may_wait(item, now):
            _hold(item, hand, now, STORM)
        else:
            kept.append(item)
    return kept


def _hold(item: Item, hand: Hand, now: int, why: str, *, unknown: bool = False) -> None:
    held = item.delivery.held(now, next_minute(now), why, unknown=unknown)
    if hand.swap([item], [held]):
        hand.keep(item.record, 0)


def _may_wait(item: Item, now: int) -> bool:
    """Not what is urgent, tried already, sent again by hand, or has waited for long."""
    delivery, age = item.delivery, now - item.notification.accepted_at
    tried = delivery.attempts or delivery.generation
    return not delivery.urgent and not tried and age < LONGEST
