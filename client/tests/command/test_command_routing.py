"""`config`, `check`, `diff`, `apply`: the routing file, and what would change."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from client.tests.command.conftest import Run
from client.tests.command.stack import Stack
from tests.fakes.api import KEYS

FIRST = "routes:\n  # all of it\n  - name: all\n    to: [ops]\n"
SECOND = "routes:\n  - name: all\n    to: [feed]\n"


@pytest.fixture
def file(stack: Stack, home: Path) -> Path:
    """A file with `SECOND`, while `FIRST` is live."""
    stack.furnish("ops", "feed")
    headers = {
        "authorization": f"Bearer {KEYS['admin']}",
        "content-type": "application/yaml",
    }
    assert stack.respond("PUT", "/v1/config", headers, FIRST.encode())[0] == 200
    (home / "tocsin.yaml").write_text(SECOND)
    return home / "tocsin.yaml"


def live(stack: Stack) -> list[str]:
    (route,) = stack.world.settings.settings.config.routes
    return list(route.to)


def test_the_live_file_comes_in_its_own_words(
    stack: Stack, tocsin: Run, file: Path
) -> None:
    result = tocsin("config")

    assert result.stdout == FIRST
    assert json.loads(tocsin("config", "--json").stdout) == stack.call(
        "GET", "/v1/config"
    )


def test_older_editions_can_be_read(stack: Stack, tocsin: Run, file: Path) -> None:
    tocsin("apply", str(file), "--yes")

    editions = [
        line.split("\t")[0] for line in tocsin("config", "editions").stdout.splitlines()
    ]

    assert editions == ["3", "2", "1"]
    assert tocsin("config", "--edition", "2").stdout == FIRST
    assert tocsin("config", "--edition", "9").exit_code == 4


def test_a_check_says_what_the_file_does_and_what_would_change(
    stack: Stack, tocsin: Run, file: Path
) -> None:
    found = stack.accept("Who gets this?")

    result = tocsin("check", "tocsin.yaml")

    assert result.exit_code == 0
    assert "all events go to feed" in result.stdout
    row = [line for line in result.stdout.splitlines() if found[-8:] in line]
    assert row[0].split("\t")[3:] == ["ops", "feed"]
    assert live(stack) == ["ops"]


def test_a_check_looks_back_as_many_days_as_it_is_told(
    stack: Stack, tocsin: Run, file: Path
) -> None:
    found = stack.accept("Who got this?")
    stack.shift += 3 * 86_400_000

    lately = tocsin("check", "tocsin.yaml")
    longer = tocsin("check", "tocsin.yaml", "--days", "7")

    assert "nothing for 0 notifications of the last 24 hours" in lately.stdout
    assert "of 1 notification of the last 7 days, these would" in longer.stdout
    assert found[-8:] in longer.stdout


@pytest.mark.parametrize("days", ["0", "32", "many"])
def test_a_check_of_days_that_are_not_kept_to_is_refused(
    tocsin: Run, file: Path, days: str
) -> None:
    result = tocsin("check", "tocsin.yaml", "--days", days)

    assert result.exit_code == 2
    assert "--days" in result.stderr


def test_a_wrong_file_is_told_with_line_and_key(
    stack: Stack, tocsin: Run, file: Path
) -> None:
    file.write_text("routes:\n  - name: all\n    colour: red\n    to: [nobody]\n")

    result = tocsin("check", "tocsin.yaml")

    assert result.exit_code == 1
    assert "tocsin.yaml:3  routes.0.colour" in result.stderr
    assert "     3 │     colour: red" in result.stderr
    problem = json.loads(tocsin("check", "tocsin.yaml", "--json").stdout)
    assert problem["errors"][0]["field"] == "routes.0.colour"


def test_what_is_no_yaml_at_all_is_told_with_its_line(tocsin: Run, home: Path) -> None:
    (home / "t.yaml").write_text("routes: [")

    result = tocsin("check", "t.yaml")

    assert result.exit_code == 1
    assert "t.yaml:1" in result.stderr


def test_a_pipe_can_be_checked(stack: Stack, tocsin: Run, file: Path) -> None:
    assert tocsin("check", "-", piped=SECOND).exit_code == 0


def test_a_difference_is_shown_and_ends_with_1(
    stack: Stack, tocsin: Run, file: Path
) -> None:
    result = tocsin("diff", "tocsin.yaml")

    assert result.exit_code == 1
    assert "-    to: [ops]" in result.stdout.splitlines()
    assert "+    to: [feed]" in result.stdout.splitlines()
    assert json.loads(tocsin("diff", "tocsin.yaml", "--json").stdout)["etag"] == "2"


def test_no_difference_ends_with_0(stack: Stack, tocsin: Run, file: Path) -> None:
    file.write_text(FIRST)

    result = tocsin("diff", "tocsin.yaml")

    assert (result.exit_code, result.stdout) == (0, "")
    assert "nothing to do" in tocsin("apply", "tocsin.yaml").stderr


def test_applying_shows_the_change_and_asks_first(
    stack: Stack, tocsin: Run, file: Path
) -> None:
    result = tocsin("apply", "tocsin.yaml")

    assert result.exit_code == 2
    assert "+    to: [feed]" in result.stdout
    assert live(stack) == ["ops"]


def test_applying_with_yes_puts_it_live(stack: Stack, tocsin: Run, file: Path) -> None:
    result = tocsin("apply", "tocsin.yaml", "--yes")

    assert result.exit_code == 0
    assert live(stack) == ["feed"]
    assert "edition 3 is live everywhere" in result.stdout
    assert "tocsin config --edition 2" in result.stderr


def test_json_of_applying_is_the_api_s_report(
    stack: Stack, tocsin: Run, file: Path
) -> None:
    told = json.loads(tocsin("apply", "tocsin.yaml", "--yes", "--json").stdout)

    assert told["etag"] == "3"


def test_a_wrong_file_is_never_applied(stack: Stack, tocsin: Run, file: Path) -> None:
    file.write_text("routes: 3\n")

    assert tocsin("apply", "tocsin.yaml", "--yes").exit_code == 1
    assert live(stack) == ["ops"]


def test_another_s_change_meanwhile_is_not_overwritten(
    stack: Stack, tocsin: Run, file: Path
) -> None:
    def change_it_first(method: str, target: str, *rest: object) -> object:
        if method == "PUT":
            stack.respond = answered  # type: ignore[method-assign]
            headers = {"authorization": f"Bearer {KEYS['admin']}"}
            answered("PUT", target, headers, FIRST.replace("all", "mine").encode())
        return answered(method, target, *rest)  # type: ignore[arg-type]

    answered = stack.respond
    stack.respond = change_it_first  # type: ignore[method-assign, assignment]

    result = tocsin("apply", "tocsin.yaml", "--yes")

    assert result.exit_code == 4
    assert "someone was faster" in result.stderr
    assert stack.world.settings.settings.config.routes[0].name == "mine"


def test_a_key_that_may_not_is_told_which_scope_it_lacks(
    tocsin: Run, home: Path
) -> None:
    result = tocsin("config", key="ops")

    assert result.exit_code == 4
    assert "needs admin" in result.stderr
