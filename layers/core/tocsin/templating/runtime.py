"""Running a template: it sees data and nothing else, and pays for every step.

What a step costs is known before it is done: a loop costs its items times the size of
its body, a text its length. So a template ends, whatever it holds and whatever data it
is given, without a clock that would stop it at another place each time.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

STEPS = 20_000
LONGEST = 20_000
NUMBER = 10**15
DIGITS = 40
LETTERS_A_STEP = 64
_ARITHMETIC: Mapping[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
}


class Fault(Exception):
    """Why a template says nothing: in which part of it, in which line, and how. Holds
    no value of an event."""

    def __init__(self, part: str, line: int, reason: str) -> None:
        where = f"line {line}: " if line else ""
        super().__init__(f"{part}, {where}{reason}" if part else f"{where}{reason}")
        self.part, self.line, self.reason = part, line, reason


class Refused(Exception):
    """A step that is not done; its text says why, in words for the author."""


class Work:
    """What one message may still cost."""

    def __init__(self, steps: int = STEPS) -> None:
        self.left = steps

    def spend(self, steps: int) -> None:
        """Raises `Refused` before what would be too much is done."""
        self.left -= steps
        if self.left < 0:
            raise Refused(f"does more than {STEPS:,} steps")


class Missing:
    """What is not there: empty text, no items, neither more nor less than anything.
    Whatever is asked of it is not there, either."""

    def __init__(self, *_: object, **__: object) -> None:
        """Jinja2 tells what it looked for; nobody needs it."""

    def __str__(self) -> str:
        return ""

    def __bool__(self) -> bool:
        return False

    def __len__(self) -> int:
        return 0

    def __iter__(self) -> Iterator[object]:
        return iter(())

    def __getitem__(self, _: object) -> Missing:
        return self

    def __eq__(self, other: object) -> bool:
        return other is None or isinstance(other, Missing)

    def __hash__(self) -> int:
        return 0

    def __lt__(self, _: object) -> bool:
        return False

    __gt__ = __le__ = __ge__ = __lt__


def is_missing(value: object) -> bool:
    """Whether nobody said it: JSON's null is as good as absent."""
    return value is None or isinstance(value, Missing)


def looked_up(value: object, key: object) -> Any:
    """What stands in an object under a name, or in a list at a place. No attribute of
    anything is ever read."""
    if isinstance(value, dict) and isinstance(key, str):
        return value.get(key, Missing())
    if isinstance(value, list | tuple) and isinstance(key, int):
        inside = -len(value) <= key < len(value)
        return value[key] if inside else Missing()
    return Missing()


def written(value: object, work: Work) -> str:
    """A value as text: nothing for what is missing, items one after another. Raises
    `Refused` for an object."""
    if is_missing(value):
        return ""
    if isinstance(value, list | tuple):
        return paid(", ".join(_scalars(value, work)), work)
    text = _one(value)
    if text is None:
        raise Refused("shows an object: name what of it is meant, as in {{ data.x.y }}")
    return paid(text, work)


def paid(text: str, work: Work) -> str:
    """The text, whose length is bounded and costs something."""
    allowed(len(text), work)
    return text


def allowed(letters: int, work: Work) -> None:
    """Pay for a text before it is made. Raises `Refused`."""
    if letters > LONGEST:
        raise Refused(f"makes a text of more than {LONGEST:,} letters")
    work.spend(1 + letters // LETTERS_A_STEP)


def items_of(value: object, work: Work, weight: int = 1) -> list[Any]:
    """What a loop goes through, each item costing as much as the loop's body. Raises
    `Refused` for what is no list."""
    if is_missing(value):
        return []
    if not isinstance(value, list | tuple | dict):
        raise Refused("loops over what is not a list")
    work.spend(1 + len(value) * weight)
    return list(value)


def compared(value: object, work: Work) -> object:
    """What may be compared: one value. Raises `Refused` for a list or an object."""
    if value is None:
        return Missing()
    if isinstance(value, list | tuple | dict):
        raise Refused("compares a list or an object")
    work.spend(1 + (len(value) // LETTERS_A_STEP if isinstance(value, str) else 0))
    return value


def searched(value: object, work: Work) -> object:
    """What something may be looked for in. Raises `Refused` for a number."""
    if is_missing(value):
        return ()
    if isinstance(value, dict | str):
        work.spend(1 + (len(value) // 8 if isinstance(value, str) else 0))
        return value
    if not isinstance(value, list | tuple):
        raise Refused("looks for something in a number")
    work.spend(1 + len(value))
    return [each for each in value if not isinstance(each, list | tuple | dict)]


def sliced(value: object, work: Work) -> object:
    """What a part may be cut out of. Raises `Refused` for a number or an object."""
    if isinstance(value, dict | int | float):
        raise Refused("cuts a part out of what has none")
    work.spend(1 + (len(value) // 8 if isinstance(value, str | list | tuple) else 0))
    return value


def calculated(sign: str, left: object, right: object) -> object:
    """Numbers with numbers; where one is missing, so is the result. Raises `Refused`
    for a division by zero."""
    if is_missing(left) or is_missing(right):
        return Missing()
    one, other = number_of(left), number_of(right)
    if sign in ("/", "//", "%") and other == 0:
        raise Refused("divides by zero")
    return number_of(_ARITHMETIC[sign](one, other))


def number_of(value: object) -> int | float:
    """A number within bounds. Raises `Refused`."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refused("calculates with what is not a number; texts are joined by ~")
    if not -NUMBER <= value <= NUMBER:
        raise Refused("calculates with a number that is too large")
    return value


def _scalars(values: list[object] | tuple[object, ...], work: Work) -> Iterator[str]:
    for value in values:
        text = _one(value)
        if text is None:
            raise Refused("shows a list of objects: use a loop, or map and join")
        if text:
            yield paid(text, work)


def _one(value: object) -> str | None:
    """None for what is no single value."""
    if is_missing(value):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return _digits(value)
    if isinstance(value, float):
        whole = abs(value) < NUMBER and value == int(value)
        return str(int(value)) if whole else f"{value:.10g}"
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return value if isinstance(value, str) else None


def _digits(value: int) -> str:
    """Ids are long numbers, and shown whole; Python takes long over longer ones."""
    if abs(value) >= 10**DIGITS:
        raise Refused(f"shows a number of more than {DIGITS} digits")
    return str(value)
