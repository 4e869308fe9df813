"""Sources: who may call, with which keys. A key is shown once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.text import Text

from tocsin_client.command import looks
from tocsin_client.command.api import part, value_of
from tocsin_client.command.options import SecretEnv, SecretStdin, Yes
from tocsin_client.command.screen import Cell
from tocsin_client.command.secrets import given_secret
from tocsin_client.command.session import Session, command
from tocsin_client.command.trouble import misused
from tocsin_client.command.washing import line
from tocsin_client.command.wording import ago, counted

_UNSAID = "\0"
Name = Annotated[str, typer.Argument(metavar="NAME", help="The source's name.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands, under both of their names."""
    for name, hidden in (("sources", False), ("keys", True)):
        group = typer.Typer(help="Who may call, and their keys: list, create, rotate.")
        command(group)(list_them)
        command(group, "list")(list_them)
        command(group, "create")(create)
        command(group, "rotate")(rotate)
        command(group, "revoke")(revoke)
        command(group, "bound")(bound)
        command(group, "sign")(sign)
        command(group, "unsign")(unsign)
        command(group, "delete")(delete)
        app.add_typer(group, name=name, hidden=hidden, rich_help_panel="Set up")


def list_them(session: Session) -> None:
    """List sources, with the first letters of their keys."""
    answer = session.api.call("GET", "/sources")
    if session.screen.answer(answer):
        return
    now = session.clock()
    rows: list[list[Cell]] = [
        [
            Text(line(each["name"]), style="bold"),
            " ".join(map(line, each["scopes"])),
            _bounds(each),
            ", ".join(
                f"{line(key['hint'])}… made {ago(key['made_at'], now)}"
                for key in each["keys"]
            ),
        ]
        for each in value_of(answer)["sources"]
    ]
    session.screen.table(("name", "may", "only", "keys"), rows)


def create(
    session: Session,
    name: Name,
    scope: Annotated[
        list[str],
        typer.Option(
            "--scope",
            help="ingest (default), operate, admin; repeatable.",
            default_factory=list,
            show_default=False,
        ),
    ],
) -> None:
    """Make a source. Its key is printed this once: KEY=$(tocsin sources create web)."""
    body = {"name": name, **({"scopes": scope} if scope else {})}
    answer = session.api.call("POST", "/sources", body)
    if not session.screen.answer(answer):
        _tell_key(session, value_of(answer))


def rotate(session: Session, name: Name) -> None:
    """Give a source a second key; both work until the older one is revoked."""
    answer = session.api.call("POST", f"{_path(name)}/rotate")
    if not session.screen.answer(answer):
        _tell_key(session, value_of(answer))
        session.screen.hint(f"once all use the new one: tocsin sources revoke {name}")


def revoke(session: Session, name: Name, yes: Yes = False) -> None:
    """Make the older of two keys useless."""
    session.screen.agree(f"Revoke the older key of {name}?", yes=yes)
    answer = session.api.call("POST", f"{_path(name)}/revoke")
    if not session.screen.answer(answer):
        hint = value_of(answer)["keys"][-1]["hint"]
        session.screen.note(
            looks.sign("sent"), f" only {line(hint)}… is left for {name}"
        )


def bound(
    session: Session,
    name: Name,
    type_: Annotated[
        str,
        typer.Option(
            "--type", help="Globs it may send; '' is any.", show_default=False
        ),
    ] = _UNSAID,
    rate: Annotated[
        int,
        typer.Option(
            "--rate", help="Events in a minute; 0 is no limit.", show_default=False
        ),
    ] = -1,
) -> None:
    """Say which types of events, and how many, a source may send."""
    body: dict[str, Any] = {}
    if type_ != _UNSAID:
        body["types"] = [each for each in type_.split(",") if each]
    if rate >= 0:
        body["rate"] = rate
    if not body:
        raise misused("there is nothing to change", "give --type or --rate")
    answer = session.api.call("PATCH", _path(name), body)
    if not session.screen.answer(answer):
        told = _bounds(value_of(answer)) or "anything, any number"
        session.screen.show(looks.sign("sent"), f" {name} may send {told}")


def sign(
    session: Session,
    name: Name,
    scheme: Annotated[
        str,
        typer.Argument(
            metavar="SCHEME",
            help="github, grafana, sentry, slack, standard, stripe, whatsapp.",
        ),
    ],
    secret_env: SecretEnv = "",
    secret_stdin: SecretStdin = False,
) -> None:
    """Ask for signed calls. The secret is asked for, and not shown."""
    secret = given_secret(session, secret_env, piped=secret_stdin)
    body = {"scheme": scheme, "secret": secret or session.screen.secret("Secret")}
    answer = session.api.call("PUT", f"{_path(name)}/signature", body)
    if not session.screen.answer(answer):
        session.screen.show(looks.sign("sent"), f" calls of {name} must be signed now")
        session.screen.hint(f"undo it: tocsin sources unsign {name}")


def unsign(session: Session, name: Name, yes: Yes = False) -> None:
    """Ask for the key only, and forget the signing secrets."""
    session.screen.agree(f"Take calls of {name} without a signature?", yes=yes)
    session.api.call("DELETE", f"{_path(name)}/signature")
    session.screen.result(unsigned=name)
    session.screen.note(looks.sign("sent"), f" calls of {name} need no signature")


def delete(session: Session, name: Name, yes: Yes = False) -> None:
    """Delete a source and its keys. The last admin stays."""
    session.screen.agree(f"Delete the source {name} and its keys?", yes=yes)
    session.api.call("DELETE", _path(name))
    session.screen.result(deleted=name)
    session.screen.note(looks.sign("sent"), f" {name} is deleted")


def _tell_key(session: Session, made: Mapping[str, Any]) -> None:
    screen = session.screen
    scopes = " ".join(map(line, made["scopes"]))
    told = (
        f" {line(made['name'])} may {scopes}; {counted(len(made['keys']), 'live key')}"
    )
    screen.note(looks.sign("sent"), told)
    screen.note(looks.dim("its key, shown this once:"))
    screen.raw(f"{line(made['key'])}\n")


def _bounds(source: Mapping[str, Any]) -> str:
    told = [", ".join(source["types"])] if source.get("types") else []
    if source.get("rate"):
        told.append(f"{source['rate']:,} a minute")
    if source.get("signature"):
        told.append(f"signed ({source['signature']['scheme']})")
    return line("; ".join(told))


def _path(name: str) -> str:
    return f"/sources/{part(name)}"
