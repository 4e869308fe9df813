"""Folding: one request's events as items, equal ones in one, parted into rounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field, replace

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

    @property
    def may_be_first(self) -> bool:
        """Whether it is likely to be the first notice of its window, and never told
        before. What may come again and is written down nowhere else is looked for."""
        return not self.event.counts and (bool(self.mark) or not self.key)


def fold(items: Sequence[Item], rules: Rules, sender: str, at: int) -> list[Item]:
    """Fold each run of firing events of one fingerprint, equally severe, into one item
    that counts, and notices of one fingerprint that the rules do not tell apart into as
    many as may be told at once. `at`: of every try the same, in ms."""
    folding = _Folding(rules, sender, at)
    for item in items:
        folding.take(item)
    return folding.folded


@dataclass(slots=True)
class _Folding:
    rules: Rules
    sender: str
    at: int
    folded: list[Item] = field(default_factory=list)
    _places: dict[str, list[int]] = field(default_factory=dict)
    _said: dict[str, object] = field(default_factory=dict)

    def take(self, item: Item) -> None:
        seen = self._places.setdefault(item.memory_key, [])
        if item.event.state == "resolved" or item.event.progress is not None:
            seen.clear()
        else:
            # Most lists hold nothing twice.
            place = self._like(item, seen) if seen else None
            if place is not None:
                first = self.folded[place]
                indexes = first.indexes + item.indexes
                self.folded[place] = replace(first, indexes=indexes)
                return
            seen.append(len(self.folded))
        self.folded.append(item)

    def _like(self, item: Item, seen: Sequence[int]) -> int | None:
        """The place of the one that counts it, None = it stands for itself."""
        last = self.folded[seen[-1]]
        if item.event.state == "firing":
            return seen[-1] if last.event.severity is item.event.severity else None
        most = self.rules.most_at_once
        if most is None or len(seen) < most:
            return None
        said = self._says(item)
        alike = [each for each in seen if self._says(self.folded[each]) == said]
        return alike[-1] if len(alike) >= most else None

    def _says(self, item: Item) -> object:
        """What the rules say of it, asked once."""
        if item.id not in self._said:
            said = self.rules.says_of(item.event, self.sender, self.at)
            self._said[item.id] = said
        return self._said[item.id]


def next_round(items: Sequence[Item]) -> tuple[list[Item], list[Item]]:
    """(those in front of which no two share a fingerprint, the rest)."""
    touched: set[str] = set()
    for position, item in enumerate(items):
        if item.memory_key in touched:
            return list(items[:position]), list(items[position:])
        touched.add(item.memory_key)
    return list(items), []
