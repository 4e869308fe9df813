"""What strangers write is shown, never obeyed: by no terminal, and by no markup."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.tests.command.conftest import Run
from client.tests.command.stack import Stack
from tocsin_client.command import washing

ESC, BEL, CSI, RLO = "\x1b", "\x07", "\x9b", "\u202e"
ATTACKS = [
    f"{ESC}[2J{ESC}[H gone",
    f"{ESC}]0;owned{BEL}",
    f"{ESC}]52;c;cm0gLXJm{BEL}",
    f"{CSI}31m red",
    f"{RLO}txt.exe",
    "[bold red]markup[/] [link=https://evil.io]x[/link] [/]",
    ":boom: \r\nforged line\x00\x08\x08",
    "\u2028split\u2029 \ufeff\u200bzero\U000e0041tags",
]
FORBIDDEN = {chr(code) for code in (*range(9), *range(11, 32), *range(127, 160))} | set(
    "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\u200e\u200f\u2028\u2029"
)


def hostile(stack: Stack, attack: str) -> str:
    """A notification that says it everywhere it can."""
    stack.furnish("ops", "dead")
    return stack.accept(
        attack,
        message=f"{attack}\n{attack}",
        state="firing",
        source=attack,
        branch=attack,
        labels={attack[:50]: attack},
        fields=[{"name": attack[:50], "value": attack}],
        links=[{"label": attack[:50], "url": "https://example.com/"}],
        data={attack[:50]: attack},
    )


def commands(found: str) -> list[list[str]]:
    return [
        ["list"],
        ["show", found],
        ["dead-letters"],
        ["ack", found, "--note", f"{ESC}[31m"],
        ["list", "--json"],
        ["show", found, "--json"],
    ]


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_attack_reaches_a_pipe_or_markup(
    stack: Stack, tocsin: Run, attack: str
) -> None:
    found = hostile(stack, attack)
    stack.kill(attack)

    for arguments in commands(found):
        result = tocsin(*arguments)

        assert result.exit_code == 0, result.stderr
        assert not FORBIDDEN & set(result.stdout + result.stderr), arguments


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_attack_reaches_a_terminal(stack: Stack, tocsin: Run, attack: str) -> None:
    """Without colours a terminal gets no escape but the ones for bold and dim."""
    found = hostile(stack, attack)
    stack.kill(attack)

    for arguments in commands(found):
        result = tocsin(*arguments, FORCE_COLOR="1", NO_COLOR="1")
        shown = re.sub(f"{ESC}\\[[012;]*m", "", result.stdout + result.stderr)

        assert result.exit_code == 0, result.stderr
        assert not FORBIDDEN & set(shown), arguments


def test_markup_is_shown_letter_by_letter(stack: Stack, tocsin: Run) -> None:
    found = stack.accept("[bold]not bold[/bold] :smile:")

    shown = tocsin("show", found, FORCE_COLOR="1").stdout

    assert "[bold]not bold[/bold] :smile:" in shown


def test_a_title_cannot_forge_a_second_row(stack: Stack, tocsin: Run) -> None:
    stack.accept("One\nTwo\tThree")

    (row,) = tocsin("list").stdout.splitlines()
    assert len(row.split("\t")) == 7


def test_json_keeps_every_letter_as_an_escape(stack: Stack, tocsin: Run) -> None:
    found = stack.accept(f"{RLO}title {CSI} \U000e0041")

    told = json.loads(tocsin("show", found, "--json").stdout)

    assert told == stack.call("GET", f"/v1/notifications/{found}")


def test_a_refusal_that_quotes_is_washed(stack: Stack, tocsin: Run) -> None:
    detail = f"no {ESC}[31m{RLO}such thing"
    body = json.dumps({"title": "No", "detail": detail, "errors": []}).encode()
    stack.answers.append((404, body))

    result = tocsin("list")

    assert result.exit_code == 4
    assert not FORBIDDEN & set(result.stderr)
    assert "such thing" in result.stderr


def test_json_that_came_raw_reaches_a_terminal_as_escapes(
    stack: Stack, tocsin: Run
) -> None:
    told = {"notifications": [], "next": "", "note": f"{RLO}{CSI}31m"}
    stack.answers.append((200, json.dumps(told, ensure_ascii=False).encode()))

    result = tocsin("sources", "--json")

    assert not FORBIDDEN & set(result.stdout)
    assert json.loads(result.stdout) == told


@given(st.text())
def test_whatever_is_written_nothing_dangerous_is_left(text: str) -> None:
    for washed in (washing.line(text), washing.row(text), washing.block(text)):
        assert not FORBIDDEN & set(washed)
        washed.encode()
    assert "\n" not in washing.line(text) + washing.row(text)


@given(st.text())
def test_washed_json_says_the_same(text: str) -> None:
    written = json.dumps({"text": text}, ensure_ascii=False)

    washed = washing.json_text(written)

    assert json.loads(washed) == {"text": text}
    assert not FORBIDDEN & set(washed)


@given(st.from_regex(r"[ -~]*", fullmatch=True))
def test_plain_words_stay_as_they_are(text: str) -> None:
    assert washing.row(text) == text.rstrip()
    assert washing.line(text) == " ".join(text.split())
