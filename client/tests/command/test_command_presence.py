"""`presence`: what one's Discord profile says, and what is missing when it cannot."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest

from client.tests.command.conftest import Run
from client.tests.command.stack import Stack
from tocsin_client.command import presence


def problem(**more: Any) -> dict[str, Any]:
    return {"severity": "low", "ack_at": None, **more}


@pytest.mark.parametrize(
    ("problems", "shown"),
    [
        ([], ("All quiet", "no open problems")),
        ([problem()], ("1 open problem", "1 not acknowledged")),
        (
            [problem(severity="critical"), problem()],
            ("2 open problems", "2 not acknowledged, 1 urgent"),
        ),
        ([problem(ack_at="2026")], ("1 open problem", "all acknowledged")),
    ],
)
def test_a_profile_says_how_many_are_open(
    problems: list[dict[str, Any]], shown: tuple[str, str]
) -> None:
    activity = presence.activity_of(list(problems))

    assert (activity["details"], activity["state"]) == shown


def test_once_prints_what_would_be_shown(stack: Stack, tocsin: Run) -> None:
    stack.accept("Secret title", state="firing")
    stack.accept("A notice")

    result = tocsin("presence", "--once")

    assert result.stdout == "1 open problem · 1 not acknowledged\n"


class Discord(ModuleType):
    """Stands in for pypresence: what it shows, or how it fails."""

    def __init__(self, fault: Exception | None = None) -> None:
        super().__init__("pypresence")
        self.fault = fault
        self.shown: list[dict[str, str]] = []
        self.closed = False
        self.Presence = lambda application: self

    def connect(self) -> None:
        if self.fault:
            raise self.fault

    def update(self, **activity: str) -> None:
        self.shown.append(activity)
        raise KeyboardInterrupt  # The person has seen it.

    def close(self) -> None:
        self.closed = True


def test_it_is_shown_until_ctrl_c_and_then_taken_away(
    stack: Stack, tocsin: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack.accept("Down", state="firing")
    discord = Discord()
    monkeypatch.setitem(sys.modules, "pypresence", discord)

    result = tocsin("presence", "--application", "1")

    assert result.exit_code == 130
    assert [each["details"] for each in discord.shown] == ["1 open problem"]
    assert discord.closed


def test_without_discord_it_says_what_to_start(
    tocsin: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pypresence", Discord(ConnectionRefusedError()))

    result = tocsin("presence", TOCSIN_DISCORD_APP="1")

    assert result.exit_code == 3
    assert "start the Discord program" in result.stderr


def test_without_the_extra_it_says_what_to_install(
    tocsin: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pypresence", None)

    result = tocsin("presence", "--application", "1")

    assert result.exit_code == 2
    assert "tocsin-client[cli,presence]" in result.stderr


def test_without_an_application_it_says_where_to_make_one(tocsin: Run) -> None:
    result = tocsin("presence")

    assert result.exit_code == 2
    assert "discord.com/developers" in result.stderr
