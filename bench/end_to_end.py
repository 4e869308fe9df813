"""End to end: from the post to the message, beside a bare pipeline on the same stack.

    python -m bench.end_to_end [--events 200]

The bare pipeline (bench/bare) is two functions of 30 lines with a queue between them:
no keys, no checks, no record, no limits, no retries. The emulator does most of the work
of both, so only the ratio says something.
"""

from __future__ import annotations

import argparse
import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import median

from bench.measuring import bare
from bench.measuring.events import marker, notice
from bench.measuring.figures import Results, spread
from bench.measuring.stacks import TOKEN, Stack, private_stack
from local.calls import call

OURS, BARE = "1600000000000000001", "1600000000000000002"
ROUNDS = 15
SENDERS = 4
PAUSE = 0.3  # so that none meets the end of the other's work


@dataclass(frozen=True)
class Pipeline:
    """One of the two."""

    name: str
    url: str
    key: str

    def post(self, number: int, mark: str) -> None:
        """One event; it must be taken."""
        body = json.dumps(notice(number, mark)).encode()
        status, answer = call("POST", self.url, body, key=self.key)
        if status != 202:
            raise RuntimeError(f"{self.name} answered {status}: {answer}")


def main() -> None:
    """Latency in turns, then throughput."""
    parser = argparse.ArgumentParser(prog="python -m bench.end_to_end")
    parser.add_argument("--events", type=int, default=200)
    options = parser.parse_args()
    results = Results("end to end: beside a bare pipeline on the same emulator")
    with private_stack() as stack:
        pipelines = _pipelines(stack)
        latencies = _latencies(stack, pipelines)
        for name, seen in latencies.items():
            milliseconds = [1000 * each for each in seen]
            results.say(f"{name}, post to visible, ms", spread(milliseconds, 0))
        ratio = median(latencies["tocsin"]) / median(latencies["bare"])
        results.say("latency over the bare pipeline", f"{ratio:.2f} x")
        rates = {
            one.name: _rate(stack, one, options.events, turn)
            for turn, one in enumerate(pipelines)
        }
        for name, rate in rates.items():
            results.say(f"{name}, events a second, one a request", f"{rate:.1f}")
        ratio = rates["tocsin"] / rates["bare"]
        results.say("throughput over the bare pipeline", f"{ratio:.2f} x")
        listed = _lists(stack, pipelines[0], options.events)
        results.say("tocsin, events a second, lists of 100", f"{listed:.1f}")
        results.at_least("  over the bare pipeline", listed / rates["bare"], 1, "x")
    results.finish()


def _pipelines(stack: Stack) -> list[Pipeline]:
    stack.inbox("POST", "/limits", {"per_webhook": None, "per_address": None})
    stack.connect({"all": OURS})
    stack.route([{"name": "all", "to": ["all"]}])
    base = f"{stack.described['inbox_url'].rstrip('/')}/discord"
    webhook = f"{base}/api/v10/webhooks/{BARE}/{TOKEN}"
    upstream = stack.inbox("GET", "/upstream")["url"]
    return [
        Pipeline("tocsin", f"{upstream}/v1/events", stack.key),
        Pipeline("bare", bare.deploy(stack.place, webhook), ""),
    ]


def _latencies(stack: Stack, pipelines: list[Pipeline]) -> dict[str, list[float]]:
    seen: dict[str, list[float]] = {one.name: [] for one in pipelines}
    for number in range(ROUNDS + 2):
        for one in pipelines:
            time.sleep(PAUSE)
            began = time.time()
            one.post(number, f"l{one.name}")
            arrived = _wait(stack, marker(f"l{one.name}", number))
            if number >= 2:
                seen[one.name].append(arrived - began)
    return seen


def _wait(stack: Stack, text: str) -> float:
    answer = stack.inbox("GET", f"/wait?contains={text}&timeout=60")
    if not answer["complete"]:
        raise RuntimeError(f"{text} never arrived")
    return float(answer["messages"][0]["received_at"])


def _rate(stack: Stack, one: Pipeline, events: int, turn: int) -> float:
    mark = f"t{turn}"
    began = time.time()
    with ThreadPoolExecutor(SENDERS) as pool:
        list(pool.map(lambda number: one.post(number, mark), range(events)))
    return events / (_all(stack, mark, events) - began)


def _lists(stack: Stack, one: Pipeline, events: int) -> float:
    began = time.time()
    for start in range(0, events, 100):
        numbers = range(start, min(events, start + 100))
        body = json.dumps([notice(number, "tl") for number in numbers]).encode()
        status, answer = call("POST", one.url, body, key=one.key)
        if status != 202:
            raise RuntimeError(f"answered {status}: {answer}")
    return events / (_all(stack, "tl", events) - began)


def _all(stack: Stack, mark: str, events: int) -> float:
    """When the last of them became visible."""
    patience = time.monotonic() + 120
    while time.monotonic() < patience:
        seen = stack.stats(rf"{mark}-\d{{6}}")
        if seen["markers"]["unique"] >= events:
            return float(seen["last_accepted_at"])
        time.sleep(0.3)
    raise RuntimeError(f"{seen['markers']['unique']} of {events} arrived")


if __name__ == "__main__":
    main()
