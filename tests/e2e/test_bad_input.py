"""Bad input to every route: a 4xx that names field and reason, and nothing changes."""

from __future__ import annotations

import gzip
import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.e2e.stack import Reply, Stack

NO_ID = "0" * 26
PARAMETERS = {"id": NO_ID, "name": "no-such-name"}
# Tools and providers sign, and people open links: these have rules of their own.
ELSEWHERE = ("/v1/hooks/", "/v1/interactions/", "/v1/attachments", "/a/", "/f/")
TRACES = re.compile(
    rb"Traceback|File \"|\.py\b|line \d+, in |Exception|pydantic|botocore"
)


@dataclass(frozen=True)
class Operation:
    """One call of the OpenAPI document."""

    method: str
    path: str
    described: dict[str, Any]

    @property
    def scopes(self) -> list[str]:
        """One of them must be had; [] = anyone may call."""
        return [
            scope
            for way in self.described.get("security", [])
            for scopes in way.values()
            for scope in scopes
        ]

    @property
    def open(self) -> bool:
        """Whether it answers those without a key too."""
        return not self.scopes or {} in self.described["security"]

    @property
    def media(self) -> list[str]:
        return list(self.described.get("requestBody", {}).get("content", ()))

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def operations_of(document: dict[str, Any]) -> list[Operation]:
    return [
        Operation(method.upper(), path.format(**PARAMETERS), described)
        for path, methods in document["paths"].items()
        if not path.startswith(ELSEWHERE)
        for method, described in methods.items()
    ]


@pytest.fixture(scope="module")
def operations(stack: Stack) -> list[Operation]:
    """Every call there is."""
    document = stack.call("GET", "/v1/openapi.json", key=None).json
    found = operations_of(document)
    assert len(found) >= 25
    return found


@pytest.fixture(scope="module")
def readers(operations: list[Operation]) -> list[Operation]:
    """Those that read a body."""
    found = [operation for operation in operations if operation.media]
    assert len(found) >= 8
    return found


@pytest.fixture(scope="module", autouse=True)
def nothing_changes(stack: Stack) -> Iterator[None]:
    """Neither stored nor sent nor set, whatever this page tries."""
    before = _state(stack)
    yield
    time.sleep(1)  # what was queued by mistake would be on its way
    assert _state(stack) == before


def _state(stack: Stack) -> dict[str, Any]:
    """All that bad input could have changed: what is stored of any event, of the
    settings, and what people have seen."""
    listed = ("config/editions", "destinations", "silences", "sources")
    return {
        "notifications": len(stack.listed("since=24h&limit=100")),
        "messages": stack.inbox("GET", "/health")["last"],
        **{name: stack.call("GET", f"/v1/{name}").json for name in listed},
    }


def refused(
    operation: Operation | str, reply: Reply, *statuses: int, faults: bool = False
) -> None:
    """It is a problem document that tells the caller what to change."""
    told = f"{operation}: {reply.status} {reply.body[:300]!r}"
    assert 400 <= reply.status < 500, told
    assert reply.status in statuses, told
    assert reply.headers["Content-Type"].startswith("application/problem+json"), told
    problem = reply.json
    assert problem["status"] == reply.status, told
    assert problem["type"], told
    assert problem["title"], told
    assert len(problem["detail"]) > 8, told
    for fault in problem.get("errors", ()):
        assert set(fault) == {"field", "reason"}, told
        assert fault["reason"], told
    if faults:
        assert problem.get("errors"), told
    assert not TRACES.search(reply.body), told


def call(
    stack: Stack, operation: Operation, body: bytes | None = None, **more: Any
) -> Reply:
    """With the key of an admin, unless told otherwise, and a body of its own kind."""
    path = operation.path + more.pop("query", "")
    headers = more.pop("headers", {})
    if body is not None and operation.media:
        headers = {"Content-Type": operation.media[0], **headers}
    return stack.call(operation.method, path, body, headers=headers, **more)


# -- keys -------------------------------------------------------------------------


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


# -- methods and paths --------------------------------------------------------------


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


