"""Rehearsing: what taking events in would come to, with nothing written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tocsin.folding import Item
from tocsin.intaking import FOLLOWING, Accepted, Intake, Judged
from tocsin.notification import Notification
from tocsin.rules.deciding import Verdict
from tocsin.rules.recalling import Past


def rehearse(intake: Intake, items: Sequence[Item]) -> dict[str, Accepted]:
    """What taking them in would come to, with nothing written."""
    pasts = intake.pasts(items)
    results: dict[str, Accepted] = {}
    for item in items:
        judged = intake.judge(item, pasts.get(item.memory_key))
        result = judged.accepted
        if judged.decision.verdict in FOLLOWING:
            told = judged.notification
            if judged.decision.verdict is not Verdict.REPEAT:
                told = intake.followed(judged)[0]
            told = _seen(judged, told, intake.now) if judged.counts else told
            result = replace(result, notification=told)
        pasts[item.memory_key] = _rehearsed(judged, result.notification)
        results[item.id] = result
    return results


def _seen(judged: Judged, old: Notification, now: int) -> Notification:
    count = len(judged.item.indexes)
    return replace(old, occurrences=old.occurrences + count, last_at=now)


def _rehearsed(judged: Judged, told: Notification) -> Past:
    """The past as it would be for the next event."""
    memory = judged.decision.memory or judged.past.memory
    rows = {**judged.past.rows, told.id: told}
    return Past(memory, rows.get(memory.holder), rows=rows)
