"""Destinations: made, listed, tried, asked after, deleted. Secrets go in unseen."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.text import Text

from tocsin_client.command import looks
from tocsin_client.command.api import part, value_of
from tocsin_client.command.channels import KINDS
from tocsin_client.command.completing import Given, complete
from tocsin_client.command.documents import typed_pairs
from tocsin_client.command.options import SecretEnv, SecretStdin, Yes
from tocsin_client.command.screen import Cell
from tocsin_client.command.session import Session, command
from tocsin_client.command.trouble import Trouble
from tocsin_client.command.washing import line
from tocsin_client.command.wording import ago

Name = Annotated[str, typer.Argument(metavar="NAME", help="The destination's name.")]
Channel = Annotated[
    str, typer.Argument(metavar="CHANNEL", help=f"{', '.join(KINDS)} ...")
]
Settings = Annotated[
    list[str],
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="A setting that is no secret.",
        default_factory=list,
        show_default=False,
    ),
]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    group = typer.Typer(help="Where notifications go: list, add, put, test, delete.")
    command(group)(list_them)
    command(group, "list")(list_them)
    command(group, "show")(show)
    command(group, "add")(add)
    command(group, "put")(put)
    command(group, "test")(test)
    command(group, "status")(status)
    command(group, "delete")(delete)
    app.add_typer(group, name="destinations", rich_help_panel="Set up")


def list_them(session: Session) -> None:
    """List destinations, with what the sender last saw of them."""
    answer = session.api.call("GET", "/destinations")
    if session.screen.answer(answer):
        return
    known = value_of(answer)["destinations"]
    if not known:
        session.screen.note("there are no destinations yet")
        session.screen.hint("make one: tocsin destinations add ops discord")
        return
    health = session.api.read("/health").get("destinations", {})
    now = session.clock()
    rows: list[list[Cell]] = [
        [
            Text(line(each["name"]), style="bold"),
            line(each["channel"]),
            looks.dim(each["secret_hint"] or "no secret yet"),
            standing(health.get(each["name"], {}), now),
        ]
        for each in known
    ]
    session.screen.table(("name", "channel", "secret", "how it is"), rows)


def standing(health: Mapping[str, Any], now: float) -> Text:
    """What the sender last learned, in a few words. It notes trouble, and its end."""
    if health.get("disabled"):
        reason = line(health["disabled_reason"])
        return Text(f"✗ disabled: {reason}", style="bold red")
    if health.get("blocked_until"):
        return Text(f"… blocked, again {ago(health['blocked_until'], now)}", "yellow")
    failed, worked = health.get("last_error_at"), health.get("last_ok_at")
    if failed and (not worked or failed > worked):
        error = f"↻ failed {ago(failed, now)}: {line(health['last_error'])}"
        return Text(error, style="orange1")
    if worked:
        return Text(f"✓ worked {ago(worked, now)}", style="green")
    return Text("✓ no trouble known", style="dim")


def show(session: Session, name: Name) -> None:
    """Show a destination's settings; its secret never shows."""
    answer = session.api.call("GET", _path(name))
    if not session.screen.answer(answer):
        found = value_of(answer)
        session.screen.pairs(
            [(line(each), _plain(value)) for each, value in found.items()], indent=0
        )


def add(
    session: Session,
    name: Name,
    channel: Channel,
    *,
    set_: Settings,
    secret_env: SecretEnv = "",
    secret_stdin: SecretStdin = False,
) -> None:
    """Make a destination. Its secret is asked for, and not shown."""
    if session.api.call("GET", _path(name), admits=(404,)).ok:
        raise Trouble(
            f"there is a destination {name} already",
            advice=f"replace it with: tocsin destinations put {name} {channel}",
        )
    given = Given(channel, typed_pairs(set_, "--set"), secret_env, secret_stdin)
    _put(session, name, complete(session, given))


def put(
    session: Session,
    name: Name,
    channel: Channel,
    *,
    set_: Settings,
    secret_env: SecretEnv = "",
    secret_stdin: SecretStdin = False,
    keep_secret: Annotated[
        bool, typer.Option("--keep-secret", help="Change settings, keep the secret.")
    ] = False,
) -> None:
    """Make or replace a destination; one that was disabled is called again."""
    settings = typed_pairs(set_, "--set")
    if keep_secret:
        _put(session, name, {"channel": channel, **settings})
        return
    given = Given(channel, settings, secret_env, secret_stdin)
    _put(session, name, complete(session, given))


def _put(session: Session, name: str, body: Mapping[str, Any]) -> None:
    answer = session.api.call("PUT", _path(name), dict(body))
    if not session.screen.answer(answer):
        found = value_of(answer)
        hint = looks.dim(f"  {found['secret_hint']}")
        told = f" {line(found['name'])} is live  {line(found['channel'])}"
        session.screen.show(looks.sign("sent"), told, hint)
        session.screen.hint(f"try it: tocsin destinations test {name}")


def test(session: Session, name: Name) -> None:
    """Send a harmless message through it, and say why it failed if it did."""
    answer = session.api.call("POST", f"{_path(name)}/test")
    tried = value_of(answer)
    if not session.screen.answer(answer) and tried["ok"]:
        number = tried["message_id"]
        shown = f" as {line(number)}" if number else ""
        session.screen.show(looks.sign("sent"), f" {name} took the message{shown}")
        if tried["reason"]:
            session.screen.show(looks.dim(f"  {tried['reason']}"))
    if not tried["ok"]:
        reason = tried["reason"] or tried["outcome"]
        raise Trouble(f"{name}: {reason}", advice=tried["advice"])


def status(session: Session, name: Name) -> None:
    """Ask the provider about it, without posting."""
    answer = session.api.call("GET", f"{_path(name)}/status")
    found = value_of(answer)
    if not session.screen.answer(answer):
        now = session.clock()
        sign = looks.sign("sent" if found["ok"] else "dead_letter")
        word = "is there" if found["ok"] else "is not well"
        session.screen.show(sign, f" {name} {found['reason'] or word}")
        rows = [(line(each), line(told)) for each, told in found["details"].items()]
        session.screen.pairs([*rows, ("sender", standing(found["health"], now))])
    if not found["ok"]:
        raise Trouble(
            f"{name} would not take a message now",
            advice=f"put it again: tocsin destinations put {name} …",
        )


def delete(
    session: Session,
    name: Name,
    yes: Yes = False,
) -> None:
    """Delete a destination and its secret. One that a route uses stays."""
    session.screen.agree(f"Delete the destination {name} and its secret?", yes=yes)
    session.api.call("DELETE", _path(name))
    session.screen.result(deleted=name)
    session.screen.note(looks.sign("sent"), f" {name} is deleted")


def _path(name: str) -> str:
    return f"/destinations/{part(name)}"


def _plain(value: object) -> str:
    return line(value if isinstance(value, str) else json.dumps(value))
