"""Cost: AWS calls, request units and list-price dollars for a million notifications.

    python -m bench.cost

The real handlers run in this process against an emulator; every AWS call is counted.
It is the idle case, which is the dearest: one event a request, one message a sender
invocation, nothing remembered from the one before.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bench import ROOT
from bench.measuring import prices
from bench.measuring.emulator import (
    Context,
    Emulator,
    emulator,
    pause_past_caches,
    received,
    request,
    silenced,
)
from bench.measuring.events import notice
from bench.measuring.figures import Results
from bench.measuring.metering import Meter

ROUNDS = 12
LISTS = 3
MEMORY_GB = {"ingest": 0.5, "sender": 0.25}  # MemorySize of the template
# Assumed: what AWS answers in, and Discord. Our own CPU is measured here, and counted
# several times: 512 MB are 0.29 of a core of about this speed, 256 MB half of that.
AWS_CALL = 0.006
DISCORD_CALL = 0.150
SLOWER = {"ingest": 3.4, "sender": 6.8}
# What the API writes of a request. Lambda itself writes of what goes wrong only: the
# template asks for its words from WARN up.
ACCESS_LOG = 330
LOG_OVERHEAD = 26


@dataclass
class Bill:
    """What a number of notifications used."""

    notifications: int = 0
    requests: int = 0
    invocations: int = 0
    published: int = 0
    writes: float = 0.0
    reads: float = 0.0
    queue: float = 0.0
    log: float = 0.0
    lambda_seconds: float = 0.0
    gb_seconds: float = 0.0
    calls: Counter[str] = field(default_factory=Counter)

    def dollars(self) -> dict[str, float]:
        """By item, for a million notifications."""
        scale = prices.MILLION / self.notifications
        spent = {
            "HTTP API": self.requests * prices.HTTP_API,
            "SNS": self.published * prices.SNS_PUBLISH,
            "Lambda requests": self.invocations * prices.LAMBDA_REQUEST,
            "Lambda GB-s": self.gb_seconds * prices.LAMBDA_GB_SECOND,
            "DynamoDB writes": self.writes * prices.WRITE_UNIT,
            "DynamoDB reads": self.reads * prices.READ_UNIT,
            "SQS": self.queue * prices.SQS_FIFO,
            "logs": self.log * prices.LOG_BYTE,
        }
        return {name: value * scale for name, value in spent.items()}


@dataclass
class Till:
    """Runs handlers, and puts what they use on the bill."""

    emulator: Emulator
    bill: Bill = field(default_factory=Bill)

    def __post_init__(self) -> None:
        self.looker = self.emulator.client("dynamodb")
        self.queues = self.emulator.client("sqs")
        self.emulator.app("ingest")
        self.emulator.app("sender")

    def post(self, event: dict[str, Any] | list[dict[str, Any]]) -> None:
        """One request over HTTPS."""
        answer = self._invoke("ingest", request(json.dumps(event)))
        if answer["statusCode"] != 202:
            raise RuntimeError(f"refused: {answer}")
        self.bill.requests += 1
        self.bill.log += ACCESS_LOG + LOG_OVERHEAD

    def publish(self, event: dict[str, Any]) -> None:
        """One alarm over the topic."""
        self._invoke("ingest", event)
        self.bill.published += 1

    def deliver(self, messages_expected: int = 1) -> None:
        """What is queued, one invocation; SQS is asked once and told once for it."""
        event, messages = received(self.queues, self.emulator.queue_url)
        if len(messages) != messages_expected:
            raise RuntimeError(f"{len(messages)} messages in the queue")
        answer = self._invoke("sender", event, waits=DISCORD_CALL * messages_expected)
        if answer["batchItemFailures"]:
            raise RuntimeError(f"not sent: {answer}")
        for each in messages:
            self.queues.delete_message(
                QueueUrl=self.emulator.queue_url, ReceiptHandle=each["ReceiptHandle"]
            )
        self.bill.queue += 2

    def _invoke(self, name: str, event: Any, *, waits: float = 0.0) -> Any:
        pause_past_caches()
        meter, handler = Meter(self.looker), self.emulator.app(name).handler
        with silenced() as logged, meter.counting():
            before = time.thread_time()
            answer = handler(event, Context())
            cpu = time.thread_time() - before - meter.overhead
            written = logged()
        busy = cpu * SLOWER[name] + waits + sum(meter.calls.values()) * AWS_CALL
        self._add(meter, busy, written)
        self.bill.gb_seconds += busy * MEMORY_GB[name]
        return answer

    def _add(self, meter: Meter, seconds: float, written: int) -> None:
        bill = self.bill
        bill.invocations += 1
        bill.writes += meter.writes
        bill.reads += meter.reads
        bill.queue += meter.sqs
        bill.calls += meter.calls
        bill.lambda_seconds += seconds
        bill.log += written + LOG_OVERHEAD


def main() -> None:
    """Bill notices, then alarms."""
    results = Results("cost: list price of a million notifications, idle case")
    with emulator() as one:
        _warm(one)
        told = _bill(one, _notices)
        _print(results, "a notice of 1 KB over HTTPS, one destination", told)
        total = sum(told.dollars().values())
        results.at_most("a million notices", total, 8.0, "$")
        alarms = _bill(one, _alarms)
        _print(results, "an alarm over the topic (opened, then resolved)", alarms)
        both = sum(alarms.dollars().values())
        results.at_most("a million alarm notifications", both, 8.0, "$")
        results.say("an alarm's notification over a notice", f"{both / total:.2f} x")
        full = _bill(one, _lists)
        _print(results, "notices in lists of 100, sent ten in a call", full)
        results.at_most("a million in lists", sum(full.dollars().values()), 8.0, "$")
        bare = _bare()
        results.say(
            "a bare pipeline (1 put, 1 message, no record of sending)", f"{bare:.2f} $"
        )
        results.say("ours over the bare pipeline", f"{total / bare:.2f} x")
    results.say("not counted: SQS polling of an idle queue (0.26-0.33 $ a month),")
    results.say("storage, alarms, the sweep (see growth), data transfer, free tiers")
    results.finish()


def _bill(one: Emulator, use: Callable[[Till], int]) -> Bill:
    till = Till(one)
    till.bill.notifications = use(till)
    return till.bill


def _warm(one: Emulator) -> None:
    till = Till(one)
    till.post(notice(0, "warm"))
    till.deliver()


def _notices(till: Till) -> int:
    for number in range(ROUNDS):
        till.post(notice(number))
        till.deliver()
    return ROUNDS


def _lists(till: Till) -> int:
    for number in range(LISTS):
        till.post([notice(each, f"list{number}") for each in range(100)])
        till.deliver(10)
    return 100 * LISTS


def _alarms(till: Till) -> int:
    for number in range(ROUNDS):
        for name in ("sns-alarm-metric", "sns-alarm-ok"):
            till.publish(_alarm(name, number))
            till.deliver()
    return 2 * ROUNDS


def _alarm(name: str, number: int) -> dict[str, Any]:
    """A real payload, made into the story of another alarm."""
    event: dict[str, Any] = json.loads((ROOT / f"events/{name}.json").read_text())
    told = event["Records"][0]["Sns"]
    told["MessageId"] = f"{name}-{number}"
    told["Timestamp"] = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    message = json.loads(told["Message"])
    message["StateChangeTime"] = told["Timestamp"]
    for field_name in ("AlarmName", "AlarmArn"):
        message[field_name] = f"{message[field_name]}-{number}"
    told["Message"] = json.dumps(message)
    return event


def _print(results: Results, what: str, bill: Bill) -> None:
    each = bill.notifications
    results.say(what)
    calls = ", ".join(f"{n / each:g} {name}" for name, n in sorted(bill.calls.items()))
    results.say("  AWS calls", calls)
    results.say(
        "  write units, read units", f"{bill.writes / each:g}, {bill.reads / each:g}"
    )
    results.say("  queue requests", f"{bill.queue / each:g}")
    milliseconds = 1000 * bill.lambda_seconds / each
    results.say("  Lambda, both functions, assumed", f"{milliseconds:.0f} ms")
    results.say("  log bytes", f"{bill.log / each:.0f}")
    for name, dollars in bill.dollars().items():
        if dollars:
            results.say(f"  {name}", f"{dollars:.2f} $")


def _bare() -> float:
    """Two functions that put one item, send one message and post it: no idempotency,
    no record of the outcome, no retry of their own."""
    seconds = 2 * (AWS_CALL * 1.5) + DISCORD_CALL
    bill = Bill(
        notifications=1,
        requests=1,
        invocations=2,
        writes=1,
        queue=3,
        log=2 * LOG_OVERHEAD + ACCESS_LOG + LOG_OVERHEAD,
        lambda_seconds=seconds,
    )
    return sum(bill.dollars().values())


if __name__ == "__main__":
    main()
