"""Previewing: how an event would look, before anybody is told."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.text import Text

from tocsin_client.command import looks
from tocsin_client.command.api import value_of
from tocsin_client.command.documents import read_document
from tocsin_client.command.session import Session, command
from tocsin_client.command.trouble import misused
from tocsin_client.command.washing import block, line


def _many(name: str, *, told: str) -> Any:
    return typer.Option(name, help=told, default_factory=list, show_default=False)


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "preview", rich_help_panel="Send")(preview)


def preview(
    session: Session,
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="An event in JSON or YAML, or -.")
    ],
    channels: Annotated[list[str], _many("--channel", told="On this channel.")],
    destinations: Annotated[list[str], _many("--to", told="At this destination.")],
    routing: Annotated[
        str,
        typer.Option("--routing", help="Try the templates of this routing file."),
    ] = "",
    payload: Annotated[
        bool, typer.Option("--payload", help="Show what the provider would be handed.")
    ] = False,
) -> None:
    """Show how an event would be told: tocsin preview event.json --channel slack.

    Nothing is sent. Needs a key with the scope operate.
    """
    event = read_document(file)
    if not isinstance(event, dict):
        raise misused("a preview is of one event; the file holds something else")
    body: dict[str, Any] = {"event": event}
    body |= {"channels": channels} if channels else {}
    body |= {"destinations": destinations} if destinations else {}
    if routing:
        body["templates"] = _templates(routing)
    answer = session.api.call("POST", "/preview", body)
    if session.screen.answer(answer):
        return
    for each in value_of(answer)["previews"]:
        _tell(session, each, payload=payload)


def _templates(path: str) -> Any:
    document = read_document(path)
    return document.get("templates") or {} if isinstance(document, dict) else {}


def _tell(session: Session, found: Mapping[str, Any], *, payload: bool) -> None:
    screen, shown = session.screen, found["shown"]
    place = f"{found['channel']} · {found['destination']}".strip(" ·")
    screen.show(looks.dim(line(place)))
    screen.show("  ", Text(f"{line(shown['icon'])} {line(shown['title'])}", "bold"))
    if shown["state_line"]:
        screen.show("  ", line(shown["state_line"]))
    for part in (shown["body"]["text"] if shown["body"] else "", shown["code"] or ""):
        for row in block(part).split("\n") if part else ():
            screen.show("  ", row)
    named = [(fact["name"], fact["text"]) for fact in shown["facts"]]
    named += [(link["label"], link["url"]) for link in shown["links"]]
    screen.pairs([(line(name), line(text)) for name, text in named])
    screen.show(looks.dim(f"  {line(shown['footer'])}"))
    if found["fallback"]:
        told = f"its template failed, so this is the built-in look: {found['fallback']}"
        screen.note(line(told))
    if payload:
        known = found["payload"]
        screen.raw(json.dumps(known, indent=2) + "\n" if known else found["reason"])
