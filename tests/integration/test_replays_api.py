"""Replaying over HTTP: counted first, as it was, only what is open, or elsewhere."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.api import ApiWorld
from tests.integration.operating import kill, put_ops, told
from tests.integration.test_openapi import conform
from tocsin.delivery import State

PATH = "/v1/dead-letters/replay"


@pytest.fixture
def world() -> ApiWorld:
    """`ops` takes everything, `backup` nothing."""
    world = ApiWorld()
    put_ops(world)
    put = {"channel": "fake", "url": "https://chat.example/2/t0ken"}
    assert world.call("PUT", "/v1/destinations/backup", put).status == 200
    return world


def dead(world: ApiWorld, *titles: str, **more: Any) -> list[str]:
    ids = told(world, *titles, **more)
    for each in ids:
        kill(world, each)
    return ids


def states(world: ApiWorld, name: str) -> dict[str, State]:
    found = world.ledger.kept[name].deliveries
    return {each: delivery.state for each, delivery in found.items()}


def replayed(world: ApiWorld, **body: Any) -> Any:
    reply = world.call("POST", PATH, body)
    assert reply.status == 200, reply.body
    conform(reply, "POST", PATH)
    return reply.json


def test_a_count_tells_how_many_are_still_open(world: ApiWorld) -> None:
    dead(world, "a", "b")
    dead(world, "c", state="firing")
    counted = replayed(world, dry_run=True)
    only = replayed(world, dry_run=True, only="open")

    assert (counted["matched"], counted["open"], counted["replayed"]) == (3, 1, 0)
    assert (only["matched"], only["open"]) == (1, 1)


def test_only_what_is_open_is_replayed(world: ApiWorld) -> None:
    [notice] = dead(world, "a")
    [problem] = dead(world, "c", state="firing")
    assert replayed(world, only="open")["replayed"] == 1

    assert states(world, notice) == {"ops": State.DEAD_LETTER}
    assert states(world, problem) == {"ops": State.QUEUED}


def test_letters_go_to_another_destination_and_say_by_whom(world: ApiWorld) -> None:
    ids = dead(world, "a", "b")
    done = replayed(world, to="backup")

    assert (done["replayed"], done["already"]) == (2, 0)
    for each in ids:
        assert states(world, each) == {
            "ops": State.CANCELLED,
            "backup": State.QUEUED,
        }
        found = world.call("GET", f"/v1/notifications/{each}").json
        assert found["actions"][-1]["actor"] == "admin"
        assert found["actions"][-1]["what"] == "replayed to backup"
        assert found["deliveries"][0]["reason"] == "replayed to backup by admin"
    assert world.call("GET", "/v1/dead-letters").json["dead_letters"] == []
    assert replayed(world, to="backup")["matched"] == 0


def test_one_notification_goes_to_another_destination(world: ApiWorld) -> None:
    [one, other] = dead(world, "a", "b")
    path = f"/v1/notifications/{one}/replay"
    reply = world.call("POST", path, {"to": "backup", "destination": "ops"})

    assert reply.status == 200
    assert states(world, one) == {"ops": State.CANCELLED, "backup": State.QUEUED}
    assert states(world, other) == {"ops": State.DEAD_LETTER}
    assert world.call("POST", path, {"to": "backup"}).status == 409


@pytest.mark.parametrize("many", [True, False])
@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"to": "nowhere"}, 422, ["to"]),
        ({"to": "No Name"}, 422, ["to"]),
        ({"only": "closed"}, 422, ["only"]),
        ({"to": "gone"}, 409, []),
    ],
)
def test_what_cannot_be_meant_changes_nothing(
    world: ApiWorld, many: bool, body: dict[str, str], status: int, field: list[str]
) -> None:
    put = {"channel": "fake", "url": "https://chat.example/3/t0ken"}
    world.call("PUT", "/v1/destinations/gone", put)
    world.health.disable("gone", world.clock.now(), "HTTP 404: Unknown Webhook")
    [one] = dead(world, "a", state="firing")
    row = world.ledger.kept[one]
    path = PATH if many else f"/v1/notifications/{one}/replay"
    reply = world.call("POST", path, body)

    assert (reply.status, reply.fields) == (status, field)
    assert world.ledger.kept[one] == row
    if status == 409:
        assert "gone' is disabled (HTTP 404: Unknown Webhook)" in reply.json["detail"]


def test_a_notice_is_not_replayed_as_open(world: ApiWorld) -> None:
    [one] = dead(world, "a")
    path = f"/v1/notifications/{one}/replay"

    assert world.call("POST", path, {"only": "open"}).status == 409
    assert states(world, one) == {"ops": State.DEAD_LETTER}


def test_many_are_replayed_a_few_at_a_time_and_each_once(world: ApiWorld) -> None:
    """What dies again meanwhile is left out, or this would never end."""
    ids = dead(world, *"abcdefg")
    counted = replayed(world, dry_run=True, limit=3)
    asked: dict[str, Any] = {"filter": {"until": counted["until"]}, "limit": 3}
    rounds = []
    for _ in range(9):
        world.clock.at += 1_000
        told_now = replayed(world, **asked)
        rounds.append(told_now["replayed"])
        for each in ids:
            if states(world, each)["ops"] is State.QUEUED:
                kill(world, each)
        if not told_now["more"]:
            break
        asked["cursor"] = told_now["next"]

    assert sum(rounds) == 7
    assert len(rounds) <= 6
    assert {world.ledger.kept[each].deliveries["ops"].generation for each in ids} == {1}


def test_what_lies_behind_many_that_do_not_fit_is_reached(world: ApiWorld) -> None:
    dead(world, *"abcde")
    [late] = dead(world, "late", type="rare")
    asked: dict[str, Any] = {"filter": {"type": "rare"}, "limit": 2}
    for _ in range(4):
        asked["cursor"] = replayed(world, **asked)["next"]

    assert states(world, late) == {"ops": State.QUEUED}
