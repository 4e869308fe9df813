"""What every page of bad input asks, and that nothing of it changed anything."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.bad_input.asking import Operation, operations_of
from tests.e2e.stack import Stack


@pytest.fixture(scope="package")
def operations(stack: Stack) -> list[Operation]:
    """Every call there is."""
    document = stack.call("GET", "/v1/openapi.json", key=None).json
    found = operations_of(document)
    assert len(found) >= 25
    return found


@pytest.fixture(scope="package")
def readers(operations: list[Operation]) -> list[Operation]:
    """Those that read a body."""
    found = [operation for operation in operations if operation.media]
    assert len(found) >= 8
    return found


@pytest.fixture(scope="package", autouse=True)
def nothing_changes(stack: Stack) -> Iterator[None]:
    """Neither stored nor sent nor set, whatever these pages try."""
    before = _state(stack)
    yield
    time.sleep(1)  # what was queued by mistake would be on its way
    assert _state(stack) == before


def _state(stack: Stack) -> dict[str, Any]:
    """All that bad input could have changed: what is stored of any event, of the
    settings, and what people have seen. Tocsin's own reports come when it is time."""
    listed = ("config/editions", "destinations", "silences", "sources")
    stored = stack.listed("since=24h&limit=100")
    own = {each["title"] for each in stored if each["type"].startswith("tocsin.")}
    found = stack.inbox("GET", "/messages?limit=1000")["messages"]
    reports = [each for each in found if any(title in str(each) for title in own)]
    return {
        "notifications": [each["title"] for each in stored if each["title"] not in own],
        "messages": stack.inbox("GET", "/health")["last"] - len(reports),
        **{name: stack.call("GET", f"/v1/{name}").json for name in listed},
    }
