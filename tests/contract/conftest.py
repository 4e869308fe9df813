"""AWS in this process, one call at a time, with the service's one table; and whatever
keeps a contract, once as a fake and once over DynamoDB."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from botocore.loaders import Loader, create_loader
from botocore.session import Session
from moto import mock_aws

from tests.fakes.clock import FakeClock
from tests.fakes.ledger import FakeHealthBook, FakeLedger
from tests.fakes.moto_http import use_moto
from tests.fakes.table import make_table
from tocsin.aws.calls import client
from tocsin.aws.health import DynamoHealthBook
from tocsin.aws.ledger import DynamoLedger
from tocsin.aws.reading import DynamoReading

TABLE = "contract"


class DynamoBoth(DynamoLedger, DynamoReading):
    """Writing and reading side in one, as the fake has them."""


@cache
def descriptions() -> Loader:
    """Of AWS's services: reading them anew would be half the time of each test."""
    return create_loader()


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    """A session; the table `TABLE` exists."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    use_moto(monkeypatch)
    with mock_aws():
        session = Session()
        session.register_component("data_loader", descriptions())
        make_table(session.create_client("dynamodb"), TABLE)
        yield session


@pytest.fixture
def dynamodb(aws: Session) -> Any:
    """Our own client of it."""
    return client("dynamodb")


@pytest.fixture(params=["fake", "dynamodb"])
def ledger(request: pytest.FixtureRequest) -> Any:
    if request.param == "fake":
        return FakeLedger(FakeClock())
    return DynamoBoth(request.getfixturevalue("dynamodb"), TABLE)


@pytest.fixture(params=["fake", "dynamodb"])
def health(request: pytest.FixtureRequest) -> Any:
    if request.param == "fake":
        return FakeHealthBook()
    clock = FakeClock()
    return DynamoHealthBook(request.getfixturevalue("dynamodb"), TABLE, clock)
