"""Health: how Tocsin and its destinations are, in one look."""

from __future__ import annotations

import typer
from rich.text import Text

from tocsin_client.command import looks
from tocsin_client.command.api import value_of
from tocsin_client.command.destinations import standing
from tocsin_client.command.session import Session, command
from tocsin_client.command.washing import line
from tocsin_client.command.wording import counted


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "health", rich_help_panel="Look")(health)


def health(session: Session) -> None:
    """Say how it is. Exits with 1 when a destination is disabled or blocked."""
    answer = session.api.call("GET", "/health")
    found = value_of(answer)
    well = found["status"] == "ok"
    if session.screen.answer(answer):
        raise typer.Exit(0 if well else 1)
    screen = session.screen
    sign = looks.sign("sent" if well else "dead_letter")
    version = f"  Tocsin {line(found['version'])} at {session.address.url}"
    screen.show(sign, Text(f" {line(found['status'])}", "bold"), looks.dim(version))
    now = session.clock()
    rows = [
        (line(name), standing(each, now))
        for name, each in found["destinations"].items()
    ]
    screen.pairs(rows)
    if found["dead_letters"]:
        more = "more than " if found["more_dead_letters"] else ""
        dead = counted(found["dead_letters"], "dead letter")
        screen.show(looks.sign("dead_letter"), f" {more}{dead}")
        screen.hint("see why: tocsin dead-letters")
    if not well:
        screen.hint("`tocsin doctor` says what to do")
        raise typer.Exit(1)