# -- queries ------------------------------------------------------------------------


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


# -- bodies that cannot be read ---------------------------------------------------------

UNREADABLE: dict[str, tuple[Callable[[], bytes], tuple[int, ...]]] = {
    "bad JSON": (lambda: b'{"type": ', (400,)),
    "two values": (lambda: b"{} {}", (400,)),
    "not a number": (lambda: b'{"type": NaN}', (400, 422)),
    "bad UTF-8": (lambda: b'{"type": "\xff\xfe"}', (400,)),
    "half of a character": (lambda: b'{"type": "\\ud800"}', (400,)),
    "a key twice": (lambda: b'{"type": "a", "type": "b"}', (400,)),
    "deep nesting": (lambda: b"[" * 100_000 + b"]" * 100_000, (400, 413)),
    "deep objects": (lambda: b'{"a":' * 5_000 + b"1" + b"}" * 5_000, (400,)),
    "oversize": (lambda: _padded(256 * 1024 + 1), (413,)),
    "far oversize": (lambda: _padded(2 * 1024 * 1024), (413,)),
    "many keys": (lambda: _keys(20_000), (413, 422)),
    "a text": (lambda: b'"hello"', (422,)),
    "a number": (lambda: b"17", (422,)),
    "null": (lambda: b"null", (422,)),
    "nothing": (lambda: b" ", (400, 422)),
    "a long number": (lambda: b'{"type": ' + b"9" * 5000 + b"}", (400,)),
}


def _padded(size: int) -> bytes:
    start, end = b'{"type": "t", "title": "', b'"}'
    return start + b"x" * (size - len(start) - len(end)) + end


def _keys(count: int) -> bytes:
    return json.dumps({f"k{number}": 1 for number in range(count)}).encode()


@pytest.mark.parametrize("case", UNREADABLE)
def test_bodies_that_cannot_be_read(
    stack: Stack, readers: list[Operation], case: str
) -> None:
    make, statuses = UNREADABLE[case]
    body = make()
    for operation in readers:
        if case == "nothing" and not operation.described["requestBody"]["required"]:
            continue
        for media in (each for each in operation.media if "json" in each):
            reply = call(stack, operation, body, headers={"Content-Type": media})
            refused(f"{operation} as {media}", reply, *statuses, faults=True)


def test_compressed_bodies(stack: Stack, readers: list[Operation]) -> None:
    """They would come through as they are, on AWS as here."""
    body = gzip.compress(b'{"type": "t", "title": "t"}')
    for operation in readers:
        reply = call(stack, operation, body, headers={"Content-Encoding": "gzip"})
        refused(operation, reply, 415, faults=True)
        assert reply.json["errors"][0]["field"] == "content-encoding"


@pytest.mark.parametrize(
    "media",
    [
        "text/html",
        "application/xml",
        "multipart/form-data; boundary=x",
        "application/json; charset=latin-1",
        "image/png",
        "nonsense",
        "application/octet-stream",
    ],
)
def test_wrong_content_types(
    stack: Stack, readers: list[Operation], media: str
) -> None:
    for operation in readers:
        reply = call(stack, operation, b"<a/>", headers={"Content-Type": media})
        refused(f"{operation} as {media}", reply, 400, 415, 422)
        if "charset" not in media:
            assert reply.status == 415, f"{operation} as {media}: {reply.status}"


# -- bodies that say the wrong thing ------------------------------------------------------


def test_unknown_keys(stack: Stack, readers: list[Operation]) -> None:
    for operation in readers:
        if operation.path == f"/v1/destinations/{PARAMETERS['name']}":
            body = {"channel": "discord", "url": "https://discord.com", "colour": 1}
        else:
            body = {"colour": 1}
        kind = {"Content-Type": "application/json"}
        reply = call(stack, operation, json.dumps(body).encode(), headers=kind)
        refused(operation, reply, 422, faults=True)
        assert "colour" in reply.body.decode(), operation


WRONG: tuple[Any, ...] = ({"a": {"b": []}}, [[]], -1.5, True)
TAKEN: dict[str, Any] = {
    "data": {"a": {"b": []}},  # anything, as an object
    "occurred_at": -1.5,  # seconds since 1970
    "dry_run": True,
    "ack_required": True,
}


