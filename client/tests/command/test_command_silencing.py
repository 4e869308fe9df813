"""`silence`: events that nobody is told of, and no more of them than were meant."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from client.tests.command.conftest import Run
from client.tests.command.stack import Stack
from tocsin.delivery import State


def test_what_is_silenced_is_kept_and_not_sent(stack: Stack, tocsin: Run) -> None:
    stack.furnish("ops")

    result = tocsin("silence", "add", "-t", "aws.*,ssl_*", "--for", "2h", "-c", "Move")

    assert result.exit_code == 0, result.stderr
    assert "type aws.* or ssl_*" in result.stdout
    silenced, other = stack.accept("Hush", type="aws.x"), stack.accept("Tell")
    assert stack.states(silenced) == {"ops": State.SUPPRESSED}
    assert stack.states(other) == {"ops": State.QUEUED}
    assert "but to nobody" in tocsin("send", "X", "-t", "aws.y", "--dry-run").stdout


def test_hours_come_again_on_some_days(stack: Stack, tocsin: Run) -> None:
    today = datetime.now(UTC)
    begin, end = (today + timedelta(days=days) for days in (1, 30))

    result = tocsin(
        *("silence", "add", "--severity", "<=low", "--label", "team=data"),
        *("--hours", "22:00-07:00", "--days", "sat,sun", "--timezone", "Europe/Zurich"),
        *("--until", end.isoformat(), "--from", begin.isoformat()),
        *("--maintenance", "--json"),
    )

    made = json.loads(result.stdout)
    assert made["kind"] == "maintenance"
    assert made["match"]["labels"] == {"team": "data"}
    assert made["recurring"] == {
        "from": "22:00",
        "to": "07:00",
        "days": ["sat", "sun"],
        "timezone": "Europe/Zurich",
    }
    assert "22:00-07:00 (sat, sun) Europe/Zurich" in tocsin("silence").stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["--for", "2h"],
        ["--type", "a", "--everything", "--for", "2h"],
        ["--type", "a"],
        ["--type", "a", "--hours", "22:00"],
    ],
)
def test_a_silence_says_what_and_until_when(
    stack: Stack, tocsin: Run, arguments: list[str]
) -> None:
    assert tocsin("silence", "add", *arguments).exit_code == 2
    assert not stack.calls


def test_everything_can_be_silenced_when_it_is_said(stack: Stack, tocsin: Run) -> None:
    result = tocsin("silence", "add", "--everything", "--for", "5m")

    assert "everything" in result.stdout


def test_one_is_ended_by_the_end_of_its_id(stack: Stack, tocsin: Run) -> None:
    tocsin("silence", "add", "--type", "a", "--for", "2h")
    (row,) = tocsin("silence", "list").stdout.splitlines()
    found = row.split("\t")[0]

    assert tocsin("silence", "delete", found[-8:]).exit_code == 2
    assert tocsin("silence", "delete", "zzzz", "--yes").exit_code == 4
    assert tocsin("silence", "delete", found[-8:], "--yes").exit_code == 0
    assert all(
        each["state"] == "ended"
        for each in stack.call("GET", "/v1/silences")["silences"]
    )


def test_a_doctor_does_not_call_what_is_silenced_unrouted(
    stack: Stack, tocsin: Run
) -> None:
    stack.furnish("ops")
    tocsin("silence", "add", "--everything", "--for", "5m")
    stack.accept("Hush")

    assert "sent nowhere" not in tocsin("doctor").stdout


def test_a_source_is_bounded(stack: Stack, tocsin: Run) -> None:
    tocsin("sources", "create", "web")

    assert tocsin("sources", "bound", "web").exit_code == 2
    result = tocsin(
        "sources", "bound", "web", "--type", "shop.*,order.*", "--rate", "60"
    )

    assert "may send shop.*, order.*; 60 a minute" in result.stdout
    tocsin("sources", "bound", "web", "--type", "")
    found = stack.world.settings.settings.sources["web"]
    assert (found.types, found.rate) == ((), 60)


def test_a_source_s_calls_are_signed_with_a_secret_that_nobody_sees(
    stack: Stack, tocsin: Run
) -> None:
    tocsin("sources", "create", "hub")
    secret = "s3cret-of-the-hub-0123456789"

    result = tocsin("sources", "sign", "hub", "github", "--secret-stdin", piped=secret)

    assert result.exit_code == 0, result.stderr
    assert secret not in result.stdout + result.stderr
    assert "signed (github)" in tocsin("sources").stdout
    assert tocsin("sources", "unsign", "hub", "--yes").exit_code == 0
    assert stack.world.settings.settings.sources["hub"].signature is None
