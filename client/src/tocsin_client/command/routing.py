"""Routing: the file that decides who hears what; read, checked, compared, put live."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import unified_diff
from typing import Annotated, Any

import typer
from rich.text import Text

from tocsin_client.answers import Answer
from tocsin_client.command import looks
from tocsin_client.command.api import value_of
from tocsin_client.command.documents import read_text
from tocsin_client.command.options import Yes
from tocsin_client.command.screen import Cell
from tocsin_client.command.session import Session, command
from tocsin_client.command.trouble import Trouble, refused
from tocsin_client.command.washing import line, row
from tocsin_client.command.wording import clock, counted, short

YAML = "application/yaml"
_LINE = re.compile(r"\bline (\d+)")
_PANEL = "Set up"

FileName = Annotated[
    str, typer.Argument(metavar="FILE", help="The routing file, or - for a pipe.")
]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    group = typer.Typer(help="Read the live routing file, and older ones.")
    command(group)(read_config)
    command(group, "get")(read_config)
    command(group, "editions")(editions)
    app.add_typer(group, name="config", rich_help_panel=_PANEL)
    command(app, "check", rich_help_panel=_PANEL)(check)
    command(app, "diff", rich_help_panel=_PANEL)(diff)
    command(app, "apply", rich_help_panel=_PANEL)(apply)


@dataclass(frozen=True)
class Live:
    """The routing file that is live, in its own words, and its version."""

    text: str
    etag: str


def read_config(
    session: Session,
    edition: Annotated[
        str, typer.Option("--edition", help="An older one, by its ETag.")
    ] = "",
) -> None:
    """Print the live routing file: tocsin config > tocsin.yaml."""
    query = {"etag": edition.strip('"')}
    if session.screen.as_json:
        session.screen.json(session.api.call("GET", "/config", query=query))
        return
    live = _live(session, query)
    session.screen.raw(live.text if live.text.endswith("\n") else live.text + "\n")
    session.screen.note(looks.dim(f"edition {live.etag}"))


def editions(session: Session) -> None:
    """List the editions that are kept, newest first."""
    answer = session.api.call("GET", "/config/editions")
    if session.screen.answer(answer):
        return
    now = session.clock()
    rows: list[list[Cell]] = [
        [each["etag"], clock(each["at"], now), line(each["actor"]), each["media"]]
        for each in value_of(answer)["editions"]
    ]
    session.screen.table(("edition", "live since", "by", "written in"), rows)
    if len(rows) > 1:
        session.screen.hint(f"read one: tocsin config --edition {rows[1][0]}")


def check(
    session: Session,
    file: FileName,
    days: Annotated[
        int,
        typer.Option("--days", help="Try it on so many days' events.", min=1, max=31),
    ] = 1,
) -> None:
    """Check a routing file: what is wrong, what it says, what it would change."""
    text = read_text(file)
    answer = _checked(session, text, file, days)
    if not session.screen.answer(answer):
        _tell_report(session, value_of(answer), days)
        session.screen.hint(f"put it live: tocsin apply {file}")


def diff(session: Session, file: FileName) -> None:
    """Show how a file differs from the live one. Exits with 1 if it does."""
    text = read_text(file)
    live = _live(session, {})
    found = _difference(live, text, file)
    if session.screen.as_json:
        session.screen.json({"etag": live.etag, "diff": found})
    elif found:
        _tell_difference(session, found)
    else:
        session.screen.note(f"{file} is what is live (edition {live.etag})")
    if found:
        raise typer.Exit(1)


def apply(
    session: Session,
    file: FileName,
    yes: Yes = False,
) -> None:
    """Put a routing file live, after showing what changes.

    Who changes it at the same time is never overwritten.
    """
    text = read_text(file)
    live = _live(session, {})
    found = _difference(live, text, file)
    screen = session.screen
    if not found and not screen.as_json:
        screen.note(f"{file} is what is live (edition {live.etag}): nothing to do")
        return
    checked = _checked(session, text, file)
    if not screen.as_json:
        _tell_difference(session, found)
        screen.show("")
        _tell_report(session, value_of(checked))
    screen.agree("Put it live?", yes=yes)
    headers = {"Content-Type": _media(text), "If-Match": f'"{live.etag}"'}
    answer = session.api.call("PUT", "/config", text.encode(), headers=headers)
    if not screen.answer(answer):
        etag = value_of(answer)["etag"]
        screen.show(looks.sign("sent"), f" edition {etag} is live everywhere")
        screen.hint(f"go back with: tocsin config --edition {live.etag} > {file}")


def check_live(session: Session) -> Mapping[str, Any]:
    """What the check says of the live file itself."""
    live = _live(session, {})
    return dict(value_of(_checked(session, live.text, "the live file")))


def _live(session: Session, query: Mapping[str, object]) -> Live:
    answer = session.api.call("GET", "/config", query=query, headers={"Accept": YAML})
    etag = answer.headers.get("etag", "").removeprefix("W/").strip('"')
    return Live(answer.body.decode("utf-8", "replace"), etag)


def _checked(session: Session, text: str, file: str, days: int = 1) -> Answer:
    """The report. Raises `Trouble` that shows the wrong lines."""
    answer = session.api.call(
        "POST",
        "/config/check",
        text.encode(),
        query={"days": days if days > 1 else ""},
        headers={"Content-Type": _media(text)},
        admits=(400, 413, 422),
    )
    if answer.ok:
        return answer
    raise _faulty(answer, text, file)


def _media(text: str) -> str:
    return "application/json" if text.lstrip().startswith("{") else YAML


def _faulty(answer: Answer, text: str, file: str) -> Trouble:
    """Each fault with its line and key, and the line itself."""
    problem = answer.problem
    if problem is None or not problem.errors:
        return refused(answer)
    rows = text.splitlines()
    details = []
    for fault in problem.errors:
        found = _LINE.search(fault.reason)
        number = int(found[1]) if found else 0
        reason = fault.reason.removeprefix(f"line {number}: ")
        place = f"{file}:{number}" if number else file
        details.append(f"{place}  {fault.field or 'the file'}: {reason}")
        if 0 < number <= len(rows):
            details.append(f"    {number:>4} │ {row(rows[number - 1])}")
    told = f"{file} has {counted(len(problem.errors), 'fault')}; nothing was changed"
    return Trouble(told, details=tuple(details), answer=answer)


def _difference(live: Live, text: str, file: str) -> str:
    names = (f"live (edition {live.etag})", file)
    rows = unified_diff(live.text.splitlines(), text.splitlines(), *names, lineterm="")
    return "\n".join(rows)


_DIFF_STYLES = {"+": "green", "-": "red", "@": "cyan"}


def _tell_difference(session: Session, found: str) -> None:
    for number, each in enumerate(found.split("\n")):
        style = "bold" if number < 2 else _DIFF_STYLES.get(each[:1], "")
        session.screen.show(Text(row(each), style=style))


def _tell_report(session: Session, report: Mapping[str, Any], days: int = 1) -> None:
    screen = session.screen
    screen.show(Text("What it says", style="bold"))
    for number, sentence in enumerate(report["explanation"], 1):
        screen.show(f"  {number}. {line(sentence)}")
    for warning in report["warnings"]:
        screen.show(Text("  ! ", "orange1"), line(warning))
    _tell_changes(session, report, days)


def _tell_changes(session: Session, report: Mapping[str, Any], days: int) -> None:
    screen = session.screen
    lately = "24 hours" if days == 1 else counted(days, "day")
    checked = counted(report["recent_checked"], "notification")
    screen.show("")
    screen.show(Text("What it would change", style="bold"))
    if not report["changes"]:
        screen.show(f"  nothing for {checked} of the last {lately}")
        return
    screen.show(
        f"  of {checked} of the last {lately}, these would have gone elsewhere:"
    )
    would = report.get("would")
    if would:
        counts = "add {added:,}, drop {dropped:,}, move {moved:,}".format(**would)
        screen.show(f"  it would {counts}")
    names = ("id", "severity", "title", "before", "after")
    rows: list[list[Cell]] = [
        [
            looks.dim(short(each["id"])),
            looks.severity(each["severity"]),
            line(each["title"]),
            _places(each["before"], each["after"], "red"),
            _places(each["after"], each["before"], "green"),
        ]
        for each in report["changes"]
    ]
    screen.table(names, rows, elastic="title", indent=2)


def _places(names: list[str], others: list[str], style: str) -> Text:
    """Destinations, those in colour that the other side lacks."""
    told = Text()
    for name in names:
        told.append(" " if told else "")
        told.append(line(name), style="" if name in others else style)
    return told or Text("nowhere", style=style)
