"""Comparing: which recent notifications would be told elsewhere under other rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from operator import attrgetter

from tocsin import summary
from tocsin.delivery import State
from tocsin.memory import Memory
from tocsin.notification import Notification
from tocsin.rules.deciding import Rules, decide
from tocsin.rules.recalling import NOTHING, Past
from tocsin.values import dataclass


@dataclass(frozen=True, slots=True)
class Change:
    """A recent notification that would go elsewhere."""

    notification: Notification
    before: tuple[str, ...]
    after: tuple[str, ...]

    @property
    def kind(self) -> str:
        """`added` where it would be told besides, `dropped` where it would not be told
        any more, `moved` where it is both."""
        before, after = set(self.before), set(self.after)
        if before < after:
            return "added"
        return "dropped" if after < before else "moved"


def examples(found: Sequence[Change], most: int) -> list[Change]:
    """The first of each kind, so that a thousand of one hide no other."""
    seen: Counter[str] = Counter()
    shown = []
    for each in found:
        seen[each.kind] += 1
        if seen[each.kind] <= most:
            shown.append(each)
    return shown


def changes(
    recent: Iterable[Notification], *, live: Rules, proposed: Rules
) -> list[Change]:
    """Which of these would be told elsewhere under the new rules than under the old.

    Both are decided anew, in the order in which they came, since settings may have
    changed since they were accepted.
    """
    # No route is asked about a summary.
    rows = [each for each in recent if each.event.type != summary.TYPE]
    before, after = _Replay(live), _Replay(proposed)
    told = {
        row.id: (before.told(row), after.told(row))
        for row in sorted(rows, key=attrgetter("id"))
    }
    changed = (Change(row, *told[row.id]) for row in rows)
    return [each for each in changed if each.before != each.after]


class _Replay:
    """What rules make of one notification after another, with what they remember."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._memories: dict[str, Memory] = {}
        self._rows: dict[str, Notification] = {}

    def told(self, row: Notification) -> tuple[str, ...]:
        """Who would have been told. A problem that is stored was one that opened."""
        past = Past()
        if not row.event.counts:
            memory = self._memories.get(row.memory_key, NOTHING)
            past = Past(memory, rows=self._rows)
        decision = decide(
            row.event,
            row.id,
            sender=row.sender,
            rules=self._rules,
            past=past,
            now=row.accepted_at,
        )
        if decision.memory is not None:
            self._memories[row.memory_key] = decision.memory
        self._rows[row.id] = replace(row, deliveries=decision.deliveries)
        return tuple(
            name
            for name, delivery in decision.deliveries.items()
            if delivery.state is not State.SUPPRESSED
        )
