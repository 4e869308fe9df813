"""The api function as it is deployed: wired by its own module, over AWS in process."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from moto import mock_aws

from tests.fakes.api import api_event
from tests.fakes.moto_http import use_moto
from tests.fakes.table import make_table
from tests.integration.functions import load
from tocsin.aws.calls import client

HOOK = "https://discord.com/api/webhooks/123456789012345678/s3cret-T0ken_x"
Call = Callable[..., tuple[int, Any]]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch) -> Iterator[Call]:
    """Calls the function with the generated admin key."""
    with mock_aws():
        for name, value in {
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": "eu-central-1",
            "TOCSIN_TABLE": "t",
            "TOCSIN_SECRETS_PREFIX": "/tocsin/t/destinations",
            "TOCSIN_ADMIN_KEY_SECRET": "admin-key",
            "TOCSIN_INGEST_KEY_SECRET": "ingest-key",
        }.items():
            monkeypatch.setenv(name, value)
        use_moto(monkeypatch)
        make_table(client("dynamodb"), "t")
        manager = client("secretsmanager")
        manager.create_secret(Name="admin-key", SecretString="generated-admin")
        manager.create_secret(Name="ingest-key", SecretString="generated-ingest")
        queue = client("sqs")
        url = queue.create_queue(QueueName="q.fifo", Attributes={"FifoQueue": "true"})[
            "QueueUrl"
        ]
        monkeypatch.setenv("TOCSIN_QUEUE_URL", url)
        yield caller(load("api"))


def caller(app: Any) -> Call:
    def call(method: str, path: str, body: Any = None) -> tuple[int, Any]:
        headers = {"authorization": "Bearer generated-admin"}
        raw = json.dumps(body).encode() if body is not None else b""
        answered = app.handler(api_event(method, path, headers=headers, body=raw), None)
        return answered["statusCode"], json.loads(answered["body"] or "null")

    return call


def test_an_operator_sets_up_a_new_stack(call: Call) -> None:
    given = {"channel": "discord", "url": HOOK}
    assert call("GET", "/v1/sources")[1]["sources"][0]["name"] == "admin"
    assert call("PUT", "/v1/destinations/ops", given)[0] == 200
    file = {"routes": [{"name": "all", "to": ["ops"]}]}
    assert call("PUT", "/v1/config", file)[1]["warnings"] == []

    assert call("GET", "/v1/config") == (200, file)
    status, health = call("GET", "/v1/health")
    assert (status, health["status"], list(health["destinations"])) == (
        200,
        "ok",
        ["ops"],
    )
    status, page = call("GET", "/v1/notifications")
    assert (status, page["notifications"], page["next"]) == (200, [], "")
    assert call("GET", "/v1/dead-letters") == (200, {"dead_letters": [], "next": ""})
    assert call("POST", "/v1/dead-letters/replay")[1]["matched"] == 0
    assert call("DELETE", "/v1/destinations/ops")[0] == 409
