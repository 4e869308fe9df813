"""The outlook over HTTP: what operators see of silences and quiet hours."""

from __future__ import annotations

import pytest

from tests.fakes.api import ApiWorld
from tests.integration.test_openapi import conform


@pytest.fixture
def world() -> ApiWorld:
    world = ApiWorld()
    quiet = {"from": "22:00", "to": "07:00"}
    routes = [{"name": "feed", "to": [], "quiet": quiet}]
    config = {"timezone": "Europe/Zurich", "routes": routes}
    assert world.call("PUT", "/v1/config", config).status == 200
    made = {"match": {"type": "db.*"}, "for": "2h", "comment": "moving the database"}
    assert world.call("POST", "/v1/silences", made, key="ops").status == 201
    return world


def test_an_operator_sees_silences_and_quiet_hours_in_order(world: ApiWorld) -> None:
    reply = world.call("GET", "/v1/outlook", key="ops")
    conform(reply, "GET", "/v1/outlook")
    found = reply.json
    starts = [each["starts_at"] for each in found["times"]]

    assert found["timezone"] == "Europe/Zurich"
    assert found["times"][0]["name"] == "moving the database"
    assert [each["kind"] for each in found["times"]] == ["silence", *["quiet"] * 7]
    assert found["times"][1]["except_for"] == [">=critical"]
    assert starts == sorted(starts)
    assert not found["more"]


@pytest.mark.parametrize("days", ["0", "32", "x"])
def test_days_out_of_bounds_are_refused(world: ApiWorld, days: str) -> None:
    reply = world.call("GET", "/v1/outlook", query={"days": days})

    assert (reply.status, reply.fields) == (422, ["query.days"])


@pytest.mark.parametrize("since", ["soon", "2026-11-21T08:00:00", "2031-01-01T00:00Z"])
def test_a_beginning_that_is_none_is_refused(world: ApiWorld, since: str) -> None:
    reply = world.call("GET", "/v1/outlook", query={"since": since})

    assert (reply.status, reply.fields) == (422, ["query.since"])


def test_an_operator_asks_about_days_far_ahead(world: ApiWorld) -> None:
    query = {"since": "2027-03-27T12:00:00Z", "days": "2"}
    found = world.call("GET", "/v1/outlook", query=query, key="ops").json

    assert found["since"] == "2027-03-27T12:00:00.000Z"
    assert [each["ends_at"][11:16] for each in found["times"]] == ["05:00", "05:00"]


def test_who_may_only_send_sees_nothing(world: ApiWorld) -> None:
    assert world.call("GET", "/v1/outlook", key="shop").status == 403
