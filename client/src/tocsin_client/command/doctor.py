"""Doctor: says what is wrong with a set-up, and what to do about each thing."""

from __future__ import annotations

import typer
from rich.text import Text

from tocsin_client.command.examination import BAD, GOOD, POOR, Finding, examine
from tocsin_client.command.session import Session, command
from tocsin_client.command.washing import line
from tocsin_client.command.wording import counted

_SIGNS = {GOOD: ("✓", "green"), POOR: ("!", "orange1"), BAD: ("✗", "bold red")}


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "doctor", rich_help_panel="Look")(doctor)


def doctor(session: Session) -> None:
    """Find what is wrong: address, key, clock, destinations, dead letters, routes.

    Changes and sends nothing. Exits with 1 when something is wrong.
    """
    found = []
    for finding in examine(session):
        found.append(finding)
        if not session.screen.as_json:
            _tell(session, finding)
    wrong = sum(each.level == BAD for each in found)
    poor = sum(each.level == POOR for each in found)
    if session.screen.as_json:
        listed = [vars(each) for each in found]
        session.screen.json({"ok": not wrong, "findings": listed})
    else:
        session.screen.show("")
        session.screen.show(_sum(wrong, poor))
    if wrong:
        raise typer.Exit(1)


def _tell(session: Session, finding: Finding) -> None:
    sign, style = _SIGNS[finding.level]
    about = f" {line(finding.about)}: "
    session.screen.show(Text(sign, style), Text(about, "bold"), line(finding.told))
    if finding.advice:
        session.screen.show(Text("    → ", "cyan"), line(finding.advice))


def _sum(wrong: int, poor: int) -> Text:
    if not wrong and not poor:
        return Text("all is well", style="bold green")
    told = [counted(wrong, "thing") + " wrong"] if wrong else []
    if poor:
        told.append(f"{poor} to look at")
    return Text(", ".join(told), style="bold")
