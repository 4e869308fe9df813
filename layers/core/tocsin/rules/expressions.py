"""Regular expressions as a tree: read from text, with words for what is not offered.

Offered is what can be decided in one pass over the text: literals, `.`, classes,
groups, `|`, `* + ? {m,n}`, `^` and `$`. Look-around and back references are not.
"""

from __future__ import annotations

from tocsin.values import dataclass

DEEPEST = 20
MOST_REPEATS = 100
_CLASSES = "dDwWsS"
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
_NEVER_PLAIN = "*+?{"


@dataclass(frozen=True, slots=True)
class Chars:
    """One character out of ranges and classes, or (negated) none of these."""

    ranges: tuple[tuple[str, str], ...] = ()
    classes: str = ""
    negated: bool = False

    def holds(self, char: str) -> bool:
        """Whether this character is meant."""
        found = any(low <= char <= high for low, high in self.ranges)
        return (found or any(_is(char, each) for each in self.classes)) != self.negated


@dataclass(frozen=True, slots=True)
class Edge:
    """The start or the end of the text."""

    start: bool


@dataclass(frozen=True, slots=True)
class Sequence:
    """One after another."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of these."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """From `least` to `most` times; None = any number of times."""

    part: Node
    least: int
    most: int | None


Node = Chars | Edge | Sequence | Choice | Repeat
ANY = Chars(negated=True)


def _is(char: str, name: str) -> bool:
    if name in "dD":
        found = char.isdecimal()
    elif name in "wW":
        found = char.isalnum() or char == "_"
    else:
        found = char.isspace()
    return found == name.islower()


def parse(text: str) -> Node:
    """The expression as a tree. Raises ValueError."""
    reader = _Reader(text)
    node = reader.choice(0)
    if reader.at < len(text):
        raise ValueError("a regular expression closes a group that it never opened")
    return node


class _Reader:
    """A cursor over the expression."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def take(self) -> str:
        char = self.peek()
        if not char:
            raise ValueError("a regular expression ends in the middle")
        self.at += 1
        return char

    def skip(self, text: str) -> bool:
        if self.text.startswith(text, self.at):
            self.at += len(text)
            return True
        return False

    def choice(self, depth: int) -> Node:
        if depth > DEEPEST:
            raise ValueError(f"a regular expression nests deeper than {DEEPEST}")
        parts = [self.sequence(depth)]
        while self.skip("|"):
            parts.append(self.sequence(depth))
        return parts[0] if len(parts) == 1 else Choice(tuple(parts))

    def sequence(self, depth: int) -> Node:
        parts: list[Node] = []
        while self.peek() not in ("", "|", ")"):
            parts.append(self.repeated(self.atom(depth)))
        return Sequence(tuple(parts))

    def repeated(self, part: Node) -> Node:
        bounds = self.bounds()
        if bounds is None:
            return part
        self.skip("?")  # lazy or not: what matters here is only whether it matches
        if self.bounds() is not None:
            raise ValueError("a regular expression repeats a repeat")
        least, most = bounds
        if max(least, most or 0) > MOST_REPEATS:
            raise ValueError(f"a regular expression repeats at most {MOST_REPEATS} ×")
        return Repeat(part, least, most)

    def bounds(self) -> tuple[int, int | None] | None:
        for sign, bounds in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self.skip(sign):
                return bounds
        if not self.skip("{"):
            return None
        inner, closed, _ = self.text[self.at :].partition("}")
        least, comma, most = inner.partition(",")
        numbers = [each for each in (least, most) if each]
        known = all(each.isascii() and each.isdigit() for each in numbers)
        if not closed or not least or not known or len(inner) > 10:
            raise ValueError("a regular expression repeats {m}, {m,} or {m,n} times")
        self.at += len(inner) + 1
        low = int(least)
        high = (int(most) if most else None) if comma else low
        if high is not None and high < low:
            raise ValueError("a regular expression repeats backwards")
        return low, high

    def atom(self, depth: int) -> Node:
        char = self.take()
        if char == "(":
            return self.group(depth)
        if char == "[":
            return self.several()
        if char == "\\":
            return self.escaped()
        if char in _NEVER_PLAIN:
            raise ValueError(
                f"a regular expression has nothing to repeat before {char}"
            )
        if char in "^$":
            return Edge(start=char == "^")
        return ANY if char == "." else Chars(((char, char),))

    def group(self, depth: int) -> Node:
        if self.skip("?") and not self.skip(":"):
            raise ValueError("a regular expression here has no look-around or flags")
        inner = self.choice(depth + 1)
        if not self.skip(")"):
            raise ValueError("a regular expression opens a group and never closes it")
        return inner

    def escaped(self) -> Chars:
        char = self.take()
        if char in _CLASSES:
            return Chars(classes=char)
        if char.isalnum() and char not in _ESCAPES:
            raise ValueError(f"a regular expression here has no \\{char}")
        plain = _ESCAPES.get(char, char)
        return Chars(((plain, plain),))

    def several(self) -> Chars:
        negated = self.skip("^")
        ranges: list[tuple[str, str]] = []
        classes = ""
        first = True
        while first or self.peek() != "]":
            first = False
            low = self.member()
            classes += low.classes
            if not low.ranges:
                continue
            start = end = low.ranges[0][0]
            if self.text[self.at : self.at + 2] not in ("-]", "-") and self.skip("-"):
                high = self.member()
                end = high.ranges[0][0] if high.ranges else ""
            if end < start:
                raise ValueError("a regular expression has a range that runs backwards")
            ranges.append((start, end))
        self.take()
        return Chars(tuple(ranges), classes, negated)

    def member(self) -> Chars:
        char = self.take()
        return self.escaped() if char == "\\" else Chars(((char, char),))
