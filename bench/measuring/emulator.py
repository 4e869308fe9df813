"""The emulator alone: one table, one queue, and our own handlers in this process."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from bench import ROOT
from bench.measuring import discord
from local.calls import answers, wait_until
from local.deployment import client
from local.place import Place, settle
from local.surroundings import of_emulator

TABLE = "bench"
KEY = "bench-ingest-key"
ADMIN = "bench-admin-key"
WEBHOOK = f"https://discord.com/api/webhooks/1300000000000000001/{'c' * 68}"


@dataclass(frozen=True)
class Emulator:
    """A running emulator with an empty table. `stand_in` answers for Discord."""

    place: Place
    queue_url: str
    stand_in: discord.StandIn
    _loaded: dict[str, ModuleType]

    def client(self, service: str) -> Any:
        """A client of the emulator."""
        return client(self.place, service)

    def app(self, name: str) -> Any:
        """functions/<name>/app.py, wired as on AWS, in this process."""
        if name not in self._loaded:
            self._loaded[name] = load(name)
        return self._loaded[name]


def load(name: str, root: Path = ROOT) -> ModuleType:
    """Import a function's composition root anew."""
    path = root / "functions" / name / "app.py"
    spec = importlib.util.spec_from_file_location(f"bench_{name}_app", path)
    if spec is None or spec.loader is None:
        raise RuntimeError(f"no function {name}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@contextmanager
def emulator() -> Iterator[Emulator]:
    """Start it, make table and queue, furnish one destination, one route, two keys."""
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    place = settle(folder, auto=True, environment={})
    process = _start(place)
    try:
        with discord.standing_in() as stand_in:
            made = _made(place)
            with _environment(place, made, stand_in.url):
                one = Emulator(place, made, stand_in, {})
                _furnish()
                yield one
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _start(place: Place) -> subprocess.Popen[bytes]:
    for name in ("state", "tmp"):
        (place.folder / name).mkdir(exist_ok=True)
    plain = {k: v for k, v in os.environ.items() if not k.startswith("TOCSIN_")}
    environment = {**of_emulator(place, plain), "PERSIST_STATE": "0"}
    address = place.endpoint.removeprefix("http://")
    command = [sys.executable, "-m", "hypercorn", "ministack.app:app"]
    command += ["--bind", address, "--keep-alive", "300"]
    with (place.folder / "emulator.log").open("wb") as log:
        process = subprocess.Popen(
            command, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
    if not wait_until(lambda: answers(f"{place.endpoint}/_ministack/health"), 60):
        process.kill()
        raise RuntimeError("the emulator did not start")
    return process


def _made(place: Place) -> str:
    client(place, "dynamodb").create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")
        ],
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
    )
    queues = client(place, "sqs")
    attributes = {
        "FifoQueue": "true",
        "DeduplicationScope": "messageGroup",
        "FifoThroughputLimit": "perMessageGroupId",
        "VisibilityTimeout": "180",
    }
    answer = queues.create_queue(QueueName="bench.fifo", Attributes=attributes)
    return str(answer["QueueUrl"])


@contextmanager
def _environment(place: Place, queue_url: str, base: str) -> Iterator[None]:
    wanted = function_environment(
        endpoint=place.endpoint, queue_url=queue_url, discord_base=base
    )
    kept = dict(os.environ)
    os.environ.update(wanted)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(kept)


def function_environment(
    *, endpoint: str, queue_url: str, discord_base: str, local: bool = True
) -> dict[str, str]:
    """What the template tells every function; `local`: and where the stand-ins are."""
    stand_ins = {"TOCSIN_DISCORD_BASE": discord_base, "AWS_ENDPOINT_URL": endpoint}
    return (stand_ins if local else {}) | {
        "TOCSIN_TABLE": TABLE,
        "TOCSIN_QUEUE_URL": queue_url,
        "TOCSIN_DLQ_URL": queue_url,
        "TOCSIN_SECRETS_PREFIX": "/bench",
        "TOCSIN_ADMIN_KEY_SECRET": "unused",
        "TOCSIN_INGEST_KEY_SECRET": "unused",
        "TOCSIN_OPS_TOPIC": "arn:aws:sns:us-east-1:000000000000:unused",
        "POWERTOOLS_SERVICE_NAME": "tocsin",
        "POWERTOOLS_METRICS_NAMESPACE": "Tocsin",
        "POWERTOOLS_LOG_LEVEL": "INFO",
        "AWS_LAMBDA_FUNCTION_NAME": "bench",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "NO_PROXY": "127.0.0.1",
    }


