"""The language of templates: a small part of Jinja2, compiled once and kept.

What is in a template is rewritten so that it pays for itself, whatever it is given.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import CodeType
from typing import Any

from jinja2 import nodes, pass_context
from jinja2.environment import Template as Compiled
from jinja2.runtime import Context, LoopContext, Undefined
from jinja2.sandbox import SandboxedEnvironment

from tocsin.templating import runtime
from tocsin.templating.filters import FILTERS, TESTS, Filter
from tocsin.templating.grammar import ARITHMETIC, LAYOUT, parsed, walk
from tocsin.templating.quoting import inert
from tocsin.templating.runtime import Fault, Missing, Refused, Work

KEPT = 512
WORK = "_work"
NAME = "<template>"
_LOOP = ("index", "index0", "first", "last", "length", "revindex", "revindex0")


class _Environment(SandboxedEnvironment):
    """Reads data only, and calculates with numbers only."""

    intercepted_binops = frozenset(ARITHMETIC.values())
    intercepted_unops = frozenset("+-")

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, LoopContext):
            return getattr(obj, argument) if argument in _LOOP else Missing()
        return runtime.looked_up(obj, argument)

    def getattr(self, obj: Any, attribute: str) -> Any:
        return self.getitem(obj, attribute)

    def is_safe_callable(self, _: Any) -> bool:
        return False

    def call_binop(self, _: Context, operator: str, left: Any, right: Any) -> object:
        return runtime.calculated(operator, left, right)

    def call_unop(self, _: Context, operator: str, arg: Any) -> object:
        return runtime.calculated(operator, 0, arg)


class _Missing(Missing, Undefined):  # type: ignore[misc]
    """What is missing, as Jinja2 wants to make it."""


@lru_cache(maxsize=2)
def environment(*, markdown: bool) -> _Environment:
    """Where templates are compiled. In Markdown, values are quoted."""
    quote = inert if markdown else str

    @pass_context
    def shown(context: Context, value: object) -> str:
        work = context[WORK]
        return runtime.paid(quote(runtime.written(value, work)), work)

    made = _Environment(
        **LAYOUT,
        finalize=shown,
        undefined=_Missing,
    )
    own: dict[str, Filter] = {
        "_items": runtime.items_of,
        "_joined": _joined,
        "_compared": runtime.compared,
        "_searched": runtime.searched,
        "_sliced": runtime.sliced,
    }
    made.globals = {}
    made.filters = {name: _paid(each) for name, each in (own | {**FILTERS}).items()}
    made.tests = dict(TESTS)
    return made


@lru_cache(maxsize=KEPT)
def compiled(source: str, *, markdown: bool) -> Compiled:
    """The template, ready to run. Raises `Fault` with its line."""
    made = environment(markdown=markdown)
    tree = _rewritten(parsed(source))
    try:
        code: CodeType = made.compile(tree, NAME, NAME)
    except Exception as error:  # noqa: BLE001 - what Jinja2 finds only now
        line = getattr(error, "lineno", None) or 1
        raise Fault("", line, "cannot be compiled") from None
    return Compiled.from_code(made, code, {})


def run(template: Compiled, values: Mapping[str, object], work: Work) -> str:
    """What it says, at most `runtime.LONGEST` letters. Raises `Fault` with its line."""
    context = template.new_context({**values, WORK: work})
    told: list[str] = []
    room = runtime.LONGEST
    try:
        for piece in template.root_render_func(context):
            told.append(piece)
            room -= len(piece)
            if room < 0:
                break
    except Refused as error:
        raise Fault("", _line(error, template), str(error)) from None
    except TypeError as error:
        reason = "mixes values of different kinds"
        raise Fault("", _line(error, template), reason) from None
    except Exception as error:  # noqa: BLE001 - it must never stop a message
        reason = f"breaks ({type(error).__name__})"
        raise Fault("", _line(error, template), reason) from None
    return "".join(told)


def _rewritten(tree: nodes.Template) -> nodes.Template:
    """The same, each of its steps going through what bounds it."""
    for node, _, _ in list(walk(tree)):
        _rejoin(node)
    for node, _, _ in list(walk(tree)):
        if isinstance(node, nodes.For):
            node.iter = _through("_items", node.iter, nodes.Const(_weight(node)))
        elif isinstance(node, nodes.Compare):
            node.expr = _through("_compared", node.expr)
            for operand in node.ops:
                within = operand.op in ("in", "notin")
                name = "_searched" if within else "_compared"
                operand.expr = _through(name, operand.expr)
        elif isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Slice):
            node.node = _through("_sliced", node.node)
    return tree


def _rejoin(node: nodes.Node) -> None:
    """Texts that are joined are counted: `{% set x = x ~ x %}` doubles."""
    for name, value in node.iter_fields():
        if isinstance(value, nodes.Concat):
            setattr(node, name, _concat(value))
        elif isinstance(value, list):
            value[:] = [
                _concat(each) if isinstance(each, nodes.Concat) else each
                for each in value
            ]


def _concat(node: nodes.Concat) -> nodes.Filter:
    return _through("_joined", nodes.List(node.nodes, lineno=node.lineno))


def _through(name: str, value: nodes.Node, *more: nodes.Expr) -> nodes.Filter:
    line = value.lineno
    return nodes.Filter(value, name, [*more], [], None, None, lineno=line)


def _weight(loop: nodes.For) -> int:
    """How much one turn costs; the loops in it pay for themselves."""
    inside = [*loop.body, *([loop.test] if loop.test else ())]
    weight = 0
    while inside:
        node = inside.pop()
        weight += 1
        own = [node.iter] if isinstance(node, nodes.For) else node.iter_child_nodes()
        inside += own
    return weight


def _joined(value: list[object], work: Work) -> str:
    return runtime.paid("".join(runtime.written(each, work) for each in value), work)


def _paid(change: Filter) -> Filter:
    """The filter as Jinja2 calls it. It costs, whatever it does."""

    @pass_context
    def filtered(context: Context, value: object, *more: object, **how: object) -> Any:
        work = context[WORK]
        work.spend(1)
        return change(value, work, *more, **how)

    return filtered


def _line(error: BaseException, template: Compiled) -> int:
    """The line of the template in which it happened."""
    found, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == NAME:
            found = template.get_corresponding_lineno(trace.tb_lineno)
        trace = trace.tb_next
    return found
