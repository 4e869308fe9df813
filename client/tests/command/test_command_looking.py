"""`list`, `show`, `tail`: what people and programs see."""

from __future__ import annotations

import json
from typing import Any

import pytest

from client.tests.command.conftest import Run
from client.tests.command.stack import Stack
from tocsin_client.command.tailing import Watch


def rows(text: str) -> list[list[str]]:
    return [line.split("\t") for line in text.splitlines()]


def test_a_pipe_gets_one_line_for_each_with_tabs(stack: Stack, tocsin: Run) -> None:
    stack.furnish("ops")
    first, second = stack.accept("First"), stack.accept("Second", severity="high")
    stack.deliver()

    result = tocsin("list")

    assert [row[0] for row in rows(result.stdout)] == [second, first]
    assert rows(result.stdout)[0][2:] == ["high", "Second", "sent", "ops=sent", "test"]


@pytest.mark.parametrize(
    ("asked", "titles"),
    [
        (["--severity", ">=high"], ["Bad"]),
        (["--type", "disk.*"], ["Full"]),
        (["--status", "suppressed", "--limit", "1"], ["Full"]),
        (["--state", "firing"], ["Bad"]),
        (["--branch", "prod"], ["Full"]),
        (["--source", "nobody"], []),
        (["--destination", "ops"], []),
        (["--until", "1d"], []),
    ],
)
def test_a_list_is_filtered(
    stack: Stack, tocsin: Run, asked: list[str], titles: list[str]
) -> None:
    stack.accept("Bad", severity="critical", state="firing")
    stack.accept("Full", type="disk.full", branch="prod")

    assert [row[3] for row in rows(tocsin("list", *asked).stdout)] == titles


def test_a_long_list_follows_the_pages(stack: Stack, tocsin: Run) -> None:
    for number in range(130):
        stack.accept(f"Number {number}")

    assert len(rows(tocsin("list", "--limit", "120").stdout)) == 120
    assert len(rows(tocsin("list").stdout)) == 20


def test_an_empty_list_says_so_beside_the_result(tocsin: Run) -> None:
    result = tocsin("list")

    assert not result.stdout
    assert "nothing fits" in result.stderr


def test_json_of_a_list_has_the_api_s_shape(stack: Stack, tocsin: Run) -> None:
    stack.accept("One")

    told = json.loads(tocsin("list", "--json").stdout)

    page = stack.call("GET", "/v1/notifications")
    assert {**told, "reached": ""} == {**page, "reached": ""}
    assert told["reached"] <= page["reached"]  # 30 days before each


def test_a_wrong_filter_is_refused_by_name(tocsin: Run) -> None:
    result = tocsin("list", "--status", "lost")

    assert result.exit_code == 4
    assert "query.status" in result.stderr


def test_a_story_holds_what_happened_and_why(stack: Stack, tocsin: Run) -> None:
    stack.furnish("ops", "feed")
    told = {
        "labels": {"team": "data"},
        "links": [{"label": "Run", "url": "https://r.io"}],
    }
    found = stack.accept("Disk full", state="firing", message="98 % used", **told)
    stack.deliver()
    tocsin("ack", found, "--note", "on my way")

    story = tocsin("show", found)

    for part in (
        "Disk full",
        "98 % used",
        "team",
        "https://r.io",
        "sent → ops",
        "sent → feed",
        "acknowledged by admin: on my way",
        "route all",
        found,
    ):
        assert part in story.stdout
    assert f"tocsin resolve {found[-8:]}" in story.stderr


def test_how_far_a_message_came_is_told(stack: Stack, tocsin: Run) -> None:
    stack.furnish("phone")
    found = stack.accept("Disk full")
    stack.deliver()
    assert "read" not in tocsin("show", found).stdout
    stack.tell(found, "read")

    story = tocsin("show", found).stdout
    assert " · read" in story
    assert "read → phone" in story


def test_a_dead_delivery_is_told_with_its_reason_and_what_to_do(
    stack: Stack, tocsin: Run
) -> None:
    stack.furnish("ops")
    found = stack.accept("Disk full")
    stack.kill("the webhook was deleted")

    story = tocsin("show", found)

    assert "✗ dead letter" in story.stdout
    assert "the webhook was deleted" in story.stdout
    assert f"tocsin replay {found[-8:]}" in story.stderr


