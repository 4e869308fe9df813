"""The operate API over fakes with nothing in it yet, and the functions with one route."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fakes.api import ApiWorld
from tests.integration.functions import POSTED, WEBHOOK, Functions, deployed
from tests.unit.channels.loopback import Provider, answer, provider


@pytest.fixture
def world() -> ApiWorld:
    return ApiWorld()


@pytest.fixture(scope="module")
def discord() -> Iterator[Provider]:
    """It takes everything."""
    with provider(answer(200, POSTED)) as told:
        yield told


@pytest.fixture(scope="module")
def functions(discord: Provider) -> Iterator[Functions]:
    """One destination, and one route that takes everything to it."""
    with deployed(discord.base) as found:
        wanted = {"channel": "discord", "url": WEBHOOK}
        assert found.call("PUT", "/v1/destinations/ops", wanted)[0] == 200
        routing = {"routes": [{"name": "all", "to": ["ops"]}]}
        assert found.call("PUT", "/v1/config", routing)[0] == 200
        yield found
