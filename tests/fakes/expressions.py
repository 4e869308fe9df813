"""Expressions as DynamoDB reads them: what moto lets pass is refused in its own words.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from moto.dynamodb.parsing.reserved_keywords import ReservedKeywords

EXPRESSIONS = (
    "UpdateExpression",
    "ConditionExpression",
    "KeyConditionExpression",
    "FilterExpression",
    "ProjectionExpression",
)
LONGEST = 4096
_RESERVED = frozenset(word.upper() for word in ReservedKeywords.get_reserved_keywords())
_SECTIONS = ("SET", "REMOVE", "ADD", "DELETE")
_KEYWORDS = {
    "UpdateExpression": frozenset(_SECTIONS),
    "ProjectionExpression": frozenset[str](),
}
_LOGIC = frozenset({"AND", "OR", "NOT", "BETWEEN", "IN"})
_TOKEN = re.compile(r"[#:]?\w+|\[\d+\]|[<>]=?|<>|[=.,()+-]|\S")
Path = tuple[str, ...]


class InvalidExpression(Exception):
    """What DynamoDB would refuse, by its own message."""


@dataclass
class _Used:
    """Placeholders of one request: those defined, and those met so far."""

    names: Mapping[str, str]
    values: Mapping[str, Any]
    met: set[str] = field(default_factory=set)

    def attribute(self, word: str, kind: str) -> str:
        """The attribute that a name in an expression stands for."""
        if not word.startswith("#"):
            return word
        self.met.add(word)
        if word not in self.names:
            raise _invalid(
                kind,
                "An expression attribute name used in the document path is not "
                f"defined; attribute name: {word}",
            )
        return self.names[word]

    def meet(self, word: str, kind: str) -> None:
        self.met.add(word)
        if word not in self.values:
            raise _invalid(
                kind,
                "An expression attribute value used in expression is not defined; "
                f"attribute value: {word}",
            )


def check_expressions(asked: Mapping[str, Any]) -> None:
    """One request, or one entry of a transaction. Raises `InvalidExpression`."""
    told = [kind for kind in EXPRESSIONS if kind in asked]
    for which in ("Names", "Values"):
        parameter = f"ExpressionAttribute{which}"
        if parameter in asked and not told:
            says = f"{parameter} can only be specified when using expressions"
            raise InvalidExpression(says)
        if asked.get(parameter) == {}:
            raise InvalidExpression(f"{parameter} must not be empty")
    names = asked.get("ExpressionAttributeNames", {})
    values = asked.get("ExpressionAttributeValues", {})
    used = _Used(names, values)
    for kind in told:
        _check(kind, asked[kind], used)
    for which, defined in (("Names", names), ("Values", values)):
        unused = sorted(defined.keys() - used.met)
        if unused:
            raise InvalidExpression(
                f"Value provided in ExpressionAttribute{which} unused in expressions: "
                f"keys: {{{', '.join(unused)}}}"
            )


def _check(kind: str, expression: str, used: _Used) -> None:
    if not expression.strip():
        raise _invalid(kind, "The expression can not be empty;")
    size = len(expression.encode())
    if size > LONGEST:
        says = "Expression size has exceeded the maximum allowed size; expression size:"
        raise _invalid(kind, f"{says} {size}")
    tokens = _TOKEN.findall(expression)
    for token, following in zip(tokens, [*tokens[1:], ""], strict=True):
        _check_token(kind, token, following, used)
    if kind == "UpdateExpression":
        _check_update(tokens, used)


def _check_token(kind: str, token: str, following: str, used: _Used) -> None:
    if token.startswith(":"):
        used.meet(token, kind)
    elif token.startswith("#"):
        used.attribute(token, kind)
    elif token[0].isalpha() or token[0] == "_":
        word = token.upper()
        if following == "(" and word not in _LOGIC:
            return  # A function.
        if word in _KEYWORDS.get(kind, _LOGIC):
            return
        if word in _RESERVED:
            says = "Attribute name is a reserved keyword; reserved keyword:"
            raise _invalid(kind, f"{says} {token}")


def _check_update(tokens: Sequence[str], used: _Used) -> None:
    kind = "UpdateExpression"
    sections = [token.upper() for token in tokens if token.upper() in _SECTIONS]
    for section in _SECTIONS:
        if sections.count(section) > 1:
            says = f'The "{section}" section can only be used once in an update '
            raise _invalid(kind, f"{says}expression;")
    targets = list(_targets(tokens, used))
    for one, other in combinations(targets, 2):
        shorter = min(len(one), len(other))
        if one[:shorter] == other[:shorter]:
            says = (
                "Two document paths overlap with each other; must remove or rewrite "
                f"one of these paths; path one: {_shown(one)}, path two: "
            )
            raise _invalid(kind, f"{says}{_shown(other)}")


def _targets(tokens: Sequence[str], used: _Used) -> Iterator[Path]:
    """What an update writes to: the path that each of its actions begins with."""
    path: list[str] = []
    depth, taking = 0, False
    for token in [*tokens, ","]:
        depth += {"(": 1, ")": -1}.get(token, 0)
        begins = token.upper() in _SECTIONS or (token == "," and not depth)
        if begins or not _is_of_path(token):
            if path:
                yield tuple(path)
            path, taking = [], begins
        elif taking and token != ".":
            path.append(used.attribute(token, "UpdateExpression"))


def _is_of_path(token: str) -> bool:
    return token == "." or token[0] in "#[_" or token[0].isalpha()


def _shown(path: Path) -> str:
    return f"[{', '.join(path)}]"


def _invalid(kind: str, says: str) -> InvalidExpression:
    return InvalidExpression(f"Invalid {kind}: {says}")
