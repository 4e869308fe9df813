"""`tocsin send --attach`: a file of this machine, uploaded and named."""

from __future__ import annotations

from pathlib import Path

import pytest

from client.tests.command.conftest import Run
from client.tests.command.stack import Stack

PNG = b"\x89PNG\r\n\x1a\npixels"


def test_files_are_uploaded_and_named(stack: Stack, tocsin: Run, home: Path) -> None:
    (home / "graph.png").write_bytes(PNG)
    (home / "rows.csv").write_text("a,b\n")

    result = tocsin("send", "Look", "--attach", "graph.png", "--attach", "rows.csv")

    assert result.exit_code == 0, result.stderr
    (found,) = stack.world.ledger.kept.values()
    files = found.event.attachments
    assert [(file.name, file.media, file.size) for file in files] == [
        ("graph.png", "image/png", len(PNG)),
        ("rows.csv", "text/csv", 4),
    ]
    assert {name for _, name in stack.world.attic.files} == {file.id for file in files}


@pytest.mark.parametrize("name", ["missing.png", "empty.txt", "."])
def test_what_cannot_be_read_sends_nothing(
    stack: Stack, tocsin: Run, home: Path, name: str
) -> None:
    (home / "empty.txt").touch()

    result = tocsin("send", "Look", "--attach", name)

    assert result.exit_code != 0
    assert f"--attach {name}" in result.stderr
    assert stack.world.ledger.kept == {}


def test_what_the_api_refuses_sends_nothing(
    stack: Stack, tocsin: Run, home: Path
) -> None:
    (home / "run.bin").write_bytes(b"\x7fELF\0")

    result = tocsin("send", "Look", "--attach", "run.bin")

    assert result.exit_code != 0
    assert "UTF-8" in result.stderr or "zero bytes" in result.stderr
    assert stack.world.ledger.kept == {}


def test_a_dry_run_uploads_nothing(stack: Stack, tocsin: Run, home: Path) -> None:
    (home / "graph.png").write_bytes(PNG)

    result = tocsin("send", "Look", "--attach", "graph.png", "--dry-run")

    assert result.exit_code == 0, result.stderr
    assert stack.world.attic.files == {}


def test_a_list_takes_no_files(stack: Stack, tocsin: Run, home: Path) -> None:
    (home / "graph.png").write_bytes(PNG)
    (home / "list.json").write_text('[{"type": "a", "title": "b"}]')

    result = tocsin("send", "-f", "list.json", "--attach", "graph.png")

    assert result.exit_code != 0
    assert stack.world.attic.files == {}
