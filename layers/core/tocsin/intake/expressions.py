"""Expressions: JMESPath on strangers' JSON, with so much work and no more.

https://jmespath.org/specification.html
"""

from __future__ import annotations

from typing import Annotated, Any
from warnings import catch_warnings, simplefilter

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.visitor import TreeInterpreter
from pydantic import AfterValidator, JsonValue, StringConstraints

from tocsin.intake.demands import wrong
from tocsin.intake.trimming import line

LENGTH = 500
WORK = 100_000
NODES = 2_000
# The steps that can make more than they were given.
_GROWING = {"multi_select_list", "multi_select_dict", "function_expression"}


def _readable(expression: str) -> str:
    try:
        with catch_warnings():
            simplefilter("error")  # a literal in a form that will cease to be one
            jmespath.compile(expression)
    except (JMESPathError, RecursionError, Warning) as error:
        said = line(str(error), 200).removeprefix("Invalid jmespath expression: ")
        raise ValueError(f"is not a JMESPath expression: {said}") from None
    return expression


Expression = Annotated[
    str,
    StringConstraints(min_length=1, max_length=LENGTH),
    AfterValidator(_readable),
]


class Search(TreeInterpreter):  # type: ignore[misc]
    """Evaluates the expressions of one call, with so much work and no more: each can
    double its result with nine characters."""

    def __init__(self) -> None:
        super().__init__()
        self.left = WORK

    def __call__(self, expression: str, value: JsonValue, field: str) -> JsonValue:
        """What the expression finds. Raises `Invalid`, naming the field."""
        try:
            found: JsonValue = self.visit(jmespath.compile(expression).parsed, value)
        except _TooMuch:
            raise wrong(field, "its expression makes too much of this body") from None
        except Exception as error:  # noqa: BLE001 - its functions fail in their own ways
            said = line(str(error), 200) or type(error).__name__
            raise wrong(field, f"its expression fails here: {said}") from None
        if field != "each" and _weight(found, NODES) > NODES:
            raise wrong(field, f"its expression found more than {NODES:,} values")
        return found

    def visit(self, node: Any, *args: Any, **kwargs: Any) -> Any:
        """One step of the evaluation, and what came of it, are paid for."""
        found = super().visit(node, *args, **kwargs)
        if node["type"] in _GROWING:
            self.left -= _weight(found, self.left)
        else:
            self.left -= 1 + (len(found) if isinstance(found, list | dict) else 0)
        if self.left < 0:
            raise _TooMuch
        return found


class _TooMuch(Exception):
    """The work that one call may cost is used up."""


def _weight(value: object, most: int) -> int:
    """How many values there are in a value, a text for each hundred letters, counted no
    further than `most`: parts may be shared, so small in memory and endless in print.
    """
    count, rest = 0, [value]
    while rest and count <= most:
        each = rest.pop()
        count += 1 + (len(each) // 100 if isinstance(each, str) else 0)
        if isinstance(each, dict):
            rest.extend(list(each.values())[: most + 1])
        elif isinstance(each, list):
            rest.extend(each[: most + 1])
    return count
