"""Dead letters: grouped by what killed them, and replayed after being counted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any, Callable

import typer
from rich.text import Text

from tocsin_client.command import looks
from tocsin_client.command.api import value_of
from tocsin_client.command.filters import Wanted
from tocsin_client.command.options import Until, Yes
from tocsin_client.command.screen import Cell
from tocsin_client.command.session import Session, command
from tocsin_client.command.washing import line
from tocsin_client.command.wording import ago, counted, short

MOST = 1_000
EXAMPLES = 10
_NUMBERS = re.compile(r"\d+")


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    group = typer.Typer(help="See what could not be delivered, and send it again.")
    command(group)(list_them)
    command(group, "list")(list_them)
    command(group, "replay")(replay)
    app.add_typer(group, name="dead-letters", rich_help_panel="Act")


@dataclass
class Group:
    """Letters that died at one destination of one cause."""

    destination: str
    reason: str
    letters: list[Mapping[str, Any]] = field(default_factory=list)


def list_them(
    session: Session,
    limit: Annotated[
        int, typer.Option("--limit", "-l", help="Look at so many, oldest first.", min=1)
    ] = MOST,
) -> None:
    """List dead letters, grouped by destination and reason.

    `tocsin dead-letters replay` sends them again.
    """
    pages = list(session.api.pages("/dead-letters", "dead_letters", {}, limit))
    letters = [each for _, items in pages for each in items]
    following = value_of(pages[-1][0])["next"]
    screen = session.screen
    if screen.as_json:
        screen.json({"dead_letters": letters, "next": following})
        return
    if not letters:
        screen.note("nothing is dead")
        return
    if screen.lively:
        _tell_groups(session, letters)
    _tell_letters(session, letters[-EXAMPLES:] if screen.lively else letters)
    if following:
        screen.hint(f"there are more than {counted(len(letters), 'letter')}; --limit")
    screen.hint("count and replay: tocsin dead-letters replay [--destination NAME]")


def grouped(letters: list[dict[str, Any]]) -> list[Group]:
    """The largest first. Numbers in reasons (times, ids) do not make another cause."""
    groups: dict[tuple[str, str], Group] = {}
    for each in letters:
        cause = (each["destination"], _NUMBERS.sub("#", each["reason"]))
        group = groups.setdefault(cause, Group(each["destination"], each["reason"]))
        group.letters.append(each)
    return sorted(groups.values(), key=lambda group: -len(group.letters))


def _tell_groups(session: Session, letters: list[dict[str, Any]]) -> None:
    now = session.clock()
    screen = session.screen
    screen.show(Text(counted(len(letters), "dead letter"), style="bold"))
    screen.show("")
    for group in grouped(letters):
        oldest, newest = group.letters[0], group.letters[-1]
        span = ago(oldest["dead_at"], now)
        latest = ago(newest["dead_at"], now)
        if latest != span:
            span = f"{span}, the latest {latest}"
        screen.show(
            Text(f"{len(group.letters):>6,} × ", style="bold red"),
            Text(line(group.destination), style="bold"),
            looks.dim(f"  died {span}"),
        )
        screen.show(f"         {line(group.reason) or 'no reason is known'}")
    screen.show("")


def _tell_letters(session: Session, letters: list[dict[str, Any]]) -> None:
    """For programs with the reason, which people read once for each group."""
    names = ["id", "died", "severity", "title", "destination", "tries"]
    if not session.screen.lively:
        keys = ("notification_id", "dead_at", "severity", "title", "destination")
        rows: list[list[Cell]] = [
            [line(each[key]) for key in (*keys, "attempts", "reason")]
            for each in letters
        ]
    else:
        now = session.clock()
        rows = [
            [
                looks.dim(short(line(each["notification_id"]))),
                ago(each["dead_at"], now),
                looks.severity(each["severity"]),
                line(each["title"]),
                line(each["destination"]),
                str(each["attempts"]),
            ]
            for each in letters
        ]
    session.screen.table(names, rows, elastic="title", spare=("tries",))


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
