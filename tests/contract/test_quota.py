"""The quota's contract, held by the fake and by DynamoDB alike; and what it costs."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.session import Session

from tests.contract.books import Counting
from tests.contract.conftest import TABLE
from tests.fakes.clock import FakeClock
from tests.fakes.quota import FakeQuota
from tocsin.aws.calls import client
from tocsin.aws.quota import SHARES, DynamoQuota
from tocsin.errors import Unavailable


@pytest.fixture
def clock() -> FakeClock:
    clock = FakeClock()
    clock.at -= clock.at % 3_600_000
    return clock


@pytest.fixture(params=["fake", "dynamodb"])
def quota(request: pytest.FixtureRequest, clock: FakeClock) -> Any:
    if request.param == "fake":
        return FakeQuota(clock)
    request.getfixturevalue("aws")
    return DynamoQuota(client("dynamodb"), TABLE, clock)


def test_the_limit_is_of_a_minute(quota: Any, clock: FakeClock) -> None:
    assert [quota.take("a", 1, 3) for _ in range(5)] == [True] * 3 + [False] * 2

    clock.at += 59_999
    assert not quota.take("a", 1, 3)

    clock.at += 1
    assert quota.take("a", 3, 3)
    assert not quota.take("a", 1, 3)


def test_what_does_not_fit_whole_takes_nothing(quota: Any) -> None:
    assert quota.take("a", 60, 100)
    assert not quota.take("a", 41, 100)


def test_sources_do_not_share_a_limit(quota: Any) -> None:
    assert quota.take("a", 2, 2)
    assert quota.take("b", 2, 2)
    assert not quota.take("a", 1, 2)


def test_the_owner_is_told_once_an_hour(quota: Any, clock: FakeClock) -> None:
    assert [quota.is_first("a"), quota.is_first("a"), quota.is_first("b")] == [
        True,
        False,
        True,
    ]

    clock.at += 3_600_000

    assert quota.is_first("a")


def test_many_processes_together_keep_to_the_limit(
    aws: Session, clock: FakeClock
) -> None:
    dynamodb = client("dynamodb")
    processes = [DynamoQuota(dynamodb, TABLE, clock) for _ in range(4)]

    taken = [each.take("a", 1, 200) for _ in range(100) for each in processes]

    assert 200 - 4 * 200 // SHARES <= sum(taken) <= 200
    assert [each.is_first("a") for each in processes] == [True, False, False, False]


def test_a_thousand_events_cost_fifty_writes_and_refusals_none(
    aws: Session, clock: FakeClock
) -> None:
    counted = Counting(client("dynamodb"))
    quota = DynamoQuota(counted, TABLE, clock)

    assert all(quota.take("a", 1, 1_000) for _ in range(1_000))
    assert counted.calls == SHARES

    assert not quota.take("a", 1, 1_000)
    known = counted.calls
    assert not any(quota.take("a", 1, 1_000) for _ in range(100))
    assert counted.calls == known


def test_what_is_counted_is_forgotten(aws: Session, clock: FakeClock) -> None:
    dynamodb: Any = client("dynamodb")
    quota = DynamoQuota(dynamodb, TABLE, clock)
    quota.take("a", 1, 1)
    quota.is_first("a")

    items = dynamodb.scan(TableName=TABLE)["Items"]

    assert len(items) == 2
    assert all(int(item["expires"]["N"]) > clock.at // 1000 for item in items)


def test_without_its_table_nothing_is_admitted(aws: Session, clock: FakeClock) -> None:
    with pytest.raises(Unavailable):
        DynamoQuota(client("dynamodb"), "elsewhere", clock).take("a", 1, 1)
