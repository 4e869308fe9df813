"""Pipes, terminals, exit codes, Ctrl-C: how the command behaves among other programs."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time

import pytest

from client.tests.command.conftest import Run
from client.tests.command.stack import Stack
from tests.fakes.api import KEYS

ESC = "\x1b"
PROGRAM = "from tocsin_client.command import main; main()"


def environment(stack: Stack) -> dict[str, str]:
    paths = os.pathsep.join(path for path in sys.path if path)
    ours = {"TOCSIN_URL": stack.url, "TOCSIN_KEY": KEYS["admin"], "PYTHONPATH": paths}
    return {**os.environ, **ours}


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

    assert before.stdout == after.stdout
    json.loads(before.stdout)


@pytest.mark.parametrize("wanted", ["--help", "-h", "--version"])
def test_help_and_version_call_nobody(stack: Stack, tocsin: Run, wanted: str) -> None:
    assert tocsin(wanted).exit_code == 0
    assert not stack.calls


def test_following_shows_news_and_ctrl_c_ends_it_cleanly(stack: Stack) -> None:
    stack.accept("Before")
    with subprocess.Popen(
        [
            sys.executable,
            "-c",
            PROGRAM,
            "tail",
            "--every",
            "0.2",
            "-t",
            "test",
            "--json",
        ],
        env=environment(stack),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        first = json.loads(running.stdout.readline())
        stack.accept("After")
        second = json.loads(running.stdout.readline())
        running.send_signal(signal.SIGINT)
        errors = running.stderr.read()
        code = running.wait(10)

    assert [first["title"], second["title"]] == ["Before", "After"]
    assert code == 130
    assert "Traceback" not in errors


def test_following_waits_for_an_api_that_is_away(stack: Stack) -> None:
    stack.accept("Before")
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "tail", "--every", "0.2"],
        env=environment(stack),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert "Before" in running.stdout.readline()
        stack.answers.append((503, b"{}"))
        while "waiting" not in running.stderr.readline():
            time.sleep(0)
        stack.accept("After")
        assert "After" in running.stdout.readline()
        running.kill()


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
