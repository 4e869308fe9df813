"""Notifications and dead letters by the API: read, searched, acted on, replayed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.fakes.api import ApiWorld
from tests.integration.operating import UNKNOWN_ID, kill, told
from tocsin.delivery import State
from tocsin.ports import Dead
from tocsin.presenting import iso


def test_a_notification_is_read_with_all_that_happened_to_it(world: ApiWorld) -> None:
    (one,) = told(world, "Disk is full", severity="high", branch="zh")
    kill(world, one)
    found = world.call("GET", f"/v1/notifications/{one}", key="ops").json

    assert found["status"] == "dead_letter"
    assert found["severity"] == "high"
    assert found["accepted_at"].endswith("Z")
    assert found["event"]["title"] == "Disk is full"
    assert found["trace"][-1]["rule"] == "route all"
    (delivery,) = found["deliveries"]
    assert delivery["reason"] == "webhook was deleted"
    assert delivery["log"][-1]["what"] == "dead_letter"


def test_a_delivery_tells_how_many_were_held_back_there(world: ApiWorld) -> None:
    (one,) = told(world, "Disk is full")
    (delivery,) = world.call("GET", f"/v1/notifications/{one}").json["deliveries"]
    assert delivery["held_back"] == 0
    row = world.ledger.kept[one]
    missed = {delivery["destination"]: 7, "elsewhere": 9}
    world.ledger.kept[one] = replace(row, missed=missed)
    (delivery,) = world.call("GET", f"/v1/notifications/{one}").json["deliveries"]

    assert delivery["held_back"] == 7


@pytest.mark.parametrize("name", ["nope", "0" * 26, UNKNOWN_ID, "z" * 26, "ß" * 26])
def test_a_notification_that_is_not_there_is_not_found(
    world: ApiWorld, name: str
) -> None:
    for method, path in (
        ("GET", f"/v1/notifications/{name}"),
        ("POST", f"/v1/notifications/{name}/acknowledge"),
        ("POST", f"/v1/notifications/{name}/resolve"),
        ("POST", f"/v1/notifications/{name}/replay"),
    ):
        assert world.call(method, path).status == 404


def test_searches_filter_and_page(world: ApiWorld) -> None:
    told(world, *"abcdef", type="aws.alarm", severity="high")
    told(world, "g", type="web.form")
    query = {"type": "aws.*", "severity": ">=medium", "since": "1h", "limit": "4"}
    titles: list[str] = []
    while True:
        page = world.call("GET", "/v1/notifications", query=query).json
        titles += [each["title"] for each in page["notifications"]]
        if not page["next"]:
            break
        query["cursor"] = page["next"]

    assert sorted(titles) == list("abcdef")


def test_words_are_searched_for_and_how_far_back_is_told(world: ApiWorld) -> None:
    told(world, "Disk of db-main is full")
    world.clock.at += 60_000
    told(world, "Disk of db-copy is full", "Backup failed")
    query = {"q": " DISK db-main ", "since": "1h"}
    page = world.call("GET", "/v1/notifications", query=query).json
    first = world.call("GET", "/v1/notifications", query={"limit": "2"}).json

    assert [each["title"] for each in page["notifications"]] == [
        "Disk of db-main is full"
    ]
    assert page["next"] == ""
    assert page["reached"] == iso(world.clock.now() - 3_600_000)
    assert first["reached"] == iso(world.clock.now())


def test_acknowledging_leaves_name_note_and_trail(world: ApiWorld) -> None:
    (one,) = told(world, "x", state="firing")
    done = world.call(
        "POST", f"/v1/notifications/{one}/acknowledge", {"note": "on it"}, key="ops"
    ).json

    assert (done["ack_by"], done["ack_note"], done["status"]) == (
        "ops",
        "on it",
        "acknowledged",
    )
    assert done["ack_at"] is not None
    assert done["actions"][-1]["actor"] == "ops"


def test_resolving_a_notice_is_a_conflict(world: ApiWorld) -> None:
    (one,) = told(world, "x")
    (problem,) = told(world, "y", state="firing")

    assert world.call("POST", f"/v1/notifications/{one}/resolve").status == 409
    done = world.call("POST", f"/v1/notifications/{problem}/resolve").json
    assert (done["state"], done["resolved_at"] is None) == ("resolved", False)


def test_a_dead_notification_is_replayed(world: ApiWorld) -> None:
    (one,) = told(world, "x")
    assert world.call("POST", f"/v1/notifications/{one}/replay").status == 409
    kill(world, one)
    done = world.call("POST", f"/v1/notifications/{one}/replay").json

    assert done["deliveries"][0]["status"] == "queued"
    assert done["deliveries"][0]["generation"] == 1


def test_dead_letters_are_counted_and_then_replayed(world: ApiWorld) -> None:
    for one in told(world, "a", "b", "c", type="aws.x") + told(world, "d"):
        kill(world, one)
    listed = world.call("GET", "/v1/dead-letters", query={"limit": "2"}).json
    assert len(listed["dead_letters"]) == 2
    assert listed["dead_letters"][0]["reason"] == "webhook was deleted"
    rest = world.call("GET", "/v1/dead-letters", query={"cursor": listed["next"]}).json
    assert len(rest["dead_letters"]) == 2

    path = "/v1/dead-letters/replay"
    asked = {"filter": {"type": "aws.*", "destination": "ops"}}
    counted = world.call("POST", path, {**asked, "dry_run": True}).json
    assert (counted["matched"], counted["replayed"]) == (3, 0)
    assert counted["by_destination"] == {"ops": 3}

    done = world.call("POST", path, asked).json
    assert (done["matched"], done["replayed"], done["more"]) == (3, 3, False)
    assert world.call("POST", path).json["replayed"] == 1
    assert world.call("POST", path).json["matched"] == 0


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"filter": {"typ": "x"}}, "filter.typ"),
        ({"filter": {"since": "soon"}}, "filter.since"),
        ({"filter": {"severity": "worst"}}, "filter.severity"),
        ({"dry_run": "maybe"}, "dry_run"),
        ({"filter": {"until": "2d", "since": "1d"}}, "filter.since"),
    ],
)
def test_a_wrong_filter_replays_nothing(
    world: ApiWorld, body: dict[str, Any], field: str
) -> None:
    (one,) = told(world, "a")
    kill(world, one)
    reply = world.call("POST", "/v1/dead-letters/replay", body)

    assert (reply.status, reply.fields) == (422, [field])
    assert world.ledger.kept[one].deliveries["ops"].state is State.DEAD_LETTER


def test_dead_letters_without_their_notification_are_left_out(world: ApiWorld) -> None:
    """Retention may take the notification first."""
    world.ledger.dead = lambda **_: ([Dead(UNKNOWN_ID, "ops", 5)], "")  # type: ignore[method-assign]

    assert world.call("GET", "/v1/dead-letters").json["dead_letters"] == []