def _furnish() -> None:
    from tocsin.bootstrap import Ports  # noqa: PLC0415 - needs the environment
    from tocsin.desk import NO_EDITION, Edition, Upsert  # noqa: PLC0415
    from tocsin.keys import kept_key  # noqa: PLC0415
    from tocsin.rules.config import Config, Route  # noqa: PLC0415
    from tocsin.settings import Destination, Scope, Source  # noqa: PLC0415

    ports = Ports()
    now = ports.clock.now()
    desk = ports.settings
    for name, key, scopes in (
        ("ingest", KEY, frozenset({Scope.INGEST})),
        ("admin", ADMIN, frozenset(Scope)),
    ):
        desk.put_source(Source(name, scopes, (kept_key(key, now),)), old=None)
    settings, secret = ports.channel("discord").split({"url": WEBHOOK})
    reference = ports.vault.put("ops", secret)
    destination = Destination("ops", "discord", settings, reference, 1, "hint")
    desk.put_destination(Upsert(None, destination))
    config = Config(routes=(Route(name="all", to=("ops",)),))
    desk.put_config(config, Edition("", "json", "bench", now), after=NO_EDITION)


class Context:
    """What Lambda passes beside the event."""

    function_name = "bench"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:us-east-1:000000000000:function:bench"
    aws_request_id = "00000000-0000-0000-0000-000000000000"

    def get_remaining_time_in_millis(self) -> int:
        """Always enough."""
        return 30_000


def request(body: str, *, key: str = KEY, route: str = "POST /v1/events") -> Any:
    """An HTTP API event (payload format 2.0)."""
    method, path = route.split(" ")
    path, _, query = path.partition("?")
    return {
        "version": "2.0",
        "routeKey": f"{method} {path}",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {
            "content-type": "application/json",
            "authorization": f"Bearer {key}",
            "user-agent": "bench",
            "host": "api.example.com",
            "x-forwarded-for": "127.0.0.1",
        },
        "queryStringParameters": dict(
            pair.split("=", 1) for pair in query.split("&") if pair
        ),
        "requestContext": {
            "requestId": "bench",
            "http": {"method": method, "path": path, "sourceIp": "127.0.0.1"},
            "stage": "$default",
        },
        "body": body,
        "isBase64Encoded": False,
    }


def received(queues: Any, queue_url: str) -> tuple[Any, list[Any]]:
    """(the event Lambda would hand to the sender, the messages themselves)."""
    answer = queues.receive_message(
        QueueUrl=queue_url,
        MaxNumberOfMessages=10,
        AttributeNames=["All"],
        WaitTimeSeconds=0,
    )
    messages = answer.get("Messages", [])
    records = [
        {
            "messageId": each["MessageId"],
            "receiptHandle": each["ReceiptHandle"],
            "body": each["Body"],
            "attributes": each["Attributes"],
        }
        for each in messages
    ]
    return {"Records": records}, messages


@contextmanager
def silenced() -> Iterator[Callable[[], int]]:
    """Catch what the functions log; the answer tells how many bytes it was."""
    with tempfile.TemporaryFile("w+") as sink, contextlib.redirect_stdout(sink):
        handlers = _log_handlers()
        streams = [handler.stream for handler in handlers]
        for handler in handlers:
            handler.setStream(sink)
        try:
            yield lambda: _flushed(sink)
        finally:
            for handler, stream in zip(handlers, streams, strict=True):
                handler.setStream(stream)


def _flushed(sink: Any) -> int:
    sink.flush()
    return int(sink.tell())


def _log_handlers() -> list[Any]:
    import logging  # noqa: PLC0415

    logger = logging.getLogger("tocsin")
    return [h for h in logger.handlers if isinstance(h, logging.StreamHandler)]


def pause_past_caches() -> None:
    """Let what the functions remember for a second grow stale: the idle case."""
    time.sleep(1.01)
