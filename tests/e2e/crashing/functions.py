"""Tocsin's own functions in one process, and the poller between queue and sender."""

from __future__ import annotations

import importlib.util
import json
import os
import time
from types import ModuleType
from typing import Any, Final
from unittest import mock

from local.place import ROOT
from tests.e2e.crashing.site import KEY, Site
from tests.e2e.tripwire import Tripwire
from tocsin.aws.calls import client as ours

NAMES: Final = ("ingest", "sender", "sweep")
SERVICES: Final = ("dynamodb", "sqs", "ssm", "sns", "secretsmanager")
inherited: dict[str, Any] = {}  # every child's, without connections so far


class Context:
    """What Lambda gives a handler."""

    def __init__(self) -> None:
        self._end = time.monotonic() + 30

    def get_remaining_time_in_millis(self) -> int:
        return int((self._end - time.monotonic()) * 1000)


class Functions:
    """The three functions as one process has them, and the poller that AWS puts
    between queue and sender."""

    def __init__(self, site: Site, wire: Tripwire) -> None:
        os.environ.update(site.environment())
        self._site, self._wire = site, wire
        self._apps = {name: load(name) for name in NAMES}
        self._sqs = inherited["sqs"]

    def ingest(self, body: Any, key: str = "once") -> int:
        """The status of one keyed request."""
        event = {
            "headers": {"authorization": f"Bearer {KEY}", "idempotency-key": key},
            "body": json.dumps(body),
        }
        with self._wire.armed():
            answer = self._apps["ingest"].handler(event, Context())
        return int(answer["statusCode"])

    def send(self) -> bool:
        """One batch through the sender; whether there was one."""
        got = self._sqs.receive_message(
            QueueUrl=self._site.queue,
            MaxNumberOfMessages=10,
            MessageSystemAttributeNames=["All"],
        )
        records = [
            {
                "messageId": each["MessageId"],
                "receiptHandle": each["ReceiptHandle"],
                "body": each["Body"],
                "attributes": each["Attributes"],
            }
            for each in got.get("Messages", ())
        ]
        if not records:
            return False
        with self._wire.armed():
            answer = self._apps["sender"].handler({"Records": records}, Context())
        kept = {each["itemIdentifier"] for each in answer["batchItemFailures"]}
        done = [
            {"Id": str(number), "ReceiptHandle": record["receiptHandle"]}
            for number, record in enumerate(records)
            if record["messageId"] not in kept
        ]
        if done:
            self._sqs.delete_message_batch(QueueUrl=self._site.queue, Entries=done)
        return True

    def send_all(self) -> None:
        """Batches until nothing is visible."""
        while self.send():
            pass

    def sweep(self) -> None:
        """One run."""
        with self._wire.armed():
            self._apps["sweep"].handler({}, Context())


def prepare(site: Site) -> None:
    """Do once what is slow and the same in every child: import the functions, and make
    their clients, which have no connection yet."""
    for name in SERVICES:
        inherited[name] = ours(name)
    mock.patch("tocsin.bootstrap.client", inherited.__getitem__).start()
    os.environ.update(site.environment())
    for name in NAMES:
        load(name)


def load(name: str) -> ModuleType:
    """A function's code, wired anew by the present environment."""
    path = ROOT / "functions" / name / "app.py"
    spec = importlib.util.spec_from_file_location(f"function_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
