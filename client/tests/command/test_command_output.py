"""Pipes, terminals, exit codes, Ctrl-C: how the command behaves among other programs."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, NamedTuple

import pytest

from client.tests.command.conftest import Run, environment
from client.tests.command.stack import Stack
from client.tests.command.terminal import PATIENCE, PROGRAM

ESC = "\x1b"


class Tail(NamedTuple):
    """A command that runs, and what it says."""

    process: subprocess.Popen[str]
    out: IO[str]
    err: IO[str]


def test_a_terminal_gets_headings_and_colours(stack: Stack, tocsin: Run) -> None:
    stack.accept("Disk full", severity="critical")

    shown = tocsin("list", FORCE_COLOR="1").stdout

    assert "SEVERITY" in shown
    assert f"{ESC}[1;31m● critical" in shown


def test_no_color_is_honoured(stack: Stack, tocsin: Run) -> None:
    stack.accept("Disk full", severity="critical")

    shown = tocsin("list", FORCE_COLOR="1", NO_COLOR="1").stdout

    assert "● critical" in shown
    assert f"{ESC}[3" not in shown
    assert f"{ESC}[9" not in shown


def test_a_narrow_terminal_shortens_the_title_only(stack: Stack, tocsin: Run) -> None:
    found = stack.accept("A very long title " * 8)

    shown = tocsin("list", FORCE_COLOR="1", COLUMNS="90").stdout

    assert found[-8:] in shown
    assert re.search("A very long title .*…", shown)
    assert "○ suppressed" in shown


@pytest.mark.parametrize(
    ("answered", "code"),
    [
        (400, 4),
        (401, 4),
        (403, 4),
        (404, 4),
        (409, 4),
        (429, 4),
        (500, 3),
        (503, 3),
        (302, 3),
    ],
)
def test_every_refusal_has_its_exit_code(
    stack: Stack, tocsin: Run, answered: int, code: int
) -> None:
    stack.answers.append((answered, b'{"title": "No", "detail": "Because."}'))

    result = tocsin("list")

    assert result.exit_code == code
    assert not result.stdout
    assert result.stderr.startswith("✗ ")


def test_a_refusal_under_json_is_the_api_s_own_problem(
    stack: Stack, tocsin: Run
) -> None:
    result = tocsin("list", "--json", key="toc_unknown")

    assert result.exit_code == 4
    assert json.loads(result.stdout)["status"] == 401


def test_what_is_not_json_is_not_tocsin(stack: Stack, tocsin: Run) -> None:
    stack.answers.append((200, b"<html>Hello</html>"))

    result = tocsin("list")

    assert result.exit_code == 3
    assert "is not Tocsin" in result.stderr


def test_an_api_that_hangs_is_not_waited_for(stack: Stack, tocsin: Run) -> None:
    stack.world.clock.sleep(0)
    with stack._lock:
        result = tocsin("list", "--timeout", "0.2")

    assert result.exit_code == 3
    assert "does not answer" in result.stderr


@pytest.mark.parametrize(
    ("url", "key"),
    [("ftp://x.io", "k"), ("https://u:p@x.io", "k"), ("https://x.io", "a b")],
)
def test_an_address_or_key_that_could_never_work_is_usage(
    tocsin: Run, url: str, key: str
) -> None:
    result = tocsin("list", key=key, TOCSIN_URL=url)

    assert result.exit_code == 2
    assert "TOCSIN_URL" in result.stderr


def test_shared_options_go_before_and_after_the_command(
    stack: Stack, tocsin: Run
) -> None:
    stack.accept("One")

    before, after = tocsin("--json", "list"), tocsin("list", "--json")

    told = [json.loads(each.stdout) for each in (before, after)]
    # How far back was looked follows the clock.
    assert told[0].keys() == told[1].keys()
    assert told[0]["notifications"] == told[1]["notifications"] != []


@pytest.mark.parametrize("wanted", ["--help", "-h", "--version"])
def test_help_and_version_call_nobody(stack: Stack, tocsin: Run, wanted: str) -> None:
    assert tocsin(wanted).exit_code == 0
    assert not stack.calls


@contextmanager
def following(stack: Stack, *options: str) -> Iterator[Tail]:
    """`tocsin tail` beside us; a test that waits in vain fails, and does not hang."""
    # A shell that runs tests in the background lets its children ignore Ctrl-C.
    obeying = "import signal; signal.signal(2, signal.default_int_handler)\n"
    arguments = [sys.executable, "-c", obeying + PROGRAM, "tail", "--every", "0.2"]
    with subprocess.Popen(
        [*arguments, *options],
        env=environment(stack),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        end = threading.Timer(PATIENCE, running.kill)
        end.start()
        assert running.stdout is not None
        assert running.stderr is not None
        try:
            yield Tail(running, running.stdout, running.stderr)
        finally:
            running.kill()
            end.cancel()


@pytest.mark.parametrize(
    "words",
    [
        "send",
        "tail",
        "destinations add",
        "sources create",
        "sources bound",
        "silence add",
    ],
)
def test_help_tells_no_default_that_a_person_cannot_type(
    tocsin: Run, words: str
) -> None:
    told = tocsin(*words.split(), "--help").stdout

    assert "default: <" not in told
    assert "\0" not in told
    assert "default: -1" not in told


def test_following_shows_news_and_ctrl_c_ends_it_cleanly(stack: Stack) -> None:
    stack.accept("Before")
    with following(stack, "-t", "test") as tail:
        first = tail.out.readline()
        stack.accept("After")
        second = tail.out.readline()
        tail.process.send_signal(signal.SIGINT)
        errors = tail.err.read()
        code = tail.process.wait(PATIENCE)

    assert first.split("\t")[3:5] == ["Before", "suppressed"]
    assert second.split("\t")[3:5] == ["After", "suppressed"]
    assert code == 130
    assert errors.endswith("Stopped.\n")
    assert "Traceback" not in errors


def test_following_as_json_is_one_line_for_each(stack: Stack) -> None:
    ids = [stack.accept("One"), stack.accept("Two")]

    with following(stack, "--json") as tail:
        lines = [json.loads(tail.out.readline())["id"] for _ in ids]

    assert lines == ids


def test_following_waits_for_an_api_that_is_away(stack: Stack) -> None:
    stack.accept("Before")
    with following(stack) as tail:
        assert "Before" in tail.out.readline()
        assert "following" in tail.err.readline()
        stack.answers.append((503, b"{}"))
        assert "waiting" in tail.err.readline()
        assert "it answers again" in tail.err.readline()
        stack.accept("After")
        assert "After" in tail.out.readline()


def test_a_reader_that_has_enough_ends_it_without_a_traceback(stack: Stack) -> None:
    for number in range(30):
        stack.accept(f"Number {number}")
    list_them = [sys.executable, "-c", PROGRAM, "list"]
    with subprocess.Popen(
        list_them,
        env=environment(stack),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        assert b"Traceback" not in running.stderr.read()


def test_without_the_extra_it_says_what_to_install() -> None:
    hidden = "import sys; sys.modules['typer'] = None\n"
    done = subprocess.run(
        [sys.executable, "-c", hidden + PROGRAM],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert "pip install 'tocsin-client[cli]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_few_commands_need_is_not_imported_for_all() -> None:
    program = (
        "import sys; import tocsin_client.command.app\n"
        "print(*{'yaml', 'urllib3', 'getpass', 'tomllib'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.split() == []


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("config", "config get"),
        ("dead-letters", "dead-letters list"),
        ("destinations", "destinations list"),
        ("sources", "keys list"),
        ("silence", "silence list"),
        ("profile", "profile list"),
    ],
)
def test_a_group_alone_does_what_is_wanted_most(
    stack: Stack, tocsin: Run, short: str, long: str
) -> None:
    stack.furnish("ops")

    alone, named = (tocsin(*words.split(), "--json") for words in (short, long))

    assert alone.exit_code == 0, alone.stderr
    assert alone.stdout == named.stdout != ""
