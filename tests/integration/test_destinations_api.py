"""Destinations by the API: put, tried, looked at, deleted, their secrets kept."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.api import ApiWorld
from tests.integration.operating import HOOK, put_ops, told
from tocsin.ports import Kind, Outcome, Probe


def test_a_secret_goes_in_and_never_comes_out(world: ApiWorld) -> None:
    given = {"channel": "discord", "url": HOOK, "username": "Bell"}
    replies = [
        world.call("PUT", "/v1/destinations/ops", given),
        world.call("GET", "/v1/destinations/ops"),
        world.call("GET", "/v1/destinations"),
        world.call("GET", "/v1/config"),
    ]

    assert [reply.status for reply in replies] == [200] * 4
    assert replies[1].json == {
        "name": "ops",
        "channel": "discord",
        "username": "Bell",
        "secret_hint": "discord.com 123456789012345678",
    }
    assert not any("s3cret" in reply.body for reply in replies)
    assert "s3cret" not in repr(world.settings.settings)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"channel": "carrier-pigeon"}, "channel"),
        ({"url": HOOK}, "channel"),
        ({"channel": "discord", "url": "https://evil.example/api/webhooks/1/x"}, "url"),
        ({"channel": "discord", "url": HOOK, "colour": "red"}, "colour"),
    ],
)
def test_a_wrong_destination_names_the_field(
    world: ApiWorld, given: dict[str, Any], field: str
) -> None:
    reply = world.call("PUT", "/v1/destinations/ops", given)

    assert (reply.status, reply.fields) == (422, [field])
    assert world.settings.settings.destinations == {}
    assert world.vault.kept == {}
    assert "s3cret" not in reply.body


@pytest.mark.parametrize("name", ["Ops", "-x", "a b", "x" * 41])
def test_a_destination_has_a_plain_name(world: ApiWorld, name: str) -> None:
    given = {"channel": "fake", "url": HOOK}
    reply = world.call("PUT", f"/v1/destinations/{name}", given)

    assert reply.status in (404, 422)
    assert world.settings.settings.destinations == {}


def test_a_test_says_what_became_of_it(world: ApiWorld) -> None:
    put_ops(world)
    assert world.call("POST", "/v1/destinations/ops/test").json["ok"] is True

    world.provider.behaviour = lambda *_: Outcome(Kind.GONE, "404 Unknown Webhook")
    failed = world.call("POST", "/v1/destinations/ops/test").json
    assert (failed["ok"], failed["reason"]) == (False, "404 Unknown Webhook")
    assert "PUT /v1/destinations/ops" in failed["advice"]


def test_a_status_posts_nothing(world: ApiWorld) -> None:
    put_ops(world)
    world.health.note("ops", world.clock.now(), "500 from the provider")
    world.provider.probe = lambda target: Probe(False, "gone")  # type: ignore[method-assign]
    found = world.call("GET", "/v1/destinations/ops/status").json

    assert (found["ok"], found["reason"]) == (False, "gone")
    assert found["health"]["last_error"] == "500 from the provider"
    assert world.provider.posts == []


def test_a_destination_is_deleted_once_no_route_uses_it(world: ApiWorld) -> None:
    told(world, "x")
    refused = world.call("DELETE", "/v1/destinations/ops")
    assert refused.status == 409
    assert "all" in refused.json["detail"]

    world.call("PUT", "/v1/config", {"routes": []})
    assert world.call("DELETE", "/v1/destinations/ops").status == 204
    assert world.call("DELETE", "/v1/destinations/ops").status == 404
