"""Asking wrongly: every call of the API, and what a refusal of it must look like."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

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
