"""App: all commands, put together."""

from __future__ import annotations

from typing import Annotated

import typer

from tocsin_client.command import (
    catalogue,
    dead_letters,
    destinations,
    doctor,
    health,
    notifications,
    presence,
    previewing,
    profile,
    routing,
    sending,
    silences,
    sources,
    tailing,
)
from tocsin_client.command.session import Session, command
from tocsin_client.transport import VERSION

app = typer.Typer(
    name="tocsin",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"tocsin {VERSION}")
        raise typer.Exit


@command(app)
def tocsin(
    session: Session,
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version.", callback=_version),
    ] = False,
) -> None:
    """Tell Tocsin what happened, see who was told, and repair what is wrong.

    Start with `tocsin profile add NAME`, or with --stack .local/stack.json for a local
    stack; `tocsin doctor` says whether all is well.
    """


for part in (
    sending,
    previewing,
    catalogue,
    tailing,
    notifications,
    health,
    doctor,
    dead_letters,
    silences,
    routing,
    destinations,
    sources,
    profile,
    presence,
):
    part.add_to(app)
