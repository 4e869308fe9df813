"""The grammar of templates: of what Jinja2 can read, the part that may be used.

A template calls nothing, imports nothing, defines nothing; it loops over what it sees.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jinja2 import TemplateSyntaxError, meta, nodes
from jinja2.sandbox import SandboxedEnvironment

from tocsin.templating.filters import FILTERS, TESTS
from tocsin.templating.runtime import Fault

LOOPS = 3
DEEPEST = 40
LAYOUT: dict[str, Any] = {
    "trim_blocks": True,
    "lstrip_blocks": True,
    "cache_size": 0,
    "optimized": False,
}
ARITHMETIC = {
    nodes.Add: "+",
    nodes.Sub: "-",
    nodes.Mul: "*",
    nodes.Div: "/",
    nodes.FloorDiv: "//",
    nodes.Mod: "%",
}
_ALLOWED: tuple[type[nodes.Node], ...] = (
    nodes.And,
    nodes.Assign,
    nodes.Compare,
    nodes.Concat,
    nodes.CondExpr,
    nodes.Const,
    nodes.Filter,
    nodes.For,
    nodes.Getattr,
    nodes.Getitem,
    nodes.If,
    nodes.Keyword,
    nodes.List,
    nodes.Name,
    nodes.Neg,
    nodes.Not,
    nodes.Operand,
    nodes.Or,
    nodes.Output,
    nodes.Pos,
    nodes.Slice,
    nodes.Template,
    nodes.TemplateData,
    nodes.Test,
    nodes.Tuple,
    *ARITHMETIC,
)
_REFUSED = {
    nodes.Call: "calls nothing: a value is changed by a filter, as in {{ x | upper }}",
    nodes.Macro: "has no macros",
    nodes.Include: "includes nothing",
    nodes.Import: "imports nothing",
    nodes.FromImport: "imports nothing",
    nodes.Extends: "extends nothing",
    nodes.Block: "has no blocks",
    nodes.Pow: "has no powers",
    nodes.AssignBlock: "sets a name to an expression, not to a block",
    nodes.FilterBlock: "filters a value, not a block",
}
_READER = SandboxedEnvironment(**LAYOUT)
_READER.filters, _READER.tests = dict(FILTERS), dict(TESTS)


def parsed(source: str) -> nodes.Template:
    """The template as a tree that holds nothing but what is allowed. Raises `Fault`,
    with its line."""
    try:
        tree = _READER.parse(source)
    except TemplateSyntaxError as error:
        raise Fault("", error.lineno, error.message or "cannot be read") from None
    except Exception:  # noqa: BLE001 - nested too deep, or numbers too long for it
        raise Fault("", 1, "cannot be read") from None
    _judge(tree)
    return tree


def names_in(tree: nodes.Template) -> set[str]:
    """The names that it does not define itself."""
    return meta.find_undeclared_variables(tree)


def _judge(tree: nodes.Template) -> None:
    for node, depth, loops in walk(tree):
        line = getattr(node, "lineno", 1) or 1
        if depth > DEEPEST:
            raise Fault("", line, "is nested too deep")
        if loops > LOOPS:
            raise Fault("", line, f"has more than {LOOPS} loops in each other")
        reason = _reason(node)
        if reason:
            raise Fault("", line, reason)


def walk(node: nodes.Node) -> Iterator[tuple[nodes.Node, int, int]]:
    """(node, how deep it stands, in how many loops), without recursion."""
    waiting = [(node, 0, 0)]
    while waiting:
        each, depth, loops = waiting.pop()
        loops += isinstance(each, nodes.For)
        yield each, depth, loops
        waiting += [(child, depth + 1, loops) for child in each.iter_child_nodes()]


def _reason(node: nodes.Node) -> str:
    """Why it may not stand here; "" = it may."""
    if not isinstance(node, _ALLOWED):
        told = _REFUSED.get(type(node), f"has no {type(node).__name__.lower()}")
        return f"a template {told}"
    if isinstance(node, nodes.Name) and node.name.startswith("_"):
        return f"a name begins with a letter: {node.name[:40]!r}"
    if isinstance(node, nodes.For) and node.recursive:
        return "a loop does not call itself"
    if isinstance(node, nodes.Filter) and node.name not in FILTERS:
        known = ", ".join(sorted(FILTERS))
        return f"there is no filter {node.name[:40]!r}; there are: {known}"
    if isinstance(node, nodes.Test) and node.name not in TESTS:
        known = ", ".join(sorted(TESTS))
        return f"there is no test {node.name[:40]!r}; there are: {known}"
    return ""
