"""Growth: what ingest, sending, listing and the sweep use as the table fills.

    python -m bench.growth [--largest 100000]

Request units are counted; the emulator's clock says nothing about DynamoDB.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import dataclass
from typing import Any

from bench.measuring import past, prices
from bench.measuring.emulator import (
    ADMIN,
    TABLE,
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
from tocsin.aws import items
from tocsin.identity import SHARDS, first_id_at

PAGE = "GET /v1/notifications?limit=25"
RUNS_A_MONTH = 43_200
STALE_DAYS = 30


@dataclass(frozen=True)
class Used:
    """One call's calls and units."""

    calls: int
    writes: float
    reads: float

    def __str__(self) -> str:
        return f"{self.calls} calls, {self.writes:g} writes, {self.reads:g} reads"

    @property
    def dollars(self) -> float:
        """Of the units."""
        return self.writes * prices.WRITE_UNIT + self.reads * prices.READ_UNIT


class Bench:
    """The handlers, each call metered alone and with cold caches."""

    def __init__(self, one: Emulator) -> None:
        self.one = one
        self.looker = one.client("dynamodb")
        self.queues = one.client("sqs")
        self.number = 0

    def invoke(self, name: str, event: Any) -> tuple[Used, Any]:
        """One invocation."""
        handler = self.one.app(name).handler
        pause_past_caches()
        meter = Meter(self.looker)
        with silenced(), meter.counting():
            answer = handler(event, Context())
        used = Used(sum(meter.calls.values()), meter.writes, meter.reads)
        return used, answer

    def round(self) -> dict[str, Used]:
        """Ingest, send, list, sweep."""
        self.number += 1
        ingest, answer = self.invoke("ingest", request(json.dumps(notice(self.number))))
        _expect(answer, 202)
        event, messages = received(self.queues, self.one.queue_url)
        send, _ = self.invoke("sender", event)
        for each in messages:
            self.queues.delete_message(
                QueueUrl=self.one.queue_url, ReceiptHandle=each["ReceiptHandle"]
            )
        listed, answer = self.invoke("api", request("", key=ADMIN, route=PAGE))
        _expect(answer, 200)
        sweep, _ = self.invoke("sweep", {})
        return {"ingest": ingest, "send": send, "list of 25": listed, "sweep": sweep}

    def mark(self, notification_id: str) -> None:
        """As if the sweep's audit had come to here."""
        for shard in range(SHARDS):
            item = {**items.key("SWEEP", str(shard)), "id": items.text(notification_id)}
            self.looker.put_item(TableName=TABLE, Item=item)


def main() -> None:
    """From an empty table to the largest."""
    parser = argparse.ArgumentParser(prog="python -m bench.growth")
    parser.add_argument("--largest", type=int, default=100_000)
    options = parser.parse_args()
    sizes = [size for size in (1_000, 10_000) if size < options.largest]
    sizes.append(options.largest)
    results = Results("growth: units from an empty table to a full one")
    with emulator() as one:
        bench = Bench(one)
        bench.round()  # The first sweep of a stack writes its marks.
        first = _round(results, bench, 0)
        known, tenth, last = 0, first, first
        for size in sizes:
            _load(bench, size - known)
            known, tenth = size, last
            last = _round(results, bench, size)
        for name, before in first.items():
            growth = _total(last[name]) / _total(before)
            results.say(f"{name}: units, full over empty", f"{growth:.2f} x")
            growth = _total(last[name]) / _total(tenth[name])
            results.at_most("  over a table a tenth as full", growth, 1.1, "x")
        _sweep(results, bench, last["sweep"])
    results.finish()


def _round(results: Results, bench: Bench, size: int) -> dict[str, Used]:
    results.say(f"{size:,} notifications")
    used = bench.round()
    for name, each in used.items():
        results.say(f"  {name}", each)
    return used


def _load(bench: Bench, count: int) -> None:
    now = int(time.time() * 1000)
    since, until = now - past.DAYS * items.DAY_MS, now - 600_000
    past.load(bench.looker, count, since=since, until=until)
    bench.mark(first_id_at(until))


def _sweep(results: Results, bench: Bench, steady: Used) -> None:
    """What the minute's run costs in a month, idle; and what an audit costs."""
    month = steady.dollars * RUNS_A_MONTH
    results.at_most("the sweep in an idle month", month, 1.0, "$")
    now = int(time.time() * 1000)
    bench.mark(first_id_at(now - 590_000))
    quiet, _ = bench.invoke("sweep", {})
    past.load(bench.looker, 1_000, since=now - 580_000, until=now - 200_000)
    bench.mark(first_id_at(now - 590_000))
    audit, answer = bench.invoke("sweep", {})
    each = (audit.dollars - quiet.dollars) / answer["audited"] * prices.MILLION
    results.say("auditing a million new notifications", f"{each:.2f} $")
    bench.mark(first_id_at(now - STALE_DAYS * items.DAY_MS))
    with_gap, _ = bench.invoke("sweep", {})
    bench.invoke("sweep", {})
    quiet_table = _after_silence(bench, now)
    results.say(f"a sweep {STALE_DAYS} days behind", with_gap)
    results.say(f"a sweep after {STALE_DAYS} silent days", quiet_table)
    ratio = quiet_table.reads / steady.reads
    results.at_most("  over a steady one", ratio, 1.5, "x")


def _after_silence(bench: Bench, now: int) -> Used:
    """The second of two runs on a stack where nothing came in for so long."""
    for shard in range(SHARDS):
        for day in range(STALE_DAYS + 2):
            _empty(bench.looker, items.partition(_day(now, day), shard))
    bench.mark(first_id_at(now - STALE_DAYS * items.DAY_MS))
    bench.invoke("sweep", {})
    return bench.invoke("sweep", {})[0]


def _day(now: int, ago: int) -> str:
    return items.day_of(now - ago * items.DAY_MS)


def _empty(client: Any, partition: str) -> None:
    while True:
        found = client.query(
            TableName=TABLE,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": items.text(partition)},
            ProjectionExpression="pk, sk",
            Limit=1000,
        )["Items"]
        if not found:
            return
        for start in range(0, len(found), 25):
            writes = [
                {"DeleteRequest": {"Key": key}} for key in found[start : start + 25]
            ]
            client.batch_write_item(RequestItems={TABLE: writes})


def _total(used: Used) -> float:
    return used.writes + used.reads


def _expect(answer: Any, status: int) -> None:
    if answer["statusCode"] != status:
        raise RuntimeError(f"answered {answer['statusCode']}: {answer.get('body')}")


if __name__ == "__main__":
    main()
