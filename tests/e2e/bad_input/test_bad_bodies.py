"""Bad bodies: those that no call can read, and those of a wrong shape."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.bad_input.asking import PARAMETERS, Operation, call, refused
from tests.e2e.stack import Stack

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
