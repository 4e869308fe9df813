"""Sources by the API: what is asked of them, and secrets that never come back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.api import ApiWorld, Reply
from tocsin.errors import Conflict
from tocsin.intake import hooks
from tocsin.settings import Source

SECRET = "an-old-signing-secret"
NEWER = "a-newer-signing-secret"


@pytest.fixture
def world() -> ApiWorld:
    world = ApiWorld()
    assert world.call("POST", "/v1/sources", {"name": "ci"}).status == 201
    return world


def sign(
    world: ApiWorld, secret: str, scheme: str = "github", name: str = "ci"
) -> Reply:
    given = {"scheme": scheme, "secret": secret}
    return world.call("PUT", f"/v1/sources/{name}/signature", given)


def source(world: ApiWorld, name: str = "ci") -> dict[str, Any]:
    listed = world.call("GET", "/v1/sources").json["sources"]
    return next(each for each in listed if each["name"] == name)


def test_a_new_source_is_bounded_by_its_key_alone(world: ApiWorld) -> None:
    found = source(world)

    assert (found["types"], found["rate"]) == ([], 0)
    assert (found["signature"], found["options"]) == (None, {})


def test_what_is_left_out_stays_as_it_is(world: ApiWorld) -> None:
    world.call("PATCH", "/v1/sources/ci", {"types": ["ci.*", "git?"]})
    world.call("PATCH", "/v1/sources/ci", {"rate": 60})
    changed = world.call("PATCH", "/v1/sources/ci", {})

    assert changed.status == 200
    assert source(world)["types"] == ["ci.*", "git?"]
    assert source(world)["rate"] == 60

    world.call("PATCH", "/v1/sources/ci", {"types": [], "rate": 0})

    assert not world.settings.settings.sources["ci"].bounded


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"types": ["with space"]}, "types.0"),
        ({"types": "ci.*"}, "types"),
        ({"types": ["a"] * 51}, "types"),
        ({"rate": -1}, "rate"),
        ({"rate": "60"}, "rate"),
        ({"rate": True}, "rate"),
        ({"scopes": ["admin"]}, "scopes"),
        ({"options": []}, "options"),
        ({"options": {"nothing": {}}}, "options.nothing"),
    ],
)
def test_bounds_that_make_no_sense_are_refused_and_change_nothing(
    world: ApiWorld, body: Any, field: str
) -> None:
    before = source(world)

    reply = world.call("PATCH", "/v1/sources/ci", body)

    assert reply.status == 422
    assert reply.fields == [field]
    assert source(world) == before


def test_options_are_judged_by_their_adapter(
    world: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(hooks.ADAPTERS, "standard", "standard")

    wrong = world.call("PATCH", "/v1/sources/ci", {"options": {"standard": {"x": 1}}})
    right = {"standard": {"severity": "high"}}
    done = world.call("PATCH", "/v1/sources/ci", {"options": right})

    assert (wrong.status, wrong.fields) == (422, ["options.x"])
    assert done.json["options"] == right


def test_a_second_secret_is_live_beside_the_first_and_then_alone(
    world: ApiWorld,
) -> None:
    assert sign(world, SECRET).status == 200
    assert sign(world, NEWER).status == 200
    assert len(source(world)["signature"]["secrets"]) == 2
    assert sorted(world.signing_vault.kept.values()) == [NEWER, SECRET]
    third = sign(world, "a-third-signing-secret")
    assert third.status == 409
    assert "revoke" in third.json["detail"]

    left = world.call("POST", "/v1/sources/ci/signature/revoke")

    assert len(left.json["signature"]["secrets"]) == 1
    assert list(world.signing_vault.kept.values()) == [NEWER]
    assert world.call("POST", "/v1/sources/ci/signature/revoke").status == 409


def test_a_secret_never_comes_back(world: ApiWorld) -> None:
    replies = [
        sign(world, SECRET),
        world.call("GET", "/v1/sources"),
        world.call("PATCH", "/v1/sources/ci", {"rate": 5}),
        sign(world, "short"),
    ]

    for reply in replies:
        assert SECRET not in reply.body
        assert "short" not in reply.body
    assert SECRET not in repr(world.settings.settings)


def test_another_scheme_takes_the_place_of_the_first(world: ApiWorld) -> None:
    sign(world, SECRET)
    sign(world, NEWER, scheme="sentry")

    assert source(world)["signature"]["scheme"] == "sentry"
    assert list(world.signing_vault.kept.values()) == [NEWER]


@pytest.mark.parametrize("path", ["/v1/sources/ci/signature", "/v1/sources/ci"])
def test_deleting_forgets_the_secrets(world: ApiWorld, path: str) -> None:
    sign(world, SECRET)
    sign(world, NEWER)

    assert world.call("DELETE", path).status == 204
    assert world.signing_vault.kept == {}


def test_no_signature_may_be_deleted_again(world: ApiWorld) -> None:
    assert world.call("DELETE", "/v1/sources/ci/signature").status == 204
    assert source(world)["signature"] is None


@pytest.mark.parametrize(
    ("scheme", "secret", "field"),
    [
        ("md5", SECRET, "scheme"),
        ("github", "short", "secret"),
        ("standard", "whsec_not-base64!!", "secret"),
    ],
)
def test_a_signature_that_cannot_work_is_refused(
    world: ApiWorld, scheme: str, secret: str, field: str
) -> None:
    reply = sign(world, secret, scheme)

    assert (reply.status, reply.fields) == (422, [field])
    assert world.signing_vault.kept == {}


def test_who_administers_does_not_sign(world: ApiWorld) -> None:
    """Its key would still open the other doors, unsigned."""
    assert sign(world, SECRET, name="admin").status == 409


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "/v1/sources/nope", {"rate": 1}),
        ("PUT", "/v1/sources/nope/signature", {"scheme": "github", "secret": SECRET}),
        ("POST", "/v1/sources/nope/signature/revoke", None),
        ("DELETE", "/v1/sources/nope/signature", None),
    ],
)
def test_a_source_that_is_not_there_is_not_found(
    world: ApiWorld, method: str, path: str, body: Any
) -> None:
    assert world.call(method, path, body).status == 404


def test_a_write_that_loses_leaves_no_secret_behind(
    world: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose(new: Source, *, old: Source | None) -> None:
        raise Conflict("it changed")

    monkeypatch.setattr(world.settings, "put_source", lose)

    assert sign(world, SECRET).status == 409
    assert world.signing_vault.kept == {}
