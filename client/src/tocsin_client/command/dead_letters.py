"""Dead letters: grouped by what killed them, and replayed after being counted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

import typer
from rich.text import Text

from tocsin_client.command import looks
from tocsin_client.command.api import value_of
from tocsin_client.command.replaying import replay
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
