"""Profile: commands that keep addresses and keys by name."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from tocsin_client.command import looks
from tocsin_client.command.address import Address
from tocsin_client.command.api import Api, value_of
from tocsin_client.command.documents import read_text
from tocsin_client.command.profiles import (
    Profile,
    Profiles,
    check_name,
    config_file,
    read_profiles,
    write_profiles,
)
from tocsin_client.command.session import PATIENCE, Session, command
from tocsin_client.command.trouble import misused
from tocsin_client.command.washing import line

Name = Annotated[str, typer.Argument(metavar="NAME", help="The profile's name.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    group = typer.Typer(help="Keep addresses and keys by name.")
    command(group)(list_them)
    command(group, "list")(list_them)
    command(group, "add")(add)
    command(group, "use")(use)
    command(group, "remove")(remove)
    app.add_typer(group, name="profile", rich_help_panel="This command")


def list_them(session: Session) -> None:
    """List profiles; their keys never show."""
    profiles = _read(session)
    if session.screen.as_json:
        _say(session, profiles)
        return
    rows = [
        [
            Text(line(name), style="bold"),
            line(each.url),
            "default" if name == profiles.default else "",
        ]
        for name, each in profiles.named.items()
    ]
    session.screen.table(("name", "address", ""), rows)
    if not rows:
        session.screen.note(f"{config_file(session.environment)} holds no profile")
        session.screen.hint("make one: tocsin profile add NAME --url https://…")


def add(
    session: Session,
    name: Name,
    key_stdin: Annotated[
        bool, typer.Option("--key-stdin", help="The key is piped in.")
    ] = False,
) -> None:
    """Keep an address (--url) and its key, after trying them.

    The key comes from --key-stdin, from TOCSIN_KEY, or is asked for.
    """
    check_name(name)
    url = session.shared.url or session.environment.get("TOCSIN_URL", "")
    if not url:
        session.screen.require_person("give the address with --url")
        url = input("Address: ").strip()
    key = _key(session, key_stdin)
    address = Address(url, key, "what was given")
    if address.exposed:
        session.screen.warn(f"{url} is not https: who listens on the way has the key")
    known = _tried(Api(address, session.shared.timeout or PATIENCE))
    profiles = _read(session).with_one(name, Profile(url, key))
    path = config_file(session.environment)
    write_profiles(path, profiles)
    _say(session, profiles)
    session.screen.note(looks.sign("sent"), f" {name} is kept in {path}: {known}")
    if profiles.default != name:
        session.screen.hint(f"make it the default: tocsin profile use {name}")


def _key(session: Session, piped: bool) -> str:
    given = session.environment.get("TOCSIN_KEY", "")
    key = read_text("-").strip() if piped else given
    return key or session.screen.secret("Key")


def _tried(api: Api) -> str:
    """What the key is good for. Raises `Trouble` for a wrong address or key."""
    answer = api.call("GET", "/health", admits=(403,))
    if answer.status == 403:
        return "its key may send events, and not read"
    return f"Tocsin {line(value_of(answer).get('version', '?'))} answers"


def use(session: Session, name: Name) -> None:
    """Make a profile the default."""
    profiles = _read(session)
    _require(profiles, name)
    profiles = Profiles(name, profiles.named)
    write_profiles(config_file(session.environment), profiles)
    _say(session, profiles)
    session.screen.note(
        looks.sign("sent"), f" {name} is used when nothing else is said"
    )


def remove(session: Session, name: Name) -> None:
    """Forget a profile and its key. The key itself stays valid."""
    profiles = _read(session)
    _require(profiles, name)
    profiles = profiles.without(name)
    write_profiles(config_file(session.environment), profiles)
    _say(session, profiles)
    session.screen.note(looks.sign("sent"), f" {name} is forgotten")


def _say(session: Session, profiles: Profiles) -> None:
    named = {name: {"url": each.url} for name, each in profiles.named.items()}
    session.screen.result(default=profiles.default, profiles=named)


def _read(session: Session) -> Profiles:
    return read_profiles(config_file(session.environment))


def _require(profiles: Profiles, name: str) -> None:
    if name not in profiles.named:
        known = ", ".join(sorted(profiles.named)) or "none"
        raise misused(f"there is no profile {name}; there are: {known}")
