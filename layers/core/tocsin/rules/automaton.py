"""Searching with a regular expression in a time that only grows with the text.

Python's `re` goes back and tries again, and a few characters of pattern can keep it
busy for years: a routing file must not be able to stop the service. So all ways through
the expression are walked at once, one step for each character, and the sets of places
met on the way are remembered (a deterministic automaton, made as far as it is needed).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field

from tocsin.rules.expressions import Chars, Choice, Edge, Node, Repeat, Sequence, parse
from tocsin.values import dataclass

LARGEST = 400
LONGEST_TEXT = 1000
_MOST_STATES = 500
_MOST_MOVES = 500
_MATCH = 0


@dataclass(frozen=True, slots=True)
class _Place:
    """A place in the program: `needs` a character or an edge to go on, or nothing."""

    needs: Chars | Edge | None
    then: tuple[int, ...]


@dataclass(slots=True)
class _State:
    """All places where a search may be, and where each character leads."""

    places: frozenset[int]
    over: bool
    moves: dict[str, _State] = field(default_factory=dict)


class Expression:
    """A compiled expression. Raises ValueError for one that cannot be read."""

    def __init__(self, text: str, *, any_case: bool = False) -> None:
        self._any_case = any_case
        self._program: list[_Place] = [_Place(None, ())]
        self._entry = self._emit(parse(text), _MATCH)
        self._states: dict[frozenset[int], _State] = {}
        self._begin = self._state([self._entry], at_start=True)

    def search(self, text: str) -> bool:
        """Whether it is found in the first 1,000 characters."""
        state = self._begin
        for char in text[:LONGEST_TEXT]:
            if state.over:
                return True
            state = state.moves.get(char) or self._move(state, char)
        ends = self._reach(state.places, at_start=not text, at_end=True)
        return state.over or _MATCH in ends

    def _move(self, state: _State, char: str) -> _State:
        if len(self._states) > _MOST_STATES:
            self._forget()
        if len(state.moves) > _MOST_MOVES:
            state.moves.clear()
        cases = {char, char.lower(), char.upper()} if self._any_case else {char}
        reached = [self._entry]
        for place in state.places:
            step = self._program[place]
            if isinstance(step.needs, Chars) and any(map(step.needs.holds, cases)):
                reached += step.then
        state.moves[char] = found = self._state(reached)
        return found

    def _forget(self) -> None:
        """All states, and their ways to each other."""
        for known in (self._begin, *self._states.values()):
            known.moves.clear()
        self._states.clear()

    def _state(self, reached: Iterable[int], *, at_start: bool = False) -> _State:
        places = frozenset(self._reach(reached, at_start=at_start))
        if places not in self._states:
            self._states[places] = _State(places, _MATCH in places)
        return self._states[places]

    def _reach(
        self, places: Iterable[int], *, at_start: bool = False, at_end: bool = False
    ) -> set[int]:
        """These, and all that can be reached from them without a character."""
        seen: set[int] = set()
        waiting = list(places)
        while waiting:
            place = waiting.pop()
            if place in seen:
                continue
            seen.add(place)
            needs = self._program[place].needs
            free = needs is None
            if isinstance(needs, Edge):
                free = at_start if needs.start else at_end
            if free:
                waiting += self._program[place].then
        return seen

    def _emit(self, node: Node, after: int) -> int:
        """Write the node so that it leads to `after`; returns where it begins."""
        if isinstance(node, Chars | Edge):
            return self._add(node, after)
        if isinstance(node, Choice):
            return self._add(None, *[self._emit(part, after) for part in node.parts])
        if isinstance(node, Sequence):
            for part in reversed(node.parts):
                after = self._emit(part, after)
            return after
        return self._emit_repeat(node, after)

    def _emit_repeat(self, node: Repeat, after: int) -> int:
        if node.most is None:
            loop = self._add(None, after)
            inside = self._emit(node.part, loop)
            self._program[loop] = _Place(None, (inside, after))
            begin = loop
        else:
            begin = after
            for _ in range(node.most - node.least):
                begin = self._add(None, self._emit(node.part, begin), after)
        for _ in range(node.least):
            begin = self._emit(node.part, begin)
        return begin

    def _add(self, needs: Chars | Edge | None, *then: int) -> int:
        if len(self._program) >= LARGEST:
            raise ValueError("a regular expression is too large, written out")
        self._program.append(_Place(needs, then))
        return len(self._program) - 1
