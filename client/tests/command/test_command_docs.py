"""`docs/cli.md`: what it has people type is there to be typed."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer

from tocsin_client.command.app import app

PAGE = Path(__file__).resolve().parents[3] / "docs" / "cli.md"
TYPED = re.compile(r"^\$ (?:.*\| |[A-Z]+=\S+ )?tocsin (.*)$", re.MULTILINE)
LINES = TYPED.findall(PAGE.read_text(encoding="utf-8"))
TOCSIN: Any = typer.main.get_command(app)
SHELL = {"|", "#", ">", "<"}


def words_of(line: str) -> list[str]:
    """What the command is given, without what the shell does with it."""
    words = shlex.split(line.partition("  # ")[0])
    ends = [place for place, word in enumerate(words) if word in SHELL]
    return words[: min(ends, default=len(words))]


def found(words: list[str]) -> tuple[Any, set[str], list[str]]:
    """The command that is meant, its options, and the words left for it."""
    command, options = TOCSIN, set[str]()
    while True:
        options |= {name for each in command.params for name in each.opts}
        known = getattr(command, "commands", {})
        if not (words and words[0] in known):
            return command, options, words
        command, words = known[words[0]], words[1:]


@pytest.mark.parametrize("line", LINES)
def test_a_line_names_a_command_and_options_that_there_are(line: str) -> None:
    command, options, rest = found(words_of(line))

    given = {word for word in rest if word.startswith("-") and word != "-"}
    assert given <= options | {"--help", "-h"}
    # A group may stand alone; a word that it does not know is a command that is gone.
    assert not getattr(command, "commands", {}) or not (set(rest) - given)


def test_there_are_lines_and_none_shows_a_stack_that_was_away() -> None:
    assert len(LINES) > 30
    assert "does not answer" not in PAGE.read_text(encoding="utf-8")
