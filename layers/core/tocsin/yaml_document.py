"""YAML as plain values, with the line of each, so that a fault can say where it is.

YAML 1.2's core types only: `22:00` is text, `no` is text, dates are text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from typing import Any

import yaml

from tocsin.errors import Fault, Invalid, Malformed
from tocsin.values import dataclass

Path = tuple[str | int, ...]
MOST_NODES = 20_000
DEEPEST = 30
# Only forms that YAML 1.1 takes for numbers too: `089` and `1e3` are text to both.
_INT = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(
    r"[-+]?([0-9]{1,18}\.[0-9]{0,18}|\.[0-9]{1,18})([eE][-+][0-9]{1,2})?"
)
_CONSTANTS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_TAGS = frozenset(f"tag:yaml.org,2002:{name}" for name in ("str", "seq", "map"))


class _Loader(yaml.SafeLoader):
    """Leaves every scalar as text: its type is read from its form below."""

    yaml_implicit_resolvers: dict[str, Any] = {}


def parse_yaml(text: str) -> tuple[Any, Mapping[Path, int]]:
    """(the value, the line from 1 at which each part of it stands).

    Raises `Malformed`, or `Invalid` for a key that stands twice and for tags.
    """
    try:
        root = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise _malformed(f"not YAML: {where}{error.problem}") from None
    except yaml.YAMLError:
        raise _malformed("not YAML: it holds characters that YAML forbids") from None
    except RecursionError:
        raise _malformed("nested too deep") from None
    reading = _Reading()
    value = reading.value(root, ()) if root is not None else None
    if reading.faults:
        raise Invalid("the file contradicts itself", reading.faults)
    return value, reading.lines


@dataclass(slots=True)
class _Reading:
    """One pass over the nodes. Aliases are counted each time they are used, so that a
    small file cannot stand for a huge one."""

    lines: dict[Path, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    nodes: int = 0

    def value(self, node: yaml.Node, path: Path) -> Any:
        self.nodes += 1
        if self.nodes > MOST_NODES:
            raise _malformed(f"more than {MOST_NODES} values")
        if len(path) > DEEPEST:
            raise _malformed("nested too deep")
        self.lines.setdefault(path, node.start_mark.line + 1)
        if node.tag not in _TAGS:
            self._fault(path, node, f"the tag {node.tag[:40]} has no meaning here")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [
                self.value(each, (*path, index))
                for index, each in enumerate(node.value)
            ]
        return _scalar(node)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name, each in node.value:
            key = _whole(name.value) if isinstance(name, yaml.ScalarNode) else "?"
            if key in values:
                self._fault((*path, key), name, "stands here a second time")
            self.lines[(*path, key)] = name.start_mark.line + 1
            values[key] = self.value(each, (*path, key))
        return values

    def _fault(self, path: Path, node: yaml.Node, reason: str) -> None:
        where = ".".join(map(str, path))
        line = node.start_mark.line + 1
        self.faults.append(Fault(where[:200], f"line {line}: {reason}"))


def _malformed(reason: str) -> Malformed:
    """Of the file as a whole: the reason itself says where."""
    return Malformed(reason, [Fault("", reason)])


def _scalar(node: yaml.Node) -> Any:
    text = _whole(node.value)
    if getattr(node, "style", None) is not None:
        return text
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INT.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


def _whole(text: Any) -> str:
    """Text that can be stored: YAML's escapes can write half of a character."""
    try:
        str(text).encode()
    except UnicodeEncodeError:
        raise _malformed("it holds half of a character: a lone surrogate") from None
    return str(text)
