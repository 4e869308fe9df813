"""A pytest plugin: nothing is sent, and what would have been can be looked at."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

from tocsin_client import guard


def pytest_configure() -> None:
    """Mark this process, and those that it starts, as a test run."""
    os.environ["TOCSIN_UNDER_PYTEST"] = "1"


def pytest_unconfigure() -> None:
    """The run is over."""
    os.environ.pop("TOCSIN_UNDER_PYTEST", None)


@pytest.fixture
def tocsin_outbox() -> Iterator[list[dict[str, Any]]]:
    """What this test would have sent: events in order, as the API would get them."""
    captured: list[dict[str, Any]] = []
    before = guard.begin(captured)
    yield captured
    guard.begin(before)
