"""The operate API over fakes, with nothing in it yet."""

from __future__ import annotations

import pytest

from tests.fakes.api import ApiWorld


@pytest.fixture
def world() -> ApiWorld:
    return ApiWorld()
