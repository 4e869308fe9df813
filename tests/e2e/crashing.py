"""Crashing: Tocsin's real functions in processes that are killed on their way.

`python -m tests.e2e.crashing` reads one task (JSON) from standard input and prints one
result (JSON) a line. It stays without threads and connections of the functions' own, so
that it can fork: every run, and every recovery, is a process that begins afresh.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
import time
import traceback
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from types import ModuleType
from typing import Any, Final
from unittest import mock

import botocore.session

from local.place import ROOT
from tests.e2e.tripwire import KILLED, Tripwire
from tests.fakes.table import make_table
from tocsin.aws.calls import client as ours
from tocsin.aws.items import unpack
from tocsin.aws.settings import DynamoSettings
from tocsin.desk import NO_EDITION, Edition, Upsert
from tocsin.keys import kept_key
from tocsin.rules.config import Config
from tocsin.settings import Destination, Scope, Source

SCALE: Final = "600"  # a lease lasts 100 ms, the sweep's grace 150 ms
VISIBILITY: Final = 1  # seconds
PAUSE: Final = 0.3  # between two rounds of a recovery
BOUND: Final = 60.0  # seconds for a recovery, on a machine that is busy
KEY: Final = "toc_key-of-the-crash-tests"
FUNCTIONS: Final = ("ingest", "sender", "sweep")
SERVICES: Final = ("dynamodb", "sqs", "ssm", "sns", "secretsmanager")
BROKEN: Final = "broken"


@dataclass(frozen=True, slots=True)
class Task:
    """What one worker shall do. `points` are (story, call, whether after it); call 0
    lets the story end unharmed."""

    endpoint: str
    inbox: str
    points: list[tuple[str, int, bool]]
    name: str


@dataclass(slots=True)
class Result:
    """What became of one run: `shown` are the state lines that people saw, by
    (notification, destination), and `cards` what they see now: (footer, title)."""

    story: str
    point: tuple[int, bool]
    killed: bool
    calls: list[str] = field(default_factory=list)
    answered: bool = False
    rows: list[dict[str, Any]] = field(default_factory=list)
    shown: list[tuple[str, str, str]] = field(default_factory=list)
    cards: list[tuple[str, str]] = field(default_factory=list)
    trouble: str = ""


@dataclass(slots=True)
class Site:
    """A table and queues of one run's own, on the emulator."""

    task: Task
    name: str
    webhooks: dict[str, str]
    queue: str = ""
    dlq: str = ""

    def environment(self) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL": self.task.endpoint,
            "TOCSIN_TABLE": self.name,
            "TOCSIN_QUEUE_URL": self.queue,
            "TOCSIN_DLQ_URL": self.dlq,
            "TOCSIN_SECRETS_PREFIX": f"/{self.name}",
            "TOCSIN_ADMIN_KEY_SECRET": "none",
            "TOCSIN_INGEST_KEY_SECRET": "none",
            "TOCSIN_LINK_KEY_SECRET": self.name,
            "TOCSIN_OPS_TOPIC": "arn:aws:sns:us-east-1:000000000000:none",
            "TOCSIN_DISCORD_BASE": f"{self.task.inbox}/discord",
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
            control(self.task, "/behaviour", order)

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
            for message in control(self.task, f"/messages?webhook={webhook}")[
                "messages"
            ]:
                for embed in message["message"]["embeds"]:
                    yield embed["footer"]["text"], embed["title"]

    def shown(self) -> Iterator[tuple[str, str, str]]:
        """(destination, footer, description) of all that people saw."""
        for name, webhook in self.webhooks.items():
            found = control(self.task, f"/messages?webhook={webhook}")
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
        self._apps = {name: load(name) for name in FUNCTIONS}
        self._sqs = _inherited["sqs"]

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


Story = Callable[[Site, Functions, Callable[[], None]], None]
ONE: Final = [{"type": "test", "title": "Only one"}]
OPEN: Final = [{"type": "test", "title": "Down", "state": "firing"}]
END: Final = [{"type": "test", "title": "Down", "state": "resolved"}]
TEN: Final = [{"type": "test", "title": f"Number {n}"} for n in range(10)]


def one_notification(
    site: Site, functions: Functions, answered: Callable[[], None]
) -> None:
    """In, and out."""
    if functions.ingest(ONE) == 202:
        answered()
    functions.send_all()


def ten_over_three(
    site: Site, functions: Functions, answered: Callable[[], None]
) -> None:
    """Ten to three destinations, of which one answers 500."""
    if functions.ingest(TEN) == 202:
        answered()
    functions.send_all()


def a_lost_queue(
    site: Site, functions: Functions, answered: Callable[[], None]
) -> None:
    """The sweep finds what the queue has lost, and queues it again."""
    functions.sweep()
    functions.send_all()


def an_end_that_nobody_repeats(
    site: Site, functions: Functions, answered: Callable[[], None]
) -> None:
    """A problem that is open, and whose card stands, is over."""
    if functions.ingest(END) == 202:
        answered()
    functions.send_all()


STORIES: Final[dict[str, tuple[Story, list[Any], tuple[str, ...]]]] = {
    "one_notification": (one_notification, ONE, ("ops",)),
    "ten_over_three": (ten_over_three, TEN, ("ops", "team", BROKEN)),
    "a_lost_queue": (a_lost_queue, ONE, ("ops",)),
    "an_end_that_nobody_repeats": (an_end_that_nobody_repeats, END, ("ops",)),
}
ASKED_AGAIN: Final = (one_notification, ten_over_three)


