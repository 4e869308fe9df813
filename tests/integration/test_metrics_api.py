"""Figures over HTTP: what they say, to whom, and that they are not asked for too often."""

from __future__ import annotations

import pytest

from tests.fakes.api import ApiWorld
from tests.integration.operating import kill, told
from tests.integration.test_openapi import conform
from tocsin.api.metrics import FRESH_MS


def test_it_tells_states_success_latency_and_what_waits(world: ApiWorld) -> None:
    (one, _) = told(world, "a", "b")
    kill(world, one)
    reply = world.call("GET", "/v1/metrics", query={"minutes": "60"}, key="ops")
    conform(reply, "GET", "/v1/metrics")
    found = reply.json

    assert found["states"] == {"dead_letter": 1, "queued": 1}
    assert found["success"] == 0
    assert found["queue"]["waiting"] == 1
    assert found["queue"]["oldest_since"].endswith("Z")
    assert found["latency"] == {
        "count": 0,
        "p50_ms": None,
        "p95_ms": None,
        "longest_ms": None,
    }
    assert sum(sum(slot["states"].values()) for slot in found["slots"]) == 2
    (tally,) = found["destinations"].values()
    assert tally == {"states": found["states"], "last_sent_at": None}


def test_one_answer_serves_for_a_few_seconds(world: ApiWorld) -> None:
    assert world.call("GET", "/v1/metrics").json["notifications"] == 0
    told(world, "a")
    assert world.call("GET", "/v1/metrics").json["notifications"] == 0
    other = world.call("GET", "/v1/metrics", query={"minutes": "90"}).json
    assert other["notifications"] == 1

    world.clock.at += FRESH_MS
    assert world.call("GET", "/v1/metrics").json["notifications"] == 1


@pytest.mark.parametrize("minutes", ["4", "10081", "many", "-1"])
def test_a_span_out_of_bounds_is_refused(world: ApiWorld, minutes: str) -> None:
    reply = world.call("GET", "/v1/metrics", query={"minutes": minutes})

    assert (reply.status, reply.fields) == (422, ["query.minutes"])


def test_who_may_only_send_may_not_see_them(world: ApiWorld) -> None:
    assert world.call("GET", "/v1/metrics", key="shop").status == 403
    assert world.call("GET", "/v1/metrics", key=None).status == 401
