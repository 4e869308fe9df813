"""The rules' page names tests, each of which is there to be run; and the pages about the
routing file name all that may stand in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel

from tocsin.rules.config import Config

HERE = Path(__file__).resolve().parent
DOCS = HERE.parents[1] / "docs"
PAGE = DOCS / "rules.md"
OF_THE_FILE = ("routing.md", "own-types.md", "templates.md")


def test_every_test_that_the_page_names_exists() -> None:
    text = PAGE.read_text()
    named = set(re.findall(r"\btest_[a-z0-9_]+\b(?!\.py)", text))
    files = re.findall(r"\btests/[a-z0-9_/]+\.py\b", text)
    written = "".join(path.read_text() for path in HERE.parent.rglob("test_*.py"))
    defined = set(re.findall(r"^def (test_\w+)", written, re.MULTILINE))

    assert len(named) > 40
    assert named <= defined, named - defined
    assert all((HERE.parents[1] / each).exists() for each in files)


def test_every_key_of_the_routing_file_is_told_of() -> None:
    text = "".join((DOCS / name).read_text() for name in OF_THE_FILE)
    told = set(re.findall(r"\w+", text))

    assert set(keys_in(Config)) <= told, set(keys_in(Config)) - told


def keys_in(kind: Any) -> Iterator[str]:
    """Every key that may stand anywhere in a value of this type."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, field in kind.model_fields.items():
            yield field.alias or name
            yield from keys_in(field.annotation)
    for inner in get_args(kind):
        yield from keys_in(inner)