def run(task: Task, told_of: str, point: tuple[int, bool], number: int) -> Result:
    """One story up to its crash, and the recovery of what it left behind."""
    story, body, names = STORIES[told_of]
    seed = 1_500_000_000_000_000_000 + time.time_ns() % 10**15 * 100
    webhooks = {name: str(seed + place) for place, name in enumerate(names)}
    site = Site(task, f"crash-{task.name}-{number}", webhooks)
    site.build()
    if story is a_lost_queue:
        forked(lambda tell: tell({"answered": accept_and_lose(site, body)}))
        site.make_queues()
        time.sleep(0.3)
    if story is an_end_that_nobody_repeats:
        forked(lambda tell: tell({"answered": opened(site)}))
    status, told = forked(lambda tell: act(site, story, point, tell))
    result = Result(told_of, point, killed=status == KILLED)
    if status not in (0, KILLED):
        result.trouble = f"the story ended with status {status}"
    result.calls = [call for each in told for call in each.get("calls", ())]
    result.answered = any("answered" in each for each in told)
    repeats = story in ASKED_AGAIN and not result.answered
    status, told = forked(lambda tell: recover(site, body if repeats else None, tell))
    result.rows = [row for each in told for row in each.get("rows", ())]
    if status or not result.rows:
        result.trouble += f" the recovery ended with status {status}"
    result.shown, result.cards = list(site.shown()), list(site.cards())
    site.clear()
    return result


def accept_and_lose(site: Site, body: Any) -> int:
    return Functions(site, Tripwire()).ingest(body)


def opened(site: Site) -> int:
    functions = Functions(site, Tripwire())
    status = functions.ingest(OPEN, "opened")
    functions.send_all()
    return status


def act(site: Site, story: Story, point: tuple[int, bool], tell: Any) -> None:
    """The story, in a process of its own, under the tripwire."""
    fatal, after = point
    wire = Tripwire(fatal or None, after=after)
    wire.stretch()
    story(site, Functions(site, wire), lambda: tell({"answered": True}))
    tell({"calls": wire.calls})


def recover(site: Site, body: Any, tell: Any) -> None:
    """What the world does anyway: the caller who heard no 202 repeats the request, the
    poller polls, the sweep sweeps, until nothing is left to do."""
    functions = Functions(site, Tripwire())
    if body is not None:
        assert functions.ingest(body) == 202
    deadline = time.monotonic() + BOUND
    rows: list[dict[str, Any]] = []
    while time.monotonic() < deadline:
        functions.send_all()
        functions.sweep()
        functions.send_all()
        rows = deliveries(site)
        if rows and all(map(is_settled, rows)):
            break
        time.sleep(PAUSE)
    tell({"rows": rows})


def is_settled(row: dict[str, Any]) -> bool:
    """The broken destination's wait for their due time, or are dead."""
    waits = row["destination"] == BROKEN and row["state"] == "failed"
    return waits or row["state"] in ("sent", "dead_letter", "suppressed", "cancelled")


def deliveries(site: Site) -> list[dict[str, Any]]:
    """Every delivery in the table."""
    items = _inherited["dynamodb"].scan(TableName=site.name)["Items"]
    rows = [unpack(item) for item in items if item["pk"]["S"].startswith("N#")]
    return [
        {
            "id": row.id,
            "over": row.is_over,
            "resolves": row.resolves,
            "destination": name,
            "state": delivery.state.value,
            "possibly_sent": delivery.possibly_sent,
            "due_at": delivery.due_at,
        }
        for row in rows
        for name, delivery in row.deliveries.items()
    ]


def forked(act: Callable[[Any], None]) -> tuple[int, list[dict[str, Any]]]:
    """(exit status, what it told) of a child process that does this and nothing else."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read)
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)

        def tell(what: dict[str, Any]) -> None:
            os.write(write, json.dumps(what).encode() + b"\n")

        try:
            act(tell)
        except BaseException:  # noqa: BLE001 - the child must not go on as its parent
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        told = [json.loads(line) for line in pipe]
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status), told


_clients: dict[str, Any] = {}  # the worker's own
_inherited: dict[str, Any] = {}  # every child's, without connections so far


def aws(service: str) -> Any:
    """The worker's client."""
    if service not in _clients:
        _clients[service] = client(service)
    return _clients[service]


def client(service: str) -> Any:
    return botocore.session.Session().create_client(service)


def load(name: str) -> ModuleType:
    """A function's code, wired anew by the present environment."""
    path = ROOT / "functions" / name / "app.py"
    spec = importlib.util.spec_from_file_location(f"function_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def make_queue(name: str, attributes: dict[str, str]) -> str:
    made = aws("sqs").create_queue(QueueName=name, Attributes=attributes)
    return str(made["QueueUrl"])


def control(task: Task, path: str, order: Any = None) -> Any:
    """The inbox's control API."""
    data = None if order is None else json.dumps(order).encode()
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{task.inbox}/_control{path}", data=data, timeout=30) as answer:
        return json.load(answer)


def prepare(site: Site) -> None:
    """Do once what is slow and the same in every child: import the functions, and make
    their clients, which have no connection yet."""
    for name in SERVICES:
        _inherited[name] = ours(name)
    mock.patch("tocsin.bootstrap.client", _inherited.__getitem__).start()
    os.environ.update(site.environment())
    for name in FUNCTIONS:
        load(name)


def main() -> None:
    """Work off the task."""
    task = Task(**json.load(sys.stdin))
    os.environ |= {"AWS_ENDPOINT_URL": task.endpoint}
    prepare(Site(task, "none", {}))
    for number, (story, *point) in enumerate(task.points):
        result = run(task, story, (point[0], bool(point[1])), number)
        sys.stdout.write(json.dumps(asdict(result)) + "\n")


if __name__ == "__main__":
    main()
