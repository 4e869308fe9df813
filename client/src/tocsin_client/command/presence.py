"""Presence: the number of open problems in one's own Discord profile."""

from __future__ import annotations

import time
from collections.abc import Mapping
from importlib import import_module
from typing import Annotated, Any, Protocol

import typer

from tocsin_client.command import looks
from tocsin_client.command.session import Session, command
from tocsin_client.command.trouble import Exit, Trouble, misused
from tocsin_client.command.wording import counted

MOST = 200
SLOWEST = 15.0
VARIABLE = "TOCSIN_DISCORD_APP"


class Desktop(Protocol):
    """Discord's own program on this machine."""

    def update(self, **activity: Any) -> object:
        """Show it in the profile."""

    def close(self) -> None:
        """Show nothing any more."""


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "presence", rich_help_panel="Look")(presence)


def presence(
    session: Session,
    application: Annotated[
        str,
        typer.Option(
            "--application",
            help=f"A Discord application's id, or {VARIABLE}.",
            show_default=False,
        ),
    ] = "",
    every: Annotated[
        float, typer.Option("--every", help="Seconds between looks.", min=SLOWEST)
    ] = 30.0,
    once: Annotated[
        bool, typer.Option("--once", help="Print what would be shown, and end.")
    ] = False,
) -> None:
    """Show the number of open problems in your Discord profile, until Ctrl-C."""
    if once:
        activity = activity_of(_open(session))
        if session.screen.as_json:
            session.screen.json(activity)
            return
        session.screen.show(f"{activity['details']} · {activity['state']}")
        return
    number = application or session.environment.get(VARIABLE, "")
    if not number:
        raise misused(
            "no Discord application is named",
            "make one at https://discord.com/developers/applications, and give its"
            f" Application ID with --application or {VARIABLE}",
        )
    desktop = connected(number)
    shown: Mapping[str, str] = {}
    session.screen.note(looks.dim("shown in your profile; Ctrl-C ends it"))
    try:
        while True:
            activity = activity_of(_open(session))
            if activity != shown:
                desktop.update(**activity)
                shown = activity
            time.sleep(every)
    finally:
        desktop.close()


def activity_of(problems: list[Mapping[str, Any]]) -> dict[str, str]:
    """Two short lines. Titles stay out: others see a profile."""
    if not problems:
        return {"details": "All quiet", "state": "no open problems"}
    unseen = sum(not each["ack_at"] for each in problems)
    urgent = sum(each["severity"] in ("critical", "high") for each in problems)
    count = counted(len(problems), "open problem")
    if not unseen:
        return {"details": count, "state": "all acknowledged"}
    told = f"{unseen:,} not acknowledged"
    return {"details": count, "state": f"{told}, {urgent:,} urgent" if urgent else told}


def _open(session: Session) -> list[Mapping[str, Any]]:
    query = {"state": "firing"}
    return list(session.api.items("/notifications", "notifications", query, MOST))


def connected(application: str) -> Desktop:
    """Discord on this machine. Raises `Trouble` that says what is missing."""
    try:
        # An extra of its own, which only this command needs.
        pypresence: Any = import_module("pypresence")
    except ModuleNotFoundError:
        raise misused(
            "this needs an extra that is not installed (pypresence)",
            "pip install 'tocsin-client[cli,presence]'",
        ) from None
    try:
        presence = pypresence.Presence(application)
        presence.connect()
    except Exception as error:  # noqa: BLE001 - whatever it says, there is no Discord
        raise Trouble(
            f"Discord does not answer on this machine ({type(error).__name__})",
            code=Exit.UNREACHABLE,
            advice="start the Discord program (the web page cannot do it), and check"
            " the application's id",
        ) from None
    desktop: Desktop = presence
    return desktop
