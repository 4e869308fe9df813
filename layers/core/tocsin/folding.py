"""Folding: one request's events as items, equal ones in one, parted into rounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tocsin.events import Event
from tocsin.rules.deciding import Rules
from tocsin.values import dataclass


@dataclass(frozen=True, slots=True)
class Item:
    """An event on its way in; its final id is known before anything is written.

    Its past is remembered under `memory_key`, which much of what follows asks for.
    `indexes` are its places in the request: equal problems are folded into one item.
    `mark` is the key under which is kept what it was counted on, if it becomes no
    notification of its own; "" = that is not kept.
    """

    event: Event
    id: str
    fingerprint: str
    memory_key: str
    key: str
    indexes: tuple[int, ...]
    mark: str = ""


def fold(items: Sequence[Item], rules: Rules) -> list[Item]:
    """Fold each run of firing events of one fingerprint, equally severe, into one item
    that counts, and notices of one fingerprint into as many as may be told at once."""
    folded: list[Item] = []
    places: dict[str, list[int]] = {}
    for item in items:
        event = item.event
        seen = places.setdefault(item.memory_key, [])
        most = None
        if seen:  # Most lists hold nothing twice.
            most = rules.most_at_once
            if event.state == "firing":
                same = folded[seen[-1]].event.severity is event.severity
                most = 1 if same else None
        if event.state == "resolved" or event.progress is not None:
            seen.clear()
        elif most is not None and len(seen) >= most:
            first = folded[seen[-1]]
            folded[seen[-1]] = replace(first, indexes=first.indexes + item.indexes)
            continue
        else:
            seen.append(len(folded))
        folded.append(item)
    return folded


def next_round(items: Sequence[Item]) -> tuple[list[Item], list[Item]]:
    """(those in front of which no two share a fingerprint, the rest)."""
    touched: set[str] = set()
    for position, item in enumerate(items):
        if item.memory_key in touched:
            return list(items[:position]), list(items[position:])
        touched.add(item.memory_key)
    return list(items), []
