"""The deployed functions in one process, over moto: real handlers, real AWS calls.

One call at a time: moto is not made for threads.
"""

from __future__ import annotations

import base64
import importlib.util
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Final
from uuid import uuid4

import boto3
import pytest
from moto import mock_aws

from local.place import ROOT
from tests.fakes.moto_http import use_moto
from tests.fakes.table import make_table
from tocsin.bootstrap import SystemClock

EVENTS: Final = ROOT / "events"
NAMES: Final = ("ingest", "hooks", "sender", "sweep", "api")
TABLE: Final = "functions"
ORIGINALS: Final = "originals"
TOPIC: Final = "arn:aws:sns:eu-central-1:123456789012:alarms"
POSTED: Final = {"id": "900000000000000001", "channel_id": "900000000000000002"}
WEBHOOK: Final = f"https://discord.com/api/webhooks/1400000000000000001/{'t' * 60}"
KEYS: Final = {"admin": "a" * 40, "ingest": "i" * 40}


class Context:
    """What Lambda gives a handler."""

    function_name = "function"

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 28_000


class Later(SystemClock):
    """Channels keep a pause between two messages: over already."""

    ahead = 0

    def now(self) -> int:
        return super().now() + self.ahead


@dataclass(frozen=True)
class Functions:
    """The five functions, and what AWS puts between them."""

    ingest: ModuleType
    hooks: ModuleType
    sender: ModuleType
    sweep: ModuleType
    api: ModuleType
    queue: str
    dlq: str
    sqs: Any
    table: Any

    def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """(status, JSON) of an operator's call."""
        data = b"" if body is None else json.dumps(body).encode()
        event = {
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": path,
            "rawQueryString": "",
            "headers": {
                "authorization": f"Bearer {KEYS['admin']}",
                "content-type": "application/json",
            },
            "requestContext": {
                "http": {"method": method, "path": path, "sourceIp": "127.0.0.1"},
                "requestId": "r",
                "stage": "$default",
            },
            "isBase64Encoded": bool(data),
            "body": base64.b64encode(data).decode() if data else None,
        }
        answer = self.api.handler(event, Context())
        return int(answer["statusCode"]), json.loads(answer["body"] or "null")

    def take_in(self, case: str, *, anew: bool = False) -> Any:
        """What its function answers to a recorded event; `anew`: as a new one of its
        kind."""
        event = json.loads((EVENTS / f"{case}.json").read_text())
        if anew:
            told = event["Records"][0]["Sns"]
            told["MessageId"] = str(uuid4())
            # An alarm is known by the second in which its state changed.
            told["Message"] = told["Message"].replace("T08:31:23.000", "T08:31:24.000")
        if "headers" in event:
            event["headers"]["authorization"] = f"Bearer {KEYS['ingest']}"
        ours = case.startswith(("http-", "sns-"))
        return (self.ingest if ours else self.hooks).handler(event, Context())

    def post(
        self,
        path: str,
        body: Any,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> tuple[int, dict[str, str], Any]:
        """(status, headers, JSON) of a tool's call of `/v1/hooks/<path>`; a body that
        is not bytes is sent as JSON."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        adapter, _, token = path.partition("/")
        named = {"adapter": adapter, "token": token} if token else {"adapter": adapter}
        event = {
            "version": "2.0",
            "headers": dict(headers or {}),
            "pathParameters": named,
            "requestContext": {"requestId": "r"},
            "isBase64Encoded": True,
            "body": base64.b64encode(data).decode(),
            **({"queryStringParameters": query} if query else {}),
        }
        answer = self.hooks.handler(event, Context())
        document = json.loads(answer["body"])
        return int(answer["statusCode"]), answer["headers"], document

    def queued(self) -> list[dict[str, Any]]:
        """The queue's messages, as Lambda hands them over."""
        records = []
        while got := self.sqs.receive_message(
            QueueUrl=self.queue,
            MaxNumberOfMessages=10,
            MessageSystemAttributeNames=["All"],
        ).get("Messages"):
            records += [
                {
                    "messageId": each["MessageId"],
                    "receiptHandle": each["ReceiptHandle"],
                    "body": each["Body"],
                    "attributes": each["Attributes"],
                }
                for each in got
            ]
        return records

    def send(self, records: list[dict[str, Any]]) -> list[str]:
        """The ids of the messages that the sender leaves in the queue; as Lambda does,
        the others are deleted."""
        answer = self.sender.handler({"Records": records}, Context())
        kept = [each["itemIdentifier"] for each in answer["batchItemFailures"]]
        for record in records:
            if record["messageId"] not in kept:
                self.sqs.delete_message(
                    QueueUrl=self.queue, ReceiptHandle=record["receiptHandle"]
                )
        return kept

    def ids(self) -> list[str]:
        """Every notification in the table, oldest first."""
        items = self.table.scan()["Items"]
        return sorted(item["sk"] for item in items if item["pk"].startswith("N#"))


@contextmanager
def deployed(discord: str) -> Iterator[Functions]:
    """All of it, with a stand-in's address in place of Discord's."""
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        patch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
        patch.setenv("AWS_ACCESS_KEY_ID", "invented")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "invented")
        use_moto(patch)
        queue, dlq = _queues()
        make_table(boto3.client("dynamodb"), TABLE)
        where: Any = {"LocationConstraint": "eu-central-1"}
        boto3.client("s3").create_bucket(
            Bucket=ORIGINALS, CreateBucketConfiguration=where
        )
        for name, value in _environment(queue, dlq, discord).items():
            patch.setenv(name, value)
        apps = {name: load(name) for name in NAMES}
        table = boto3.resource("dynamodb").Table(TABLE)
        yield Functions(
            **apps, queue=queue, dlq=dlq, sqs=boto3.client("sqs"), table=table
        )


