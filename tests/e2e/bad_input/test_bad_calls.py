"""Bad calls: keys, methods, paths and queries that a call refuses."""

from __future__ import annotations

import pytest

from tests.e2e.bad_input.asking import NO_ID, PARAMETERS, Operation, call, refused
from tests.e2e.stack import Stack


@pytest.mark.parametrize("authorization", [None, "Bearer ", "Bearer wrong"])
def test_no_key_and_a_wrong_key(
    stack: Stack, operations: list[Operation], authorization: str | None
) -> None:
    for operation in operations:
        headers = {} if authorization is None else {"Authorization": authorization}
        if operation.open and (authorization is None or not operation.scopes):
            continue
        reply = call(stack, operation, b"{}", key=None, headers=headers)
        refused(operation, reply, 401)
        assert "bearer" in reply.headers["WWW-Authenticate"].lower()


@pytest.mark.parametrize(
    "authorization",
    [
        "Bearer",
        "Bearer toc_0000000000000000000000000000000000000000",
        "Basic YWRtaW46YWRtaW4=",
        "bearer\twrong",
        f"Bearer {'x' * 4000}",
        "Bearer schlüssel",
    ],
)
def test_strange_keys(stack: Stack, authorization: str) -> None:
    headers = {"Authorization": authorization}
    for method, path in (("POST", "/v1/events"), ("GET", "/v1/sources")):
        body = b"{}" if method == "POST" else None
        reply = stack.call(method, path, body, key=None, headers=headers)
        refused(f"{method} {path}", reply, 401)


def test_a_key_of_another_scope(stack: Stack, operations: list[Operation]) -> None:
    for operation in operations:
        if operation.scopes and "ingest" not in operation.scopes:
            reply = call(stack, operation, b"{}", key="ingest")
            refused(operation, reply, 403)
            assert operation.scopes[0] in reply.json["detail"]


def test_wrong_methods(stack: Stack, operations: list[Operation]) -> None:
    known: dict[str, set[str]] = {}
    for operation in operations:
        known.setdefault(operation.path, set()).add(operation.method)
    for path, methods in known.items():
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} - methods:
            bare = method in ("GET", "OPTIONS")
            reply = stack.call(method, path, None if bare else b"{}")
            refused(f"{method} {path}", reply, 405)
            assert set(reply.headers["Allow"].split(", ")) == methods


@pytest.mark.parametrize(
    "path",
    [
        "/v1",
        "/v1/",
        "/v1/event",
        "/v1/events/",
        "/v2/events",
        "/v1/notifications/",
        "/v1/notifications/a/b",
        "/v1/config/..%2f..%2fevents",
        "/V1/health",
        "/v1/%00",
        "/v1/%ff%fe",
    ],
)
def test_wrong_paths(stack: Stack, path: str) -> None:
    for method in ("GET", "POST"):
        body = b"{}" if method == "POST" else None
        refused(f"{method} {path}", stack.call(method, path, body), 404, 405)


@pytest.mark.parametrize(
    "name", ["x", "7" * 26, "8" + "0" * 25, "%F0%9F%92%A5", "a" * 500]
)
def test_ids_that_are_none(
    stack: Stack, operations: list[Operation], name: str
) -> None:
    for operation in operations:
        if NO_ID in operation.path or PARAMETERS["name"] in operation.path:
            path = operation.path.replace(NO_ID, name)
            path = path.replace(PARAMETERS["name"], f"no-{name}")
            body = b"{}" if operation.media else None
            reply = stack.call(operation.method, path, body)
            refused(f"{operation.method} {path}", reply, 404, 422)


def test_unknown_query_parameters(stack: Stack, operations: list[Operation]) -> None:
    for operation in operations:
        if operation.scopes:
            body = b"{}" if operation.media else None
            reply = call(stack, operation, body, query="?colour=blue")
            refused(operation, reply, 422, faults=True)
            assert "colour" in reply.body.decode()


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/v1/notifications?limit=0", "limit"),
        ("/v1/notifications?limit=many", "limit"),
        ("/v1/notifications?limit=1e9", "limit"),
        ("/v1/notifications?status=lost", "status"),
        ("/v1/notifications?state=on", "state"),
        ("/v1/notifications?severity=loud", "severity"),
        ("/v1/notifications?since=yesterday", "since"),
        ("/v1/notifications?since=2026-11-21T08:00:00", "since"),
        ("/v1/notifications?since=1h&until=2h", "since"),
        ("/v1/notifications?cursor=somewhere", "cursor"),
        (f"/v1/notifications?cursor={'z' * 26}", "cursor"),
        (f"/v1/notifications?type={'x' * 500}", "type"),
        ("/v1/dead-letters?limit=-1", "limit"),
        ("/v1/dead-letters?cursor=1%232%233", "cursor"),
        ("/v1/config?etag=latest", "etag"),
    ],
)
def test_query_parameters_that_mean_nothing(
    stack: Stack, path: str, field: str
) -> None:
    reply = stack.call("GET", path)
    refused(path, reply, 422, faults=True)
    assert field in reply.json["errors"][0]["field"]


def test_a_dry_run_that_is_neither_true_nor_false(stack: Stack) -> None:
    event = {"type": "t", "title": "t"}
    reply = stack.call("POST", "/v1/events?dry_run=perhaps", event, key="ingest")
    refused("dry_run", reply, 422, faults=True)
