"""Catalogue: the event types that Tocsin knows, and how to send one."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer
from rich.text import Text

from tocsin_client.command import looks
from tocsin_client.command.api import value_of
from tocsin_client.command.screen import Cell
from tocsin_client.command.session import Session, command
from tocsin_client.command.trouble import Exit, Trouble
from tocsin_client.command.washing import block, line


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "types", rich_help_panel="Send")(types)


def types(
    session: Session,
    name: Annotated[
        str, typer.Argument(metavar="[TYPE]", help="One of them.", show_default=False)
    ] = "",
) -> None:
    """List the event types that Tocsin words by itself; with one, how to send it.

    Any other type is welcome, too: it says its own title.
    """
    answer = session.api.call("GET", "/event-types")
    known = value_of(answer)["event_types"]
    if not name:
        if not session.screen.answer(answer):
            _tell_all(session, known)
        return
    found = [each for each in known if each["type"] == name]
    if not found:
        raise Trouble(
            f"{name!r} is not in the catalogue; it can be sent all the same",
            code=Exit.REFUSED,
            advice="tocsin types lists those that are",
        )
    if session.screen.as_json:
        session.screen.json(found[0])
    else:
        _tell_one(session, found[0])


def _tell_all(session: Session, known: list[dict[str, Any]]) -> None:
    rows: list[list[Cell]] = [
        [
            Text(line(each["type"]), style="bold"),
            looks.severity(each["severity"])
            if session.screen.lively
            else line(each["severity"]),
            line(", ".join(each["needs"])),
            line(each["does"]),
        ]
        for each in known
    ]
    session.screen.table(("type", "severity", "needs", "what"), rows, elastic="what")
    session.screen.hint(f"how to send one: tocsin types {known[0]['type']}")


def _tell_one(session: Session, known: Mapping[str, Any]) -> None:
    screen = session.screen
    screen.show(
        Text(line(known["type"]), "bold"), "  ", looks.severity(known["severity"])
    )
    screen.show(looks.dim(f"  {line(known['does'])}"))
    screen.show("")
    screen.show(Text("Data", style="bold"))
    screen.pairs(_keys(known))
    screen.show("")
    screen.show(Text("A sample", style="bold"))
    screen.raw(f"tocsin send {' '.join(_options(known['sample']))}\n")
    _tell_shown(session, known["shown"])


def _keys(known: Mapping[str, Any]) -> Iterator[tuple[Cell, Cell]]:
    for name, schema in known["data"].get("properties", {}).items():
        kinds = [each.get("type") for each in schema.get("anyOf", [schema])]
        told = " or ".join(str(kind) for kind in kinds if kind not in (None, "null"))
        needed = Text(", needed without a title", "orange1")
        yield (
            line(name),
            Text.assemble(line(told), needed if name in known["needs"] else ""),
        )


def _options(sample: Mapping[str, Any]) -> Iterator[str]:
    """The sample as a command line that can be pasted."""
    if "title" in sample:
        yield shlex.quote(line(sample["title"]))
    for name in ("type", "severity", "message"):
        if name in sample:
            yield f"--{name} {shlex.quote(line(sample[name]))}"
    for name, value in sample.get("data", {}).items():
        told = value if isinstance(value, str) else json.dumps(value)
        yield f"--data {shlex.quote(f'{line(name)}={line(told)}')}"


def _tell_shown(session: Session, shown: Mapping[str, Any]) -> None:
    screen = session.screen
    screen.show("")
    screen.show(Text("What people see", style="bold"))
    screen.show(f"  {line(shown.get('icon', ''))} {line(shown['title'])}")
    for each in block(shown.get("text", "")).split("\n"):
        if each:
            screen.show(f"  {each}")
    screen.pairs(
        (line(fact["name"]), line(fact["value"])) for fact in shown.get("facts", ())
    )
