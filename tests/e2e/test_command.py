"""The `tocsin` command against the whole stack: what an operator does in a day."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.e2e.stack import Mailbox, Stack
from tocsin_client.command.app import app

Run = Callable[..., Result]


@pytest.fixture
def tocsin(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Result]:
    """The command, told of the stack by the file that describes it."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    summary = str(stack.place.summary)

    def run(*arguments: str, piped: str = "") -> Result:
        return CliRunner().invoke(app, ["--stack", summary, *arguments], input=piped)

    return run


@pytest.fixture
def box(stack: Stack) -> Mailbox:
    return stack.mailbox()


def test_an_event_is_rehearsed_sent_acknowledged_and_resolved(
    tocsin: Run, box: Mailbox
) -> None:
    event = ("Disk is full", "-t", box.type, "-s", "high", "--state", "firing")

    rehearsed = tocsin("send", *event, "--dry-run")
    sent = tocsin("send", *event, "--wait", "30", "--json")

    assert f"→ {box.name}" in rehearsed.stdout
    assert sent.exit_code == 0, sent.stderr
    told = json.loads(sent.stdout)
    assert told["status"] == "sent"
    box.wait(contains="Disk is full")
    end = told["id"][-8:]
    assert tocsin("ack", end, "--note", "on my way").exit_code == 0
    assert tocsin("resolve", end).exit_code == 0
    story = tocsin("show", told["id"]).stdout
    for part in (f"sent → {box.name}", "on my way", "resolved by", f"to {box.name}"):
        assert part in story
    assert told["id"] in tocsin("list", "-t", box.type, "--state", "resolved").stdout


def test_dead_letters_are_found_and_replayed(tocsin: Run, box: Mailbox) -> None:
    box.behave("status", status=400)
    sent = tocsin("send", "Refused", "-t", box.type, "--wait", "30")
    box.behave("ok")

    assert sent.exit_code == 1
    (row,) = [
        each for each in tocsin("dead-letters").stdout.splitlines() if box.name in each
    ]
    replayed = tocsin("dead-letters", "replay", "-d", box.name, "--yes")

    assert replayed.exit_code == 0, replayed.stderr
    assert "replayed 1 dead letter" in replayed.stdout
    box.wait(contains="Refused")
    assert (
        row.split("\t")[0] in box.stack.settled(row.split("\t")[0], status="sent")["id"]
    )


def test_a_destination_is_added_tried_and_deleted(tocsin: Run, stack: Stack) -> None:
    url = "https://discord.com/api/webhooks/1400000000000000001/" + "c" * 68
    name = "by-command"

    added = tocsin("destinations", "add", name, "discord", "--secret-stdin", piped=url)

    assert added.exit_code == 0, added.stderr
    assert tocsin("destinations", "test", name).exit_code == 0
    assert tocsin("destinations", "status", name).exit_code == 0
    assert tocsin("destinations", "delete", name, "--yes").exit_code == 0
    assert stack.call("GET", f"/v1/destinations/{name}").status == 404


def test_a_routing_file_is_checked_compared_and_applied(
    tocsin: Run, stack: Stack, tmp_path: Path
) -> None:
    config = stack.call("GET", "/v1/config").json
    file = tmp_path / "tocsin.json"
    file.write_text(json.dumps({**config, "application": "By command"}))
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("routes:\n  - name: x\n    to: [nobody]\n")

    assert tocsin("check", str(file)).exit_code == 0
    assert tocsin("diff", str(file)).exit_code == 1
    refused = tocsin("apply", str(wrong), "--yes")
    assert refused.exit_code == 1
    assert "wrong.yaml:3" in refused.stderr.replace("\n", "")
    assert tocsin("apply", str(file), "--yes").exit_code == 0
    assert stack.call("GET", "/v1/config").json["application"] == "By command"
    assert stack.call("PUT", "/v1/config", config).status == 200


def test_a_silence_holds_and_ends(tocsin: Run, box: Mailbox) -> None:
    made = tocsin("silence", "add", "-t", box.type, "--for", "1h", "--json")

    told = json.loads(tocsin("send", "Hush", "-t", box.type, "--json").stdout)
    ended = tocsin("silence", "delete", json.loads(made.stdout)["id"], "--yes")

    assert told["status"] == "suppressed"
    assert ended.exit_code == 0, ended.stderr
    again = tocsin("send", "Tell", "-t", box.type, "--wait", "30", "--json")
    assert json.loads(again.stdout)["status"] == "sent"


def test_a_source_s_key_sends_and_nothing_else(tocsin: Run, stack: Stack) -> None:
    key = tocsin("sources", "create", "by-command").stdout.strip()

    assert (
        stack.call("POST", "/v1/events", {"type": "a", "title": "K"}, key=key).status
        == 202
    )
    assert stack.call("GET", "/v1/notifications", key=key).status == 403
    assert tocsin("sources", "delete", "by-command", "--yes").exit_code == 0
    assert tocsin("health").exit_code in (0, 1)
