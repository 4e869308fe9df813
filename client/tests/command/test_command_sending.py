"""`tocsin send`: from options, files and pipes to a notification, or to a reason."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from client.tests.command.conftest import Run
from client.tests.command.stack import Stack


def sent(stack: Stack) -> dict[str, Any]:
    """The event of the only notification there is."""
    (found,) = stack.world.ledger.kept.values()
    return found.event.dump()


def test_a_title_is_enough(stack: Stack, tocsin: Run) -> None:
    stack.furnish("ops")

    result = tocsin("send", "Backup failed")

    assert result.exit_code == 0
    assert sent(stack) == {"type": "message", "title": "Backup failed"}
    assert "queued" in result.stdout
    assert "ops" in result.stdout


def test_every_field_of_an_event_has_an_option(stack: Stack, tocsin: Run) -> None:
    result = tocsin(
        *("send", "Backup failed", "--type", "backup.failed", "-m", "No space left"),
        *(
            "--severity",
            "P0",
            "--state",
            "firing",
            "--source",
            "db",
            "--branch",
            "prod",
        ),
        *("--fingerprint", "db-main", "--label", "team=data", "--field", "Owner=Ada"),
        *("--link", "Runbook=https://example.com/r?a=b", "--data", "rows=412"),
        *("--data", "who=Ada", "--title-url", "https://example.com/"),
        *("--occurred-at", "2026-11-21T08:00:00Z", "--thread", "7", "--progress", "0"),
        *("--mention", "user:1", "--attachment", "log=https://example.com/l"),
        *("--ack-required", "--ttl", "2h", "--format", "markdown"),
    )

    assert result.exit_code == 0, result.stderr
    assert sent(stack) == {
        "type": "backup.failed",
        "title": "Backup failed",
        "message": "No space left",
        "format": "markdown",
        "severity": "critical",
        "state": "firing",
        "source": "db",
        "branch": "prod",
        "fingerprint": "db-main",
        "labels": {"team": "data"},
        "fields": [{"name": "Owner", "value": "Ada"}],
        "links": [{"label": "Runbook", "url": "https://example.com/r?a=b"}],
        "url": "https://example.com/",
        "data": {"rows": 412, "who": "Ada"},
        "occurred_at": "2026-11-21T08:00:00Z",
        "thread": "7",
        "progress": 0,
        "mentions": ["user:1"],
        "attachments": [{"name": "log", "url": "https://example.com/l"}],
        "ack_required": True,
        "ttl": 7200,
    }


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("event.json", '{"type": "a.b", "title": "From a file"}'),
        ("event.yaml", "type: a.b\ntitle: From a file\n"),
    ],
)
def test_a_file_holds_an_event_and_options_go_over_it(
    stack: Stack, tocsin: Run, home: Path, name: str, text: str
) -> None:
    (home / name).write_text(text)

    result = tocsin("send", "-f", name, "--severity", "high")

    assert result.exit_code == 0, result.stderr
    assert sent(stack) == {"type": "a.b", "title": "From a file", "severity": "high"}


def test_a_yaml_date_is_sent_as_json_has_it(
    stack: Stack, tocsin: Run, home: Path
) -> None:
    (home / "e.yaml").write_text(
        "{type: a, title: T, occurred_at: 2026-11-21T08:00:00Z}"
    )

    assert tocsin("send", "-f", "e.yaml").exit_code == 0
    assert sent(stack)["occurred_at"] == "2026-11-21T08:00:00Z"


def test_an_event_comes_through_a_pipe(stack: Stack, tocsin: Run) -> None:
    result = tocsin("send", "-", piped='{"type": "a", "title": "Piped"}')

    assert result.exit_code == 0
    assert sent(stack)["title"] == "Piped"


def test_a_message_comes_through_a_pipe(stack: Stack, tocsin: Run) -> None:
    tocsin("send", "Nightly log", "--message", "-", piped="line 1\nline 2\n")

    assert sent(stack)["message"] == "line 1\nline 2"


def test_a_cloudevent_is_sent_as_one(stack: Stack, tocsin: Run) -> None:
    cloud = {"specversion": "1.0", "id": "1", "source": "/shop", "type": "order.failed"}

    result = tocsin("send", "-", piped=json.dumps(cloud | {"data": {"title": "No"}}))

    assert result.exit_code == 0, result.stderr
    assert sent(stack)["type"] == "order.failed"


def test_a_dry_run_shows_why_and_sends_nothing(stack: Stack, tocsin: Run) -> None:
    stack.furnish("ops")

    result = tocsin("send", "Backup failed", "--dry-run")

    assert result.exit_code == 0
    assert "→ ops" in result.stdout
    assert "route all" in result.stdout
    assert not stack.world.ledger.kept


def test_a_key_makes_sending_twice_count_once(stack: Stack, tocsin: Run) -> None:
    for _ in range(2):
        assert tocsin("send", "Once", "--idempotency-key", "k1").exit_code == 0

    assert len(stack.world.ledger.kept) == 1


def test_a_list_tells_each_result_and_fails_where_one_is_rejected(
    stack: Stack, tocsin: Run
) -> None:
    events = [{"type": "a", "title": "Good"}, {"type": "no type", "title": "Bad"}]

    result = tocsin("send", "-", piped=json.dumps(events))

    assert result.exit_code == 1
    assert len(stack.world.ledger.kept) == 1
    assert "event 1" in result.stdout
    assert "type: " in result.stdout


def test_a_list_of_which_nothing_is_accepted_is_refused(tocsin: Run) -> None:
    result = tocsin("send", "-", piped='[{"type": "no type", "title": "Bad"}]')

    assert result.exit_code == 4
    assert "event 0" in result.stdout
    assert "1 event rejected" in result.stderr


def test_a_refusal_names_field_and_reason(stack: Stack, tocsin: Run) -> None:
    result = tocsin("send", "X", "--severity", "awful")

    assert result.exit_code == 4
    assert "severity" in result.stderr
    assert "not a severity" in result.stderr
    assert not result.stdout
    assert not stack.world.ledger.kept


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["-f", "missing.json"],
        ["X", "--label", "nothing"],
        ["-", "--message", "-"],
        ["X", "--progress", "101"],
    ],
)
def test_a_command_that_cannot_be_meant_ends_with_2_and_calls_nobody(
    stack: Stack, tocsin: Run, arguments: list[str]
) -> None:
    assert tocsin("send", *arguments).exit_code == 2
    assert not stack.calls


def test_a_broken_file_is_told_with_its_place(tocsin: Run, home: Path) -> None:
    (home / "e.json").write_text('{"type": }')

    result = tocsin("send", "-f", "e.json")

    assert result.exit_code == 2
    assert "line 1 column 10" in result.stderr


def test_waiting_ends_with_the_outcome(stack: Stack, tocsin: Run) -> None:
    result = tocsin("send", "Kept only", "--wait", "5")

    assert result.exit_code == 0
    assert "suppressed" in result.stdout


def test_json_is_what_the_api_said(stack: Stack, tocsin: Run) -> None:
    stack.furnish("ops")

    told = json.loads(tocsin("send", "X", "--json").stdout)

    assert told["status"] == "queued"
    assert told["id"] in stack.world.ledger.kept


def test_the_catalogue_is_listed_and_its_samples_can_be_sent(
    stack: Stack, tocsin: Run
) -> None:
    known = stack.call("GET", "/v1/event-types")["event_types"]
    rows = [line.split("\t") for line in tocsin("types").stdout.splitlines()]
    assert [row[0] for row in rows] == [each["type"] for each in known]

    told = tocsin("types", "ssl_expiry").stdout
    (line,) = [line for line in told.splitlines() if line.startswith("tocsin send")]
    result = tocsin(*shlex.split(line)[1:])

    assert result.exit_code == 0, result.stderr
    assert sent(stack)["type"] == "ssl_expiry"
    assert "needed without a title" in told


def test_a_type_that_is_not_in_the_catalogue_is_said_to_be_welcome(tocsin: Run) -> None:
    result = tocsin("types", "my.own")

    assert result.exit_code == 4
    assert "can be sent all the same" in result.stderr
