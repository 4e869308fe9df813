"""`doctor`: each thing that can be wrong, found, with what to do."""

from __future__ import annotations

import json

import pytest

from client.tests.command.conftest import Run
from client.tests.command.stack import Stack
from tocsin.ports import Probe


def test_a_set_up_that_is_well(stack: Stack, tocsin: Run) -> None:
    stack.furnish("ops")
    stack.deliver()

    result = tocsin("doctor")

    assert result.exit_code == 0, result.stdout
    assert "all is well" in result.stdout
    assert "send, read and act, administer" in result.stdout
    told = json.loads(tocsin("doctor", "--json").stdout)
    assert told["ok"] is True
    assert {each["level"] for each in told["findings"]} == {"good"}


def test_it_changes_and_sends_nothing(stack: Stack, tocsin: Run) -> None:
    stack.furnish("ops")

    tocsin("doctor")

    assert not stack.world.ledger.kept
    assert not stack.world.provider.posts
    posts = {path for method, path in stack.calls if method != "GET"}
    assert posts == {"/v1/events?dry_run=true", "/v1/config/check"}


def test_nothing_at_the_address(tocsin: Run) -> None:
    result = tocsin("doctor", TOCSIN_URL="http://127.0.0.1:1")

    assert result.exit_code == 1
    assert "does not answer" in result.stdout
    assert "ApiUrl" in result.stdout


def test_something_else_at_the_address(stack: Stack, tocsin: Run) -> None:
    stack.answers.append((200, b"<html>Welcome to nginx</html>"))

    result = tocsin("doctor")

    assert result.exit_code == 1
    assert "is not Tocsin" in result.stdout


def test_a_key_that_is_not_known(tocsin: Run) -> None:
    result = tocsin("doctor", key="toc_unknown")

    assert result.exit_code == 1
    assert "the key is not known" in result.stdout


@pytest.mark.parametrize(
    ("key", "may", "more"),
    [
        ("shop", "may send", "nothing else can be looked at"),
        ("ops", "read and act", ""),
    ],
)
def test_a_key_that_may_not_all(
    stack: Stack, tocsin: Run, key: str, may: str, more: str
) -> None:
    result = tocsin("doctor", key=key)

    assert result.exit_code == 0
    assert may in result.stdout
    assert more in result.stdout
    assert "routing file" not in result.stdout


def test_a_clock_that_is_off(stack: Stack, tocsin: Run) -> None:
    stack.headers["date"] = "Sat, 21 Nov 2020 08:00:00 GMT"
    stack.furnish("ops")

    result = tocsin("doctor")

    assert "clock is" in result.stdout
    assert "time synchronisation" in result.stdout


@pytest.fixture
def ill(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Stack:
    """Everything is wrong at once."""
    stack.accept("Told to nobody", type="orphan")
    stack.furnish("ops", match={"severity": ">=high"})
    stack.accept("Dead", severity="high")
    stack.kill()
    now = stack.world.clock.now()
    stack.world.health.disable("ops", now, "the webhook was deleted")
    monkeypatch.setattr(
        stack.world.provider, "probe", lambda _: Probe(False, "unknown webhook")
    )
    return stack


@pytest.mark.parametrize(
    ("found", "advice"),
    [
        ("disabled: the webhook was deleted", "tocsin destinations put ops"),
        ("1 notification could not be delivered", "tocsin dead-letters replay"),
        ("sent nowhere: orphan", "tocsin list --status suppressed"),
        ("unknown webhook", "tocsin destinations test ops"),
        ("no route takes every event", "tocsin apply"),
    ],
)
def test_everything_that_is_wrong_is_found_with_what_to_do(
    ill: Stack, tocsin: Run, found: str, advice: str
) -> None:
    result = tocsin("doctor")

    lines = result.stdout.splitlines()
    (place,) = [number for number, line in enumerate(lines) if found in line]
    assert advice in lines[place + 1]
    assert result.exit_code == 1
    assert "3 things wrong, 2 to look at" in lines[-1]


def test_an_empty_stack_is_told_where_to_begin(tocsin: Run) -> None:
    result = tocsin("doctor")

    assert result.exit_code == 1
    assert "tocsin destinations add" in result.stdout


def test_what_waits_too_long_is_found(stack: Stack, tocsin: Run) -> None:
    stack.furnish("ops")
    stack.accept("Still here")
    stack.shift = 20 * 60_000

    assert "waiting for more than 10 minutes" in tocsin("doctor").stdout
