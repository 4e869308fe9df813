"""Replaying: dead letters are counted, asked about, then sent again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
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

AT_ONCE = 100
MOST_CALLS = 1_000
_SUMMED = ("matched", "open", "replayed", "already")

To = Annotated[
    str,
    typer.Option(
        "--to", metavar="NAME", help="To this destination, in the place of their own."
    ),
]
OnlyOpen = Annotated[
    bool, typer.Option("--only-open", help="Only problems that are still open.")
]


def ways(to: str, only_open: bool) -> dict[str, str]:
    """How they are to be sent again, as the API calls it."""
    asked = {"to": to, "only": "open" if only_open else ""}
    return {name: value for name, value in asked.items() if value}


def replay(
    session: Session,
    wanted: Wanted,
    until: Until = "",
    to: To = "",
    only_open: OnlyOpen = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Count, and change nothing.")
    ] = False,
    yes: Yes = False,
) -> None:
    """Count the dead letters that fit, ask, then send them again."""
    chosen = {**wanted.query, **({"until": until} if until else {})}
    asked = {"filter": chosen, **ways(to, only_open)}
    screen = session.screen
    counts = _summed(_rounds(session, {**asked, "dry_run": True}))
    if screen.as_json and (dry_run or not counts["matched"]):
        screen.json(counts)
        return
    _tell_counts(session, counts)
    if dry_run or not counts["matched"]:
        return
    question = f"Send {counted(counts['matched'], 'dead letter')} again"
    screen.agree(f"{question}, to {line(to)}?" if to else f"{question}?", yes=yes)
    asked["filter"] = {**chosen, "until": counts["until"]}
    done = _replay_all(session, asked, counts["matched"])
    if screen.as_json:
        screen.json(done)
        return
    _tell_done(session, done, to)


def _tell_counts(session: Session, counts: Mapping[str, Any]) -> None:
    screen = session.screen
    if not counts["matched"]:
        screen.note("no dead letter fits")
        return
    told = counted(counts["matched"], "dead letter")
    if 0 < counts["open"] < counts["matched"]:
        told += f", {counts['open']:,} still open"
    screen.note(Text(told, style="bold"))
    for name, number in sorted(counts["by_destination"].items()):
        screen.note(f"  {number:>6,} × {line(name)}")


def _tell_done(session: Session, done: Mapping[str, Any], to: str) -> None:
    where = f" to {line(to)}" if to else ""
    letters = counted(done["replayed"], "dead letter")
    session.screen.show(looks.status("replayed"), f" {letters}{where}")
    if done["already"]:
        session.screen.note(f"{done['already']:,} had been told there already")
    session.screen.hint("see them arrive: tocsin tail --since 1m")


def _replay_all(
    session: Session, asked: Mapping[str, Any], expected: int
) -> dict[str, Any]:
    """A hundred in a call, so that progress shows; sums the answers."""
    answers = []
    with _bar(session, expected) as advance:
        for told in _rounds(session, {**asked, "limit": AT_ONCE}):
            advance(told["replayed"])
            answers.append(told)
    return _summed(answers)


def _rounds(session: Session, asked: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Calls until the last letter was looked at, each going on behind the one before;
    what dies again meanwhile is later than `until` and left out."""
    cursor, chosen = "", asked["filter"]
    for _ in range(MOST_CALLS):
        body = {**asked, "filter": chosen, "cursor": cursor}
        told = value_of(session.api.call("POST", "/dead-letters/replay", body))
        yield told
        cursor = told["next"]
        chosen = {**chosen, "until": told["until"]}
        if not cursor:
            return


def _summed(answers: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """All calls as one answer."""
    total: dict[str, Any] = {}
    by_destination: Counter[str] = Counter()
    for told in answers:
        sums = {name: total.get(name, 0) + told[name] for name in _SUMMED}
        by_destination.update(told["by_destination"])
        total = {**told, **sums, "until": total.get("until", told["until"])}
    return {**total, "by_destination": dict(by_destination)}


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
