"""What Typer reads at run time has to be written as the oldest Python reads it.

Elsewhere annotations are never evaluated, and `X | Y` is as good as any.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from typing import Any, get_type_hints

import pytest
import typer

from tocsin_client.command.app import app
from tocsin_client.command.session import Shared


def functions(group: typer.Typer) -> Iterator[Callable[..., Any]]:
    """Every command as it is written."""
    for each in (group.registered_callback, *group.registered_commands):
        if each is not None and each.callback is not None:
            yield inspect.unwrap(each.callback)
    for below in group.registered_groups:
        if below.typer_instance is not None:
            yield from functions(below.typer_instance)


def evaluated(function: Callable[..., Any]) -> Iterator[tuple[str, str]]:
    """(name, annotation) of what is evaluated for a command."""
    for name, kind in get_type_hints(function).items():
        yield f"{function.__qualname__}.{name}", function.__annotations__[name]
        for each in fields(kind) if is_dataclass(kind) else ():
            yield f"{kind}.{each.name}", str(each.type)


def joins(annotation: str) -> bool:
    """Whether it joins types by a bar, which no Python before 3.10 evaluates."""
    return any(isinstance(node, ast.BitOr) for node in ast.walk(ast.parse(annotation)))


def test_no_annotation_that_typer_reads_joins_types_by_a_bar() -> None:
    shared = [(each.name, str(each.type)) for each in fields(Shared)]
    found = shared + [pair for each in functions(app) for pair in evaluated(each)]

    assert len(found) > 100
    assert [name for name, told in found if joins(told)] == []


@pytest.mark.parametrize(
    "annotation", ["int | None", 'Annotated[list[str] | int, "x"]']
)
def test_a_bar_is_found(annotation: str) -> None:
    assert joins(annotation)
