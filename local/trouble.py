"""What goes wrong with the local stack, in one line a newcomer can act on."""

from __future__ import annotations

from pathlib import Path


class Trouble(Exception):
    """The stack cannot do what was asked; the message says why, and what to do."""


def last_lines(log: Path, marker: str = "", count: int = 1) -> str:
    """The last lines of a log (that hold `marker`), joined: the gist of a failure."""
    try:
        lines = [line.strip() for line in log.read_text(errors="replace").splitlines()]
    except OSError:
        return ""
    told = [line for line in lines if line and marker in line]
    return " ".join(told[-count:])
