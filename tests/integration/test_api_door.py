"""The operate API's way in: paths, methods, scopes, queries and bodies."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.api import KEYS, ApiWorld, api_event
from tests.integration.operating import HOOK, UNKNOWN_ID, put_ops, told
from tocsin.settings import Scope

ROOT = Path(__file__).resolve().parents[2]


def test_an_unknown_path_is_a_problem_document(world: ApiWorld) -> None:
    reply = world.call("GET", "/v1/nothing", key=None)

    assert reply.status == 404
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert reply.json["type"] == "urn:tocsin:problem:notfound"


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("GET", "/v1/events", "POST"),
        ("GET", "/v1/hooks/github", "POST"),
        ("GET", "/v1/attachments", "POST"),
        ("GET", "/v1/interactions/discord", "POST"),
        ("PUT", "/v1/hooks/grafana/token", "GET, POST"),
        ("DELETE", "/v1/config", "GET, PUT"),
        ("POST", "/v1/destinations/ops", "DELETE, GET, PUT"),
        ("PATCH", f"/v1/notifications/{UNKNOWN_ID}", "GET"),
        ("HEAD", "/v1/health", "GET"),
    ],
)
def test_a_wrong_method_names_the_right_ones(
    world: ApiWorld, method: str, path: str, allow: str
) -> None:
    reply = world.call(method, path)

    assert (reply.status, reply.headers["allow"]) == (405, allow)


def test_paths_of_other_functions_are_known_by_their_methods(world: ApiWorld) -> None:
    template = (ROOT / "template.yaml").read_text()
    routes = re.findall(r"RouteKey: ([A-Z]+) (/\S+)", template)

    assert len(routes) >= 6
    for method, path in routes:
        reply = world.call("DELETE", re.sub(r"\{\w+\}", "x", path))
        assert reply.status == 405, path
        assert method in reply.headers["allow"].split(", "), path


def test_a_name_that_no_path_can_hold_is_not_a_wrong_method(world: ApiWorld) -> None:
    assert world.call("GET", "/v1/notifications/\N{COLLISION SYMBOL}").status == 404


def every_operation() -> list[tuple[str, str, Scope | None, bool]]:
    return [
        (each.method, each.path, each.scope, each.open)
        for each in ApiWorld().operations
    ]


@pytest.mark.parametrize(("method", "path", "scope", "is_open"), every_operation())
def test_every_operation_asks_for_its_scope(
    world: ApiWorld, method: str, path: str, scope: Scope | None, is_open: bool
) -> None:
    path = path.replace("{id}", UNKNOWN_ID).replace("{name}", "ops")
    statuses = {
        key: world.call(method, path, key=key).status
        for key in (None, "toc_unknown", "shop", "ops")
    }

    if scope is None:
        # A link that is not one of ours is nowhere, with or without a key.
        assert set(statuses.values()) == ({404} if "{link}" in path else {200})
        return
    assert statuses["toc_unknown"] == 401
    assert statuses["shop"] == (200 if scope is Scope.INGEST else 403)
    assert statuses[None] == (200 if is_open else 401)
    assert (statuses["ops"] == 403) is (scope is not Scope.OPERATE)


def test_scopes_are_those_of_the_contract() -> None:
    admin = ("/v1/config", "/v1/destinations", "/v1/sources")
    for _, path, scope, _ in every_operation():
        if path.startswith(admin):
            assert scope is Scope.ADMIN, path
        elif path.startswith(("/v1/notifications", "/v1/dead-letters")):
            assert scope is Scope.OPERATE, path


def test_liveness_needs_no_key_and_details_do(world: ApiWorld) -> None:
    put_ops(world)
    world.health.disable("ops", world.clock.now(), "gone")

    assert world.call("GET", "/v1/health", key=None).json == {"status": "ok"}

    told_more = world.call("GET", "/v1/health", key="ops").json
    assert told_more["status"] == "degraded"
    assert told_more["destinations"]["ops"]["disabled_reason"] == "gone"


def test_an_unknown_query_parameter_is_named(world: ApiWorld) -> None:
    reply = world.call("GET", "/v1/notifications", query={"severty": "high"})

    assert (reply.status, reply.fields) == (422, ["query.severty"])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("limit", "0"),
        ("limit", "101"),
        ("limit", "ten"),
        ("severity", ">=terrible"),
        ("severity", "high,>=low"),
        ("status", "asleep"),
        ("state", "open"),
        ("since", "yesterday"),
        ("since", "2026-11-21T08:00:00"),
        ("until", "99999999999999d"),
        ("since", "0001-01-01T00:00:00Z"),
        ("cursor", "x"),
        ("cursor", "7" + "z" * 25),
    ],
)
def test_a_bad_query_value_is_named_and_never_breaks(
    world: ApiWorld, name: str, value: str
) -> None:
    reply = world.call("GET", "/v1/notifications", query={name: value})

    if (name, value) == ("since", "0001-01-01T00:00:00Z"):
        assert reply.status == 200
    else:
        assert (reply.status, reply.fields[0].split(".")[:2]) == (422, ["query", name])


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b'{"note": "\\ud800"}', 400),
        (b"[" * 50_000, 400),
        (b'{"note": NaN}', 400),
        (b"[]", 422),
        (b'{"note": 5}', 422),
        (b'{"nota": "x"}', 422),
        (b'{"note": "' + b"x" * 70_000 + b'"}', 413),
    ],
    ids=lambda value: str(value)[:16],
)
def test_a_bad_body_is_refused_and_changes_nothing(
    world: ApiWorld, body: bytes, status: int
) -> None:
    (one,) = told(world, "x")
    before = world.ledger.kept[one]
    reply = world.call("POST", f"/v1/notifications/{one}/acknowledge", body)

    assert reply.status == status
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert world.ledger.kept[one] == before


@pytest.mark.parametrize("media", ["", "application/x-www-form-urlencoded"])
def test_a_body_that_tools_send_without_a_type_is_read_as_json(
    world: ApiWorld, media: str
) -> None:
    (one,) = told(world, "x")
    path = f"/v1/notifications/{one}/acknowledge"
    sent = world.call("POST", path, {"note": "n"}, headers={"content-type": media})

    assert sent.json["ack_note"] == "n"


def test_another_content_type_is_unsupported(world: ApiWorld) -> None:
    (one,) = told(world, "x")
    path = f"/v1/notifications/{one}/acknowledge"
    reply = world.call("POST", path, b"<a/>", headers={"content-type": "text/xml"})

    assert (reply.status, reply.fields) == (415, ["Content-Type"])


def test_our_own_mistake_shows_and_logs_nothing_that_was_sent(
    world: ApiWorld, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError(HOOK)

    world.settings.put_destination = broken  # type: ignore[method-assign]
    reply = world.call(
        "PUT", "/v1/destinations/ops", {"channel": "discord", "url": HOOK}
    )

    assert reply.status == 500
    assert "s3cret" not in reply.body + caplog.text
    assert "RuntimeError" in caplog.text


def test_a_body_that_is_not_base64_is_malformed(world: ApiWorld) -> None:
    sent = api_event("POST", "/v1/sources", body=b"{}")
    sent["headers"] = {"authorization": f"Bearer {KEYS['admin']}"}
    sent["body"] = "!!!"

    assert world.handler(sent, None)["statusCode"] == 400