def _environment(queue: str, dlq: str, discord: str) -> dict[str, str]:
    secrets = boto3.client("secretsmanager")
    arns = {
        name: secrets.create_secret(Name=name, SecretString=key)["ARN"]
        for name, key in KEYS.items()
    }
    return {
        # Stand-ins count on loopback only; moto itself is reached at AWS's addresses.
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
        "TOCSIN_DISCORD_BASE": discord,
        "TOCSIN_TABLE": TABLE,
        "TOCSIN_QUEUE_URL": queue,
        "TOCSIN_DLQ_URL": dlq,
        "TOCSIN_SECRETS_PREFIX": "/tocsin/tests/destinations",
        "TOCSIN_SIGNING_SECRETS_PREFIX": "/tocsin/tests/sources",
        "TOCSIN_HTTPS_TOPICS": f" {TOPIC}, ",
        "TOCSIN_ORIGINALS_BUCKET": ORIGINALS,
        "TOCSIN_ADMIN_KEY_SECRET": arns["admin"],
        "TOCSIN_INGEST_KEY_SECRET": arns["ingest"],
        "TOCSIN_OPS_TOPIC": boto3.client("sns").create_topic(Name="ops")["TopicArn"],
        "POWERTOOLS_SERVICE_NAME": "tocsin",
        "POWERTOOLS_METRICS_NAMESPACE": "Tocsin",
    }


def _queues() -> tuple[str, str]:
    sqs: Any = boto3.client("sqs")
    plain = {"FifoQueue": "true"}
    dlq = sqs.create_queue(QueueName="dead.fifo", Attributes=plain)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dlq, AttributeNames=["QueueArn"])
    redrive = {
        "deadLetterTargetArn": arn["Attributes"]["QueueArn"],
        "maxReceiveCount": 10,
    }
    more = {"RedrivePolicy": json.dumps(redrive), "VisibilityTimeout": "180"}
    made = sqs.create_queue(QueueName="deliveries.fifo", Attributes=plain | more)
    return made["QueueUrl"], dlq


def load(name: str) -> ModuleType:
    """A function's code, wired by the present environment."""
    path = ROOT / "functions" / name / "app.py"
    spec = importlib.util.spec_from_file_location(f"moto_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
