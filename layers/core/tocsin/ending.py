"""Ending: the notification that ends a problem is written first, and closes it then.

A process that dies between the two has told its sender nothing. Whoever comes upon such
an end, the sweep or its sender's second try, closes the problem by it; where somebody
else has done so meanwhile, there is nothing left to tell.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from tocsin.delivery import State
from tocsin.errors import Stale
from tocsin.notification import Notification
from tocsin.ports import Ledger, Move

ENDED = "somebody else ended the problem at the same moment"


def close(end: Notification, *, ledger: Ledger, now: int) -> Notification:
    """The end as it is once its problem is over: by it, or by another."""
    try:
        ledger.finish(end.resolves, by=end.id, at=end.last_at)
    except Stale:
        return _withdrawn(end, ledger, now)
    return end


def completed(
    ends: Iterable[Notification], *, ledger: Ledger, now: int
) -> dict[str, Notification]:
    """Those whose process may have died over them, by id, with their problems over."""
    doubtful = [end for end in ends if _may_be_unfinished(end)]
    problems = ledger.load(end.resolves for end in doubtful) if doubtful else {}
    return {
        end.id: close(end, ledger=ledger, now=now)
        for end in doubtful
        if end.resolves in problems and problems[end.resolves].resolved_by != end.id
    }


def _may_be_unfinished(end: Notification) -> bool:
    """Nothing of an end is sent before its problem is over."""
    states = {delivery.state for delivery in end.deliveries.values()}
    return bool(end.resolves) and State.SENT not in states


def _withdrawn(end: Notification, ledger: Ledger, now: int) -> Notification:
    cancelled = {
        name: each.cancelled(now, ENDED)
        for name, each in end.deliveries.items()
        if each.state is State.QUEUED
    }
    for name, each in cancelled.items():
        with suppress(Stale):  # Somebody else does the same.
            ledger.move([Move(end.id, end.deliveries[name], each)])
    return ledger.load([end.id]).get(end.id, end) if cancelled else end
