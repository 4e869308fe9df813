"""Replaying: dead letters are counted, asked about, then sent again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Any, Callable

import typer
from rich.text import Text

from tocsin_client.command import looks
from tocsin_client.command.api import value_of
from tocsin_client.command.filters import Wanted
from tocsin_client.command.options import Until, Yes
from tocsin_client.command.session import Session
from tocsin_client.command.washing import line
from tocsin_client.command.wording import counted


def replay(
    session: Session,
    wanted: Wanted,
    until: Until = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Count, and change nothing.")
    ] = False,
    yes: Yes = False,
) -> None:
    """Count the dead letters that fit, ask, then send them again."""
    chosen = {**wanted.query, **({"until": until} if until else {})}
    counting = session.api.call(
        "POST", "/dead-letters/replay", {"filter": chosen, "dry_run": True}
    )
    counts = value_of(counting)
    if dry_run and session.screen.answer(counting):
        return
    _tell_counts(session, counts)
    if dry_run or not counts["matched"]:
        return
    question = f"Send {counted(counts['matched'], 'dead letter')} again?"
    session.screen.agree(question, yes=yes)
    done = _replay_all(session, chosen, counts)
    if session.screen.as_json:
        session.screen.json(done)
        return
    session.screen.show(
        looks.status("replayed"), f" {counted(done['replayed'], 'dead letter')}"
    )
    session.screen.hint("see them arrive: tocsin tail --since 1m")


def _tell_counts(session: Session, counts: Mapping[str, Any]) -> None:
    screen = session.screen
    if not counts["matched"]:
        more = (
            " among the oldest 1,000; narrow it with --since" if counts["more"] else ""
        )
        screen.note(f"no dead letter fits{more}")
        return
    more = " or more" if counts["more"] else ""
    screen.note(
        Text(f"{counted(counts['matched'], 'dead letter')}{more}", style="bold")
    )
    for name, number in sorted(counts["by_destination"].items()):
        screen.note(f"  {number:>6,} × {line(name)}")


def _replay_all(
    session: Session, chosen: Mapping[str, str], counts: Mapping[str, Any]
) -> dict[str, Any]:
    """One destination after the other, so that progress shows; sums the answers.

    A round that replays nothing is the last: what else may fit lies beyond those that
    one call looks at.
    """
    total: dict[str, Any] = {"matched": 0, "replayed": 0, "dry_run": False}
    by_destination: dict[str, int] = {}
    more = False
    with _bar(session, counts["matched"]) as advance:
        for name, expected in sorted(counts["by_destination"].items()):
            for told in _rounds(session, {**chosen, "destination": name}, expected):
                advance(told["replayed"])
                total["matched"] += told["matched"]
                total["replayed"] += told["replayed"]
                by_destination[name] = by_destination.get(name, 0) + told["replayed"]
                more = more or bool(told["more"])
    return {**total, "more": more, "by_destination": by_destination}


def _rounds(
    session: Session, chosen: Mapping[str, str], expected: int
) -> Iterator[dict[str, Any]]:
    """Calls, until as many were replayed as had been counted: what dies again while
    this runs is not tried for ever."""
    done = 0
    while done < expected:
        answer = session.api.call("POST", "/dead-letters/replay", {"filter": chosen})
        told = value_of(answer)
        yield told
        done += told["replayed"]
        if not told["replayed"] or not told["more"]:
            return


@contextmanager
def _bar(session: Session, total: int) -> Iterator[Callable[[int], object]]:
    """A progress bar on stderr, where a person looks at it."""
    # Here: a fifth of the start-up time, for one command.
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
    )

    screen = session.screen
    progress = Progress(
        TextColumn("replaying"),
        BarColumn(),
        MofNCompleteColumn(),
        console=screen.err,
        disable=screen.as_json or not screen.err.is_terminal,
    )
    with progress:
        task = progress.add_task("", total=total)
        yield lambda number: progress.advance(task, number)
