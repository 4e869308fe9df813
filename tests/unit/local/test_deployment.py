"""When the local stack is built anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.deployment import digest, sources
from local.trouble import last_lines


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "template.yaml").write_text("Resources: {}\n")
    (tmp_path / "functions" / "ingest").mkdir(parents=True)
    (tmp_path / "functions" / "ingest" / "app.py").write_text("1\n")
    (tmp_path / "docs").mkdir()
    return tmp_path


def test_a_changed_function_is_built_anew(tree: Path) -> None:
    before = digest(tree)

    (tree / "functions" / "ingest" / "app.py").write_text("2\n")

    assert digest(tree) != before


def test_a_renamed_file_is_built_anew(tree: Path) -> None:
    before = digest(tree)

    (tree / "functions" / "ingest" / "app.py").rename(tree / "functions" / "app.py")

    assert digest(tree) != before


def test_documents_and_caches_change_nothing(tree: Path) -> None:
    before = digest(tree)
    cache = tree / "functions" / "ingest" / "__pycache__"
    cache.mkdir()

    (cache / "app.pyc").write_bytes(b"1")
    (tree / "functions" / ".DS_Store").write_bytes(b"1")
    (tree / "docs" / "guide.md").write_text("1")

    assert digest(tree) == before
    assert [path.name for path in sources(tree)] == ["template.yaml", "app.py"]


def test_a_log_tells_its_gist(tmp_path: Path) -> None:
    log = tmp_path / "build.log"
    log.write_text("Building\nlayer: one\nlayer: two\n\nUsage: ...\n")

    assert last_lines(log, "layer: ") == "layer: two"
    assert last_lines(log, "layer: ", 2) == "layer: one layer: two"
    assert last_lines(tmp_path / "none.log") == ""
