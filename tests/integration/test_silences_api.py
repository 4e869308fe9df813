"""Silences over the API: made, listed, ended early."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.api import ApiWorld
from tests.fakes.clock import NOON
from tocsin.presenting import iso
from tocsin.rules.config import Config
from tocsin.settings import Settings
from tocsin.silences import MOST

HOUR = 3_600_000
TWO_HOURS = {"match": {"type": "db.*", "data.score": ">=80"}, "for": "2h"}


def test_a_silence_is_made_listed_and_ended(world: ApiWorld) -> None:
    wanted = {**TWO_HOURS, "comment": "upgrade", "kind": "maintenance"}
    made = world.call("POST", "/v1/silences", wanted, key="ops")

    assert made.status == 201
    assert {**made.json, "id": ""} == {
        "id": "",
        "kind": "maintenance",
        "match": {"type": ["db.*"], "data": {"score": ">=80"}},
        "starts_at": iso(NOON),
        "ends_at": iso(NOON + 2 * HOUR),
        "recurring": None,
        "author": "ops",
        "comment": "upgrade",
        "created_at": iso(NOON),
        "state": "active",
        "active_until": iso(NOON + 2 * HOUR),
    }

    assert world.call("GET", "/v1/silences", key="ops").json["silences"] == [made.json]

    path = f"/v1/silences/{made.json['id']}"
    assert world.call("DELETE", path, key="ops").status == 204
    assert world.call("DELETE", path, key="ops").status == 404
    assert world.call("GET", "/v1/silences", key="ops").json["silences"] == []


def test_a_silence_is_answered_when_it_holds_everywhere(world: ApiWorld) -> None:
    world.call("POST", "/v1/silences", TWO_HOURS)

    assert world.clock.now() >= NOON + 1_100


def test_the_latest_comes_first_and_what_is_over_says_so(world: ApiWorld) -> None:
    for hours in ("1h", "3h"):
        world.call("POST", "/v1/silences", {"match": {}, "for": hours})
    later = {"match": {}, "starts_at": iso(NOON + 9 * HOUR), "for": "1h"}
    world.call("POST", "/v1/silences", later)
    world.clock.at += 2 * HOUR
    listed = world.call("GET", "/v1/silences").json["silences"]

    assert [each["state"] for each in listed] == ["waiting", "active", "ended"]
    assert [each["active_until"] is None for each in listed] == [True, False, True]


def test_a_recurring_silence_is_on_the_clocks_of_the_file(world: ApiWorld) -> None:
    world.settings.settings = Settings(
        Config(timezone="Asia/Tokyo"), "0", {}, world.settings.settings.sources
    )
    hours = {"from": "22:00", "to": "02:00", "days": "weekend"}
    ours = world.call("POST", "/v1/silences", {"match": {}, "recurring": hours})
    own = {"match": {}, "recurring": {**hours, "timezone": "UTC"}}
    theirs = world.call("POST", "/v1/silences", own)

    expected = {**hours, "days": ["sat", "sun"]}
    assert ours.json["recurring"] == {**expected, "timezone": "Asia/Tokyo"}
    assert theirs.json["recurring"] == {**expected, "timezone": "UTC"}
    assert ours.json["ends_at"] is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"for": None}, ""),
        ({"ends_at": iso(NOON + 1)}, ""),
        ({"for": None, "ends_at": iso(NOON)}, "ends_at"),
        ({"starts_at": iso(NOON - 9 * HOUR)}, "for"),
        ({"starts_at": iso(NOON + 400 * 24 * HOUR)}, "for"),
        (
            {"for": None, "ends_at": iso(NOON + 1), "starts_at": iso(NOON + 2)},
            "ends_at",
        ),
        ({"for": "soon"}, "for"),
        ({"starts_at": 5}, "starts_at"),
        ({"match": {"data": {"a": ">=x"}}}, "match.data.a"),
        ({"match": {"labels": {"a": "/(/"}}}, "match.labels.a"),
        ({"recurring": {"from": "1", "to": "02:00"}}, "recurring.from"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_bad_silence_is_refused_and_changes_nothing(
    world: ApiWorld, change: dict[str, Any], field: str
) -> None:
    before = world.settings.settings
    reply = world.call("POST", "/v1/silences", {**TWO_HOURS, **change})

    assert reply.status == 422
    assert reply.fields == [field]
    assert world.settings.settings is before


def test_there_is_a_limit_which_those_over_do_not_count_towards(
    world: ApiWorld,
) -> None:
    for _ in range(MOST):
        assert world.call("POST", "/v1/silences", TWO_HOURS).status == 201

    assert world.call("POST", "/v1/silences", TWO_HOURS).status == 409
    world.clock.at += 2 * HOUR
    assert world.call("POST", "/v1/silences", TWO_HOURS).status == 201


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/v1/silences"), ("POST", "/v1/silences"), ("DELETE", "/v1/silences/x")],
)
def test_a_key_that_may_only_send_may_not_silence(
    world: ApiWorld, method: str, path: str
) -> None:
    body = TWO_HOURS if method == "POST" else None

    assert world.call(method, path, body, key="shop").status == 403
