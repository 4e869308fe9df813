"""`ack`, `resolve`, `replay`, `dead-letters`: what changes, and what does not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from client.tests.command.conftest import Run, environment
from client.tests.command.stack import Stack
from client.tests.command.terminal import Terminal
from tocsin.delivery import State
from tocsin_client.command.dead_letters import grouped


def test_several_are_acknowledged_with_one_note(stack: Stack, tocsin: Run) -> None:
    ids = [stack.accept(f"Number {number}", state="firing") for number in range(2)]

    result = tocsin("ack", *ids, "--note", "on it")

    assert result.exit_code == 0
    kept = [stack.world.ledger.kept[each] for each in ids]
    assert [(each.ack_by, each.ack_note) for each in kept] == [("admin", "on it")] * 2
    assert "acknowledged" in result.stdout


def test_one_that_fails_does_not_stop_the_others(stack: Stack, tocsin: Run) -> None:
    found = stack.accept("There", state="firing")

    result = tocsin("ack", "0" * 26, found)

    assert result.exit_code == 4
    assert stack.world.ledger.kept[found].ack_by == "admin"
    assert "1 of 2 could not be done" in result.stderr


def test_a_problem_is_resolved_once(stack: Stack, tocsin: Run) -> None:
    found = stack.accept("Down", state="firing")

    assert tocsin("resolve", found[-8:], "-n", "restarted").exit_code == 0
    again = tocsin("resolve", found)

    assert stack.world.ledger.kept[found].state == "resolved"
    assert again.exit_code == 4
    assert "resolved already" in again.stderr


def test_what_is_dead_is_replayed(stack: Stack, tocsin: Run) -> None:
    stack.furnish("ops", "feed")
    found = stack.accept("Down")
    stack.kill()

    result = tocsin("replay", found, "--destination", "ops")

    assert result.exit_code == 0
    assert stack.states(found) == {"ops": State.QUEUED, "feed": State.DEAD_LETTER}


def test_what_is_dead_goes_to_another_destination(stack: Stack, tocsin: Run) -> None:
    stack.furnish("ops")
    found = stack.accept("Down")
    stack.kill()
    stack.furnish("ops", "feed")

    result = tocsin("replay", found, "--to", "feed")

    assert result.exit_code == 0, result.stderr
    assert stack.states(found) == {"ops": State.CANCELLED, "feed": State.QUEUED}


def test_what_is_not_open_is_not_replayed_as_open(stack: Stack, tocsin: Run) -> None:
    stack.furnish("ops")
    found = stack.accept("Down")
    stack.kill()

    result = tocsin("replay", found, "--only-open")

    assert result.exit_code != 0
    assert "not open" in result.stderr
    assert stack.states(found) == {"ops": State.DEAD_LETTER}


def test_only_open_problems_go_to_another_destination(
    stack: Stack, tocsin: Run
) -> None:
    stack.furnish("ops")
    problem = stack.accept("Down", state="firing")
    notice = stack.accept("Hello")
    stack.kill()
    stack.furnish("ops", "feed")

    count = tocsin("dead-letters", "replay", "--dry-run")
    assert "2 dead letters, 1 still open" in count.stderr
    args = ("dead-letters", "replay", "--only-open", "--to", "feed", "--yes")
    result = tocsin(*args)

    assert result.exit_code == 0, result.stderr
    assert "replayed 1 dead letter to feed" in result.stdout
    assert stack.states(problem) == {"ops": State.CANCELLED, "feed": State.QUEUED}
    assert stack.states(notice) == {"ops": State.DEAD_LETTER}


def test_both_letters_of_one_notification_go_to_one_of_their_destinations(
    stack: Stack, tocsin: Run
) -> None:
    stack.furnish("ops", "feed")
    found = stack.accept("Down")
    stack.kill()

    result = tocsin("dead-letters", "replay", "--to", "feed", "--yes")

    assert result.exit_code == 0, result.stderr
    assert "replayed 2 dead letters to feed" in result.stdout
    assert stack.states(found) == {"ops": State.CANCELLED, "feed": State.QUEUED}


def test_dead_letters_are_listed_with_their_reasons(stack: Stack, tocsin: Run) -> None:
    stack.furnish("ops")
    found = stack.accept("Down")
    stack.kill("the webhook was deleted")

    result = tocsin("dead-letters")

    (row,) = result.stdout.splitlines()
    assert row.split("\t")[0] == found
    assert row.split("\t")[-1] == "the webhook was deleted"
    told = json.loads(tocsin("dead-letters", "--json").stdout)
    assert told == stack.call("GET", "/v1/dead-letters")


def test_no_dead_letters_is_good_news(tocsin: Run) -> None:
    result = tocsin("dead-letters")

    assert result.exit_code == 0
    assert "nothing is dead" in result.stderr


def test_letters_are_grouped_by_cause_whatever_numbers_it_holds() -> None:
    letters = [
        {"destination": "ops", "reason": f"gave up after {number} attempts"}
        for number in range(3)
    ]
    letters += [{"destination": "feed", "reason": "gone"}]

    groups = grouped(letters)

    assert [(each.destination, len(each.letters)) for each in groups] == [
        ("ops", 3),
        ("feed", 1),
    ]


def test_counting_changes_nothing(stack: Stack, tocsin: Run) -> None:
    stack.furnish("ops")
    stack.accept("Down")
    stack.kill()

    result = tocsin("dead-letters", "replay", "--dry-run")

    assert result.exit_code == 0
    assert "1 dead letter" in result.stderr
    assert len(stack.dead) == 1
    told = json.loads(tocsin("dead-letters", "replay", "--dry-run", "--json").stdout)
    assert told["by_destination"] == {"ops": 1}


def test_replaying_without_a_person_or_yes_changes_nothing(
    stack: Stack, tocsin: Run
) -> None:
    stack.furnish("ops")
    stack.accept("Down")
    stack.kill()

    result = tocsin("dead-letters", "replay")

    assert result.exit_code == 2
    assert "--yes" in result.stderr
    assert len(stack.dead) == 1


@pytest.mark.parametrize("as_json", [False, True])
def test_those_that_fit_are_replayed(stack: Stack, tocsin: Run, as_json: bool) -> None:
    stack.furnish("ops", "feed")
    ids = [stack.accept(f"Number {number}", type="disk.full") for number in range(3)]
    other = stack.accept("Other")
    stack.kill()

    shown = ["--json"] if as_json else []
    result = tocsin("dead-letters", "replay", "--type", "disk.*", "--yes", *shown)

    assert result.exit_code == 0, result.stderr
    for each in ids:
        assert set(stack.states(each).values()) == {State.QUEUED}
    assert set(stack.states(other).values()) == {State.DEAD_LETTER}
    if as_json:
        told = json.loads(result.stdout)
        assert (told["matched"], told["replayed"], told["more"]) == (6, 6, False)
        assert told["by_destination"] == {"feed": 3, "ops": 3}
        assert told["dry_run"] is False
    else:
        assert "replayed 6 dead letters" in result.stdout


def test_a_filter_that_fits_nothing_asks_nothing(stack: Stack, tocsin: Run) -> None:
    result = tocsin("dead-letters", "replay", "--destination", "ops")

    assert result.exit_code == 0
    assert "no dead letter fits" in result.stderr


@pytest.mark.parametrize(
    ("typed", "code", "left"),
    [("n\n", 1, 1), ("\n", 1, 1), ("y\n", 0, 0), ("\x04", 130, 1)],
)
def test_a_person_is_asked_and_only_yes_means_yes(
    stack: Stack, home: Path, typed: str, code: int, left: int
) -> None:
    stack.furnish("ops")
    stack.accept("Down")
    stack.kill()
    terminal = Terminal(environment(stack), "dead-letters", "replay")

    terminal.type(typed, after="Send 1 dead letter again? [y/N]")

    assert terminal.end() == code
    assert len(stack.dead) == left


def test_a_person_sees_how_far_replaying_has_come_and_a_pipe_does_not(
    stack: Stack, tocsin: Run, home: Path
) -> None:
    stack.furnish("ops")
    for number in range(3):
        stack.accept(f"Down {number}")
    stack.kill()

    terminal = Terminal(environment(stack), "dead-letters", "replay", "--yes")
    code = terminal.end()
    stack.accept("Down again")
    stack.kill()
    piped = tocsin("dead-letters", "replay", "--yes")

    assert code == piped.exit_code == 0
    assert b"replaying" in terminal.seen
    assert b"3/3" in terminal.seen
    assert "replaying" not in piped.stderr
    assert stack.dead == []
