"""The rules' page names tests; each of them is there to be run."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).resolve().parent
PAGE = HERE.parents[1] / "docs" / "rules.md"


def test_every_test_that_the_page_names_exists() -> None:
    text = PAGE.read_text()
    named = set(re.findall(r"\btest_[a-z0-9_]+\b(?!\.py)", text))
    files = re.findall(r"\btests/[a-z0-9_/]+\.py\b", text)
    written = "".join(path.read_text() for path in HERE.parent.rglob("test_*.py"))
    defined = set(re.findall(r"^def (test_\w+)", written, re.MULTILINE))

    assert len(named) > 40
    assert named <= defined, named - defined
    assert all((HERE.parents[1] / each).exists() for each in files)
