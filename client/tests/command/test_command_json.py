"""`--json`: every command that there is says its result as JSON, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer

from client.tests.command.conftest import Run
from client.tests.command.stack import Stack
from tocsin_client.command.app import app

FILE = '{"routes": [{"name": "all", "to": ["ops"]}]}'
HOOK = "https://discord.com/api/webhooks/1100000000000000001/" + "t" * 68
SECRET = "a-secret-shared-with-github-0123"
# Each command, as it can be called on the stack below; NAME and ID are put in.
CALLS = {
    "send": "Hello",
    "types": "ssl_expiry",
    "preview": "event.json --channel slack",
    "list": "",
    "show": "ID",
    "ack": "ID",
    "resolve": "ID",
    "replay": "DEAD",
    "health": "",
    "doctor": "",
    "check": "FILE",
    "diff": "FILE",
    "apply": "FILE --yes",
    "presence": "--once",
    "dead-letters list": "",
    "dead-letters replay": "--yes",
    "silence list": "",
    "silence add": "--type a.* --for 1h",
    "silence delete": "SILENCE --yes",
    "config get": "",
    "config editions": "",
    "destinations list": "",
    "destinations show": "ops",
    "destinations add": "night discord --secret-stdin",
    "destinations put": "spare discord --secret-stdin",
    "destinations test": "ops",
    "destinations status": "ops",
    "destinations delete": "spare --yes",
    "sources list": "",
    "sources create": "till",
    "sources rotate": "web",
    "sources revoke": "web --yes",
    "sources bound": "web --rate 60",
    "sources sign": "web github --secret-stdin",
    "sources unsign": "web --yes",
    "sources delete": "web --yes",
    "profile list": "",
    "profile add": "away",
    "profile use": "away",
    "profile remove": "away",
}
PIPED = {"destinations": HOOK, "sources": SECRET}
# What it says is a line for each, as long as it runs: see `test_following_as_json…`.
ENDLESS = {"tail"}
TWINS = {name for name in CALLS if name.startswith("sources ")}


def commands(group: Any, *path: str) -> set[str]:
    """The words of every command at the end of a branch."""
    below = getattr(group, "commands", {})
    if not below:
        return {" ".join(path)}
    return set().union(*(commands(each, *path, name) for name, each in below.items()))


@pytest.fixture
def words(stack: Stack, home: Path) -> dict[str, str]:
    """A stack on which each call has something to do, and the words for it."""
    stack.furnish("ops")
    stack.call("PUT", "/v1/destinations/spare", {"channel": "discord", "url": HOOK})
    stack.call("POST", "/v1/sources", {"name": "web"})
    dead = stack.accept("Refused")
    stack.kill()
    made = {"match": {"type": ["b.*"]}, "for": "1h"}
    silence = stack.call("POST", "/v1/silences", made)
    (home / "tocsin.json").write_text(FILE)
    (home / "event.json").write_text('{"type": "a.b", "title": "Hello"}')
    found = stack.accept("Disk is full", state="firing")
    return {
        "ID": found, "DEAD": dead, "FILE": "tocsin.json", "SILENCE": silence["id"]
    }  # fmt: skip


def test_each_command_says_its_result_as_json_and_nothing_else(
    tocsin: Run, words: dict[str, str]
) -> None:
    ended: dict[str, Any] = {}
    for name, told in CALLS.items():
        arguments = [words.get(each, each) for each in told.split()]
        piped = PIPED[name.split()[0]] if "--secret-stdin" in arguments else ""
        ended[name] = tocsin(*name.split(), *arguments, "--json", piped=piped)

    for name, each in ended.items():
        assert each.exit_code in (0, 1), (name, each.stderr)
        assert isinstance(read(each.stdout), (dict, list)), (name, each.stdout)
        assert "✓" not in each.stderr, name


def read(text: str) -> Any:
    """JSON; None for what is not."""
    try:
        return json.loads(text)
    except ValueError:
        return None


def test_no_command_is_left_out() -> None:
    every = commands(typer.main.get_command(app))
    twins = {name.replace("sources", "keys") for name in TWINS}

    assert every == {*CALLS, *ENDLESS, *twins}
