"""Who serves no operator writes no settings: their roles deny it, and no test has IAM."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.fakes.moto_http import MotoHttp
from tests.integration.functions import WEBHOOK, Context, deployed
from tests.unit.channels.loopback import answer, provider
from tocsin.aws.settings_items import HISTORY, PARTITION

WRITES = ("PutItem", "UpdateItem", "DeleteItem")


def written() -> Iterator[str]:
    """The partition of each write that DynamoDB was asked for."""
    for operation, asked in MotoHttp.calls:
        if operation in WRITES:
            yield partition_of(asked)
        for write in asked.get("TransactItems", ()):
            yield from map(partition_of, write.values())


def partition_of(asked: dict[str, Any]) -> str:
    return str((asked.get("Item") or asked["Key"])["pk"]["S"])


def test_a_sender_that_disables_and_a_sweep_that_tells_leave_settings_alone() -> None:
    gone = answer(404, {"message": "Unknown Webhook", "code": 10015})
    with provider(gone) as told, deployed(told.base) as functions:
        put = {"channel": "discord", "url": WEBHOOK}
        assert functions.call("PUT", "/v1/destinations/ops", put)[0] == 200
        routes = {"routes": [{"name": "all", "to": ["ops"]}]}
        assert functions.call("PUT", "/v1/config", routes)[0] == 200
        assert {PARTITION, HISTORY} <= set(written())
        functions.take_in("http-event")

        MotoHttp.calls.clear()
        functions.send(functions.queued())
        functions.sweep.handler({}, Context())

        health = functions.call("GET", "/v1/destinations/ops/status")[1]["health"]
        assert health["disabled"]
        assert "HEALTH" in set(written())
        assert not {PARTITION, HISTORY} & set(written())
