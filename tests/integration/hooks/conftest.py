"""The hooks function as it is deployed, and sources that it knows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fakes.clock import FakeClock
from tests.fakes.sns import NOW
from tests.integration.functions import Functions, deployed
from tests.integration.hooks.posting import NEWER, SECRET
from tests.unit.channels.loopback import answer, provider
from tests.unit.intake import test_sns_delivery as sns


@pytest.fixture(scope="module")
def functions() -> Iterator[Functions]:
    """One route, which takes everything nowhere: what is stored is what counts."""
    with provider(answer(200, {})) as nobody, deployed(nobody.base) as found:
        routing = {"routes": [{"name": "all", "to": []}]}
        assert found.call("PUT", "/v1/config", routing)[0] == 200
        yield found


@pytest.fixture(scope="module")
def bounded(functions: Functions) -> dict[str, str]:
    """A source that may send two of one type a minute; its key as a header."""
    _, made = functions.call("POST", "/v1/sources", {"name": "bounded"})
    bounds = {"types": ["order.*"], "rate": 2}
    assert functions.call("PATCH", "/v1/sources/bounded", bounds)[0] == 200
    return {"x-tocsin-key": made["key"]}


@pytest.fixture(scope="module")
def signing(functions: Functions) -> str:
    """A source that signs as GitHub does, with two live secrets; its key."""
    _, made = functions.call("POST", "/v1/sources", {"name": "signing"})
    for secret in (SECRET, NEWER):
        wanted = {"scheme": "github", "secret": secret}
        told = functions.call("PUT", "/v1/sources/signing/signature", wanted)
        assert told[0] == 200
    return str(made["key"])


@pytest.fixture
def at_sns(functions: Functions, monkeypatch: pytest.MonkeyPatch) -> sns.Pages:
    """SNS's own pages, at the time at which the examples were made."""
    pages = sns.Pages()
    clock = FakeClock()
    clock.at = NOW
    monkeypatch.setattr(functions.hooks.ports, "fetch_of_sns", pages.fetch)
    monkeypatch.setattr(functions.hooks.ports, "clock", clock)
    return pages
