"""The keys of sources by the API: good at once, until revoked or deleted."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.api import ApiWorld


def test_a_new_source_works_at_once_and_until_it_is_deleted(world: ApiWorld) -> None:
    made = world.call("POST", "/v1/sources", {"name": "ci", "scopes": ["operate"]})
    key = made.json["key"]
    assert made.status == 201
    assert world.call("GET", "/v1/dead-letters", key=key).status == 200

    rotated = world.call("POST", "/v1/sources/ci/rotate").json["key"]
    assert world.call("GET", "/v1/dead-letters", key=key).status == 200
    assert len(world.call("POST", "/v1/sources/ci/revoke").json["keys"]) == 1
    assert world.call("GET", "/v1/dead-letters", key=key).status == 401
    assert world.call("GET", "/v1/dead-letters", key=rotated).status == 200

    assert world.call("DELETE", "/v1/sources/ci").status == 204
    assert world.call("GET", "/v1/dead-letters", key=rotated).status == 401
    listed = world.call("GET", "/v1/sources").body
    assert key not in listed
    assert rotated not in listed


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "A b"}, "name"),
        ({"scopes": ["ingest"]}, "name"),
        ({"name": "x", "scopes": []}, "scopes"),
        ({"name": "x", "scopes": ["root"]}, "scopes.0"),
        ({"name": "x", "key": "mine"}, "key"),
    ],
)
def test_a_wrong_source_is_refused(
    world: ApiWorld, body: dict[str, Any], field: str
) -> None:
    reply = world.call("POST", "/v1/sources", body)

    assert (reply.status, reply.fields) == (422, [field])


def test_the_last_admin_cannot_be_deleted(world: ApiWorld) -> None:
    assert world.call("DELETE", "/v1/sources/admin").status == 409