def test_wrong_types_in_every_field_of_every_body(
    stack: Stack, readers: list[Operation]
) -> None:
    schemas = stack.call("GET", "/v1/openapi.json", key=None).json["components"]
    kind = {"Content-Type": "application/json"}
    for operation in readers:
        for field in _fields(operation, schemas["schemas"]):
            for value in (each for each in WRONG if each != TAKEN.get(field)):
                body = json.dumps({**_least(operation), field: value}).encode()
                reply = call(stack, operation, body, headers=kind)
                told = f"{operation} with {field}={value}"
                refused(told, reply, 422, faults=True)
                named = [fault["field"] for fault in reply.json["errors"]]
                assert any(field in each for each in named), (told, named)


def _fields(operation: Operation, schemas: dict[str, Any]) -> list[str]:
    """The keys that its JSON body may have."""
    schema = operation.described["requestBody"]["content"]["application/json"]["schema"]
    options = [schema, *schema.get("anyOf", ())]
    names = [each["$ref"].rpartition("/")[2] for each in options if "$ref" in each]
    return [field for name in names for field in schemas[name].get("properties", ())]


def _least(operation: Operation) -> dict[str, Any]:
    """What must be there, so that only the field in question is wrong."""
    if operation.path == "/v1/events":
        return {"type": "bad.input", "title": "Bad input"}
    if operation.path == "/v1/sources":
        return {"name": "bad-input"}
    if operation.path == "/v1/preview":
        return {"event": {"type": "bad.input", "title": "Bad input"}}
    return {}


EVENTS: dict[str, tuple[Any, str]] = {
    "no type": ({"title": "x"}, "type"),
    "no words": ({"type": "t"}, ""),
    "severity": ({"type": "t", "title": "x", "severity": "loud"}, "severity"),
    "state": ({"type": "t", "title": "x", "state": "open"}, "state"),
    "progress": ({"type": "t", "title": "x", "progress": 101}, "progress"),
    "ttl": ({"type": "t", "title": "x", "ttl": -1}, "ttl"),
    "time": ({"type": "t", "title": "x", "occurred_at": "today"}, "occurred_at"),
    "link": (
        {"type": "t", "title": "x", "links": [{"label": "x", "url": "javascript:1"}]},
        "links.0.url",
    ),
    "deep field": (
        {"type": "t", "title": "x", "fields": [{"name": "n", "value": {}}]},
        "fields.0.value",
    ),
    "mention": ({"type": "t", "title": "x", "mentions": [7]}, "mentions.0"),
    "long title": ({"type": "t", "title": "x" * 100_000}, "title"),
}


@pytest.mark.parametrize("case", EVENTS)
def test_events_that_are_wrong(stack: Stack, case: str) -> None:
    event, field = EVENTS[case]

    reply = stack.send(event)

    refused(case, reply, 422, faults=True)
    named = [fault["field"] for fault in reply.json["errors"]]
    assert any(each.startswith(field) for each in named), named


def test_a_list_of_nothing_of_too_many_and_of_wrong_ones_only(stack: Stack) -> None:
    refused("an empty list", stack.send([]), 422, faults=True)
    event = {"type": "bad.input", "title": "x"}
    refused("101 events", stack.send([event] * 101), 413, faults=True)
    reply = stack.send([{"type": 1}, {"title": []}])
    assert reply.status == 422
    assert (reply.json["accepted"], reply.json["rejected"]) == (0, 2)
    for index, result in enumerate(reply.json["results"]):
        assert result["index"] == index
        assert result["errors"][0]["reason"]