def test_of_many_routes_passed_over_few_are_told(stack: Stack, tocsin: Run) -> None:
    stack.furnish("ops")
    others = [
        {"name": f"r{number}", "match": {"type": "x"}, "to": ["ops"]}
        for number in range(20)
    ]
    last = {"name": "last", "to": ["ops"]}
    stack.call("PUT", "/v1/config", {"routes": [*others, last]})

    shown = tocsin("show", stack.accept("One")).stdout

    assert shown.count("passed over: ") == 6
    assert "14 more routes passed over" in shown
    assert "route last" in shown


def test_the_end_of_an_id_is_enough_in_any_case(stack: Stack, tocsin: Run) -> None:
    found = stack.accept("One")
    stack.accept("Two")

    assert found in tocsin("show", found[-8:].upper()).stdout


def test_json_of_one_is_the_api_s_own(stack: Stack, tocsin: Run) -> None:
    found = stack.accept("One")

    told = json.loads(tocsin("show", found, "--json").stdout)

    assert told == stack.call("GET", f"/v1/notifications/{found}")


@pytest.mark.parametrize(
    ("given", "code"), [("abc", 2), ("not an id!", 2), ("zzzzzzzz", 4), ("0" * 26, 4)]
)
def test_an_id_that_names_nothing(tocsin: Run, given: str, code: int) -> None:
    result = tocsin("show", given)

    assert result.exit_code == code
    assert not result.stdout


def test_an_end_that_several_share_lists_them(stack: Stack, tocsin: Run) -> None:
    ids = [stack.accept(f"Number {number}") for number in range(2)]
    kept = stack.world.ledger.kept
    twin = ids[0][:10] + "0000000000" + ids[1][-6:]
    kept[twin] = type(kept[ids[0]])(**{**_values(kept[ids[0]]), "id": twin})

    result = tocsin("show", twin[-6:])

    assert result.exit_code == 2
    assert ids[1] in result.stderr
    assert twin in result.stderr


def _values(notification: Any) -> dict[str, Any]:
    names = type(notification).__dataclass_fields__
    return {name: getattr(notification, name) for name in names}


def brief(number: int, status: str, **more: Any) -> dict[str, Any]:
    at = f"2026-11-21T08:00:{number:02}.000Z"
    head = {"id": f"id{number:02}", "status": status, "state": "notice"}
    return {**head, "occurrences": 1, "accepted_at": at, **more}


def test_following_tells_each_once_and_again_when_it_changes() -> None:
    watch = Watch()

    assert [
        each["id"] for each in watch.news([brief(2, "sent"), brief(1, "queued")])
    ] == [
        "id01",
        "id02",
    ]
    assert watch.news([brief(2, "sent"), brief(1, "queued")]) == []
    assert watch.news([brief(1, "sent")]) == [brief(1, "sent")]
    assert watch.news([brief(2, "sent", occurrences=2)]) != []


def test_following_looks_back_to_what_may_still_change() -> None:
    watch = Watch()
    assert watch.since == "1m"

    watch.news([brief(1, "queued"), brief(5, "sent")])
    assert watch.since == brief(1, "queued")["accepted_at"]

    watch.news([brief(1, "sent")])
    assert watch.since == brief(5, "sent")["accepted_at"]


def test_following_forgets_what_stays_unsettled_too_long() -> None:
    watch = Watch()

    watch.news([brief(number, "queued", id=f"id{number:04}") for number in range(50)])
    watch.news([brief(59, "failed", id=f"id{number:04}") for number in range(100, 400)])

    assert watch.since == brief(59, "failed")["accepted_at"]


def test_health_is_told_with_its_destinations(stack: Stack, tocsin: Run) -> None:
    stack.furnish("ops")

    well = tocsin("health")
    stack.world.health.disable("ops", stack.world.clock.now(), "it was deleted")
    ill = tocsin("health")

    assert well.exit_code == 0
    assert "no trouble known" in well.stdout
    assert ill.exit_code == 1
    assert "disabled: it was deleted" in ill.stdout
    assert tocsin("health", "--json").exit_code == 1


@pytest.mark.parametrize("width", ["60", "80", "100", "140"])
def test_every_table_keeps_its_marks_at_every_width(
    stack: Stack, tocsin: Run, width: str
) -> None:
    found = stack.accept("A title of some length, as they mostly have")

    shown = tocsin("list", FORCE_COLOR="1", NO_COLOR="1", COLUMNS=width).stdout

    assert found[-8:] in shown
    assert "○ suppressed" in shown
    assert ("TYPE" in shown) == (width in ("100", "140"))
