"""A site: table, queues and webhooks of one run's own, on the emulator."""

from __future__ import annotations

import json
import os
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import botocore.session

from tests.fakes.table import make_table
from tocsin.aws.settings import DynamoSettings
from tocsin.desk import NO_EDITION, Edition, Upsert
from tocsin.keys import kept_key
from tocsin.rules.config import Config
from tocsin.settings import Destination, Scope, Source

SCALE: Final = "600"  # a lease lasts 100 ms, the sweep's grace 150 ms
VISIBILITY: Final = 1  # seconds
KEY: Final = "toc_key-of-the-crash-tests"
BROKEN: Final = "broken"
_clients: dict[str, Any] = {}  # the worker's own


@dataclass(slots=True)
class Site:
    """A table and queues of one run's own, on the emulator."""

    endpoint: str
    inbox: str
    name: str
    webhooks: dict[str, str]
    queue: str = ""
    dlq: str = ""

    def environment(self) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "TOCSIN_TABLE": self.name,
            "TOCSIN_QUEUE_URL": self.queue,
            "TOCSIN_DLQ_URL": self.dlq,
            "TOCSIN_SECRETS_PREFIX": f"/{self.name}",
            "TOCSIN_ADMIN_KEY_SECRET": "none",
            "TOCSIN_INGEST_KEY_SECRET": "none",
            "TOCSIN_LINK_KEY_SECRET": self.name,
            "TOCSIN_OPS_TOPIC": "arn:aws:sns:us-east-1:000000000000:none",
            "TOCSIN_DISCORD_BASE": f"{self.inbox}/discord",
            "TOCSIN_TIME_SCALE": SCALE,
            "POWERTOOLS_SERVICE_NAME": "tocsin",
            "POWERTOOLS_METRICS_NAMESPACE": "Tocsin",
        }

    def build(self) -> None:
        """Make all of it, with one route to every webhook."""
        make_table(aws("dynamodb"), self.name)
        self.make_queues()
        aws("secretsmanager").create_secret(Name=self.name, SecretString="l" * 40)
        clock = Now()
        book = DynamoSettings(aws("dynamodb"), self.name, clock)
        key = kept_key(KEY, clock.now())
        book.put_source(Source("app", frozenset(Scope), (key,)), old=None)
        upserts = []
        for name, webhook in self.webhooks.items():
            url = f"https://discord.com/api/webhooks/{webhook}/{'c' * 60}"
            aws("ssm").put_parameter(
                Name=f"/{self.name}/{name}", Value=url, Type="SecureString"
            )
            upserts.append(Upsert(None, Destination(name, "discord", {}, name)))
        routes = [{"name": "all", "to": list(self.webhooks)}]
        config = Config.model_validate({"routes": routes})
        edition = Edition("", "json", "tests", clock.now())
        book.put_config(config, edition, after=NO_EDITION, upserts=upserts)
        if BROKEN in self.webhooks:
            order = {"webhook": self.webhooks[BROKEN], "mode": "status", "status": 500}
            control(self.inbox, "/behaviour", order)

    def make_queues(self) -> None:
        """Empty ones; SQS's memory of what was sent goes with the old ones."""
        for url in filter(None, (self.queue, self.dlq)):
            aws("sqs").delete_queue(QueueUrl=url)
        plain = {"FifoQueue": "true", "DeduplicationScope": "messageGroup"}
        self.dlq = make_queue(f"{self.name}-dead.fifo", plain)
        found = aws("sqs").get_queue_attributes(
            QueueUrl=self.dlq, AttributeNames=["QueueArn"]
        )
        arn = found["Attributes"]["QueueArn"]
        redrive = {"deadLetterTargetArn": arn, "maxReceiveCount": 10}
        more = {
            "VisibilityTimeout": str(VISIBILITY),
            "RedrivePolicy": json.dumps(redrive),
        }
        self.queue = make_queue(f"{self.name}.fifo", plain | more)

    def clear(self) -> None:
        """Leave nothing on the emulator."""
        aws("dynamodb").delete_table(TableName=self.name)
        aws("secretsmanager").delete_secret(
            SecretId=self.name, ForceDeleteWithoutRecovery=True
        )
        for url in (self.queue, self.dlq):
            aws("sqs").delete_queue(QueueUrl=url)

    def cards(self) -> Iterator[tuple[str, str]]:
        """(footer, title) of all that stands there after every edit."""
        for webhook in self.webhooks.values():
            for message in control(self.inbox, f"/messages?webhook={webhook}")[
                "messages"
            ]:
                for embed in message["message"]["embeds"]:
                    yield embed["footer"]["text"], embed["title"]

    def shown(self) -> Iterator[tuple[str, str, str]]:
        """(destination, footer, description) of all that people saw."""
        for name, webhook in self.webhooks.items():
            found = control(self.inbox, f"/messages?webhook={webhook}")
            for message in found["messages"]:
                for embed in message["payload"]["embeds"]:
                    yield name, embed["footer"]["text"], embed.get("description", "")


class Now:
    """The clock of the preparations."""

    def now(self) -> int:
        return time.time_ns() // 1_000_000

    def sleep(self, ms: int) -> None:
        time.sleep(ms / 1000)

    def entropy(self) -> bytes:
        return os.urandom(10)


def aws(service: str) -> Any:
    """The worker's client."""
    if service not in _clients:
        _clients[service] = client(service)
    return _clients[service]


def client(service: str) -> Any:
    return botocore.session.Session().create_client(service)


def make_queue(name: str, attributes: dict[str, str]) -> str:
    made = aws("sqs").create_queue(QueueName=name, Attributes=attributes)
    return str(made["QueueUrl"])


def control(inbox: str, path: str, order: Any = None) -> Any:
    """The inbox's control API."""
    data = None if order is None else json.dumps(order).encode()
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{inbox}/_control{path}", data=data, timeout=30) as answer:
        return json.load(answer)