@pytest.mark.parametrize(
    "change",
    [
        {"specversion": "0.3"},
        {"specversion": None},
        {"id": ""},
        {"source": 7},
        {"type": None},
        {"time": "yesterday"},
    ],
)
def test_cloudevents_that_are_wrong(stack: Stack, change: dict[str, Any]) -> None:
    event = {"specversion": "1.0", "id": "1", "source": "/x", "type": "bad.input"}
    sent = {k: v for k, v in {**event, **change}.items() if v is not None}

    one = stack.send(sent, content_type="application/cloudevents+json")

    refused(str(change), one, 422, faults=True)
    named = [fault["field"] for fault in one.json["errors"]]
    assert any(next(iter(change)) in each for each in named), named


@pytest.mark.parametrize("key", ["", " ", "x" * 201, "tab\there"])
def test_idempotency_keys_that_are_none(stack: Stack, key: str) -> None:
    reply = stack.send({"type": "bad.input", "title": "x"}, idempotency_key=key)
    refused("Idempotency-Key", reply, 422, faults=True)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://discord.com/api/webhooks/1/abc",
        "https://evil.example/api/webhooks/1/abc",
        "https://discord.com.evil.example/api/webhooks/1/abc",
        "https://user@discord.com/api/webhooks/1/abc",
        "https://discord.com:8443/api/webhooks/1/abc",
        "https://127.0.0.1/api/webhooks/1/abc",
        "https://discord.com/api/channels/1/abc",
        "https://discord.com/api/webhooks/1/abc/../../x",
        7,
    ],
)
def test_destinations_that_are_not_official(stack: Stack, url: Any) -> None:
    body = {"channel": "discord", "url": url}
    reply = stack.call("PUT", "/v1/destinations/no-such-name", body)
    refused(str(url), reply, 422, faults=True)
    assert "abc" not in reply.body.decode()


@pytest.mark.parametrize(
    ("routing", "words"),
    [
        (b"routes: [", "line"),
        (b"routes: 7", "routes"),
        (b"routes:\n  - name: a\n    to: [nobody-at-all]\n", "nobody-at-all"),
        (b"routes:\n  - {name: a, to: [ops], colour: 1}\n", "colour"),
        (b"routes:\n  - {name: a, to: [ops]}\n  - {name: a, to: [ops]}\n", "named"),
        (b"routes: [{name: a, to: [ops], mentions: {low: ['@everyone']}}]", "critical"),
        (b"timezone: Middle/Earth", "timezone"),
        (b"a: &a [*a]", ""),
        (b"a: !!python/object/apply:os.system [ls]", ""),
        (b"\xff\xfe", ""),
    ],
)
def test_routing_files_that_are_wrong(stack: Stack, routing: bytes, words: str) -> None:
    kind = {"Content-Type": "application/yaml"}
    for method, path in (("PUT", "/v1/config"), ("POST", "/v1/config/check")):
        reply = stack.call(method, path, routing, headers=kind)
        refused(f"{method} {routing!r}", reply, 400, 422, faults=True)
        assert words in reply.body.decode()


@pytest.mark.parametrize(
    "link", ["x", "a.b.c.d.e", f"a.{NO_ID}.ops.7fffffff.{'A' * 20}", "x" * 4000]
)
def test_links_that_we_have_not_signed(stack: Stack, link: str) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for method, body in (("GET", None), ("POST", b"name=Mallory")):
        reply = stack.call(method, f"/a/{link}", body, key=None, headers=form)
        assert reply.status == 404
        assert reply.headers["Content-Type"].startswith("text/html")
        assert not TRACES.search(reply.body)


@pytest.mark.parametrize(
    ("channel", "status"),
    [("discord", 401), ("slack", 401), ("telegram", 401), ("teams", 404)],
)
@pytest.mark.parametrize("at", ["", "soon", str(10**9), "9" * 12])
def test_presses_that_nobody_signed(
    stack: Stack, channel: str, status: int, at: str
) -> None:
    signed = {
        "X-Signature-Ed25519": "00" * 64,
        "X-Signature-Timestamp": at,
        "X-Slack-Signature": f"v0={'00' * 32}",
        "X-Slack-Request-Timestamp": at,
        "X-Telegram-Bot-Api-Secret-Token": at,
    }
    path = f"/v1/interactions/{channel}"
    reply = stack.call("POST", path, {"type": 1}, key=None, headers=signed)
    refused(path, reply, status)
