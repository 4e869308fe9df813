"""Adapters: how fast tools' payloads are read, beside what taking an event in costs.

    python -m bench.adapters

Real payloads of `events/`, padded to 2 KB where they are smaller, on the layer as it
ships. Ingest is `bench.cpu`'s figure for one event, all included, in the same run.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import Any

from bench import ROOT
from bench.cpu import LAYER, cases, environment, furniture, milliseconds, on_the_layer
from bench.measuring.canned import canned
from bench.measuring.emulator import WEBHOOK, load
from bench.measuring.figures import Results
from tocsin.channels.discord.settings import split
from tocsin.intake.batch import Batch
from tocsin.intake.eventbridge import read_invocation
from tocsin.intake.hooks import Call, reader_of
from tocsin.intake.sns import read_notification

SIZE = 2000
TIMES = 200
SHARE = 20
PAYLOADS = (
    "alertmanager-resolved",
    "discord-embed",
    "email-received",
    "generic-mapped",
    "github-workflow-failure",
    "grafana-firing",
    "healthchecks-down",
    "sentry-issue-alert",
    "slack-blocks",
    "standard-foreign",
    "stripe-invoice-failed",
    "uptime-kuma-down",
)
INVOCATIONS: dict[str, Callable[[Any], Batch]] = {
    "sns-alarm-metric": read_notification,
    "eventbridge-alarm-metric": read_invocation,
    "eventbridge-ecs-task-stopped": read_invocation,
}
OPTIONS: dict[str, dict[str, Any]] = {
    "generic": {
        "each": "checks",
        "map": {
            "title": "what",
            "state": "status",
            "severity": "level",
            "fingerprint": "join(':', ['probe', to_string(id)])",
            "url": "page",
        },
    }
}


def main() -> None:
    """Ingest first, then each adapter beside it."""
    if LAYER not in os.environ:
        sys.exit(on_the_layer("bench.adapters"))
    results = Results("adapters: one core, about 2 KB each")
    ingest = ingest_milliseconds()
    results.say("ingest, one event, all included", f"{ingest:.3f} ms")
    worst = 0.0
    for name in PAYLOADS:
        adapter, call = called(name)
        spent = milliseconds(lambda a=adapter, c=call: read(a, c), TIMES)  # type: ignore[misc]
        events = len(read(adapter, call).received)
        tell(results, name, len(call.body), events, spent, ingest)
        worst = max(worst, spent / ingest * 100 / events)
    for name, take in INVOCATIONS.items():
        body = (ROOT / f"events/{name}.json").read_text("utf-8")
        spent = milliseconds(lambda t=take, told=body: t(json.loads(told)), TIMES)  # type: ignore[misc]
        tell(results, name, len(body), 1, spent, ingest)
        worst = max(worst, spent / ingest * 100)
    results.at_most("the slowest, per event, beside ingest", worst, SHARE, "%")
    results.finish()


def tell(
    results: Results, name: str, size: int, events: int, spent: float, ingest: float
) -> None:
    """One adapter's line."""
    rate, share = 1000 / spent, spent / ingest * 100 / events
    told = f"{rate:,.0f} calls/s, {spent * 1000:,.0f} µs, {share:.1f} % of ingest"
    results.say(f"{name} ({size:,} bytes, {events} told)", told)


def read(adapter: str, call: Call) -> Batch:
    """A call is read anew: its JSON is parsed once in its life."""
    return reader_of(adapter)(Call(call.headers, call.body, call.query, call.options))


def called(name: str) -> tuple[str, Call]:
    """(adapter, call) of a payload, padded to size by a key that nobody reads."""
    event = json.loads((ROOT / f"events/hooks-{name}.json").read_text("utf-8"))
    adapter = event["pathParameters"]["adapter"]
    body = event["body"]
    missing = SIZE - len(body)
    if missing > 0:
        body = f'{{"padding": "{"x" * missing}", {body[1:]}'
    options = OPTIONS.get(adapter, {})
    return adapter, Call(event["headers"], body.encode(), options=options)


def ingest_milliseconds() -> float:
    """`bench.cpu`: one event of 1 KB through the warm function."""
    settings, secret = split({"url": WEBHOOK})
    stored = furniture(settings)
    with canned(stored, secret) as address, environment(address):
        apps = {name: load(name) for name in ("ingest", "sender")}
        call, events, times = cases(apps, ["0" * 26] * 100)["one event"]
        return milliseconds(call, times) / events


if __name__ == "__main__":
    main()
