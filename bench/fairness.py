"""Fairness: a healthy destination beside one that hangs and one that fails.

    python -m bench.fairness [--events 16]

First alone, then beside a destination that hangs for 20 s and one that answers 500:
every event goes to all three, so that they meet in the same batches.
"""

from __future__ import annotations

import argparse
import json
import time
from statistics import median
from typing import Any

from bench.measuring.events import marker, notice
from bench.measuring.figures import Results, spread
from bench.measuring.stacks import Stack, private_stack
from local.calls import call

HOOKS = {
    "healthy": "1700000000000000001",
    "hanging": "1700000000000000002",
    "failing": "1700000000000000003",
}
EVERY = 0.6  # seconds between events: below the webhook's own limit
TIMEOUT = 5.0  # the sender's longest call
HANG = 20


def main() -> None:
    """Alone, then in bad company."""
    parser = argparse.ArgumentParser(prog="python -m bench.fairness")
    parser.add_argument("--events", type=int, default=16)
    options = parser.parse_args()
    results = Results(
        "fairness: a healthy destination beside a hanging and a failing one"
    )
    with private_stack() as stack:
        stack.connect(HOOKS)
        stack.route(
            [
                {"name": "alone", "match": {"type": "alone"}, "to": ["healthy"]},
                {"name": "crowd", "to": list(HOOKS)},
            ]
        )
        measured(stack, "warm", "crowd", 4)
        alone = measured(stack, "a", "alone", options.events)
        peaceful = measured(stack, "c", "crowd", options.events)
        misbehave(stack)
        beside = measured(stack, "b", "crowd", options.events)
    results.say("alone, post to visible, seconds", spread(alone))
    results.say("beside two healthy ones", spread(peaceful))
    results.say("beside a hanging and a failing one", spread(beside))
    for name, before in (("alone", alone), ("healthy company", peaceful)):
        ratio = median(beside) / median(before)
        results.say(f"median over {name}", f"{ratio:.2f} x")
    ratio = median(beside) / median(peaceful)
    if ratio <= 1.5:
        results.at_most("median, bad over good company", ratio, 1.5, "x")
    results.at_most("the longest", max(beside), TIMEOUT, "s")
    results.finish()


def misbehave(stack: Stack) -> None:
    """From now on one hangs and one fails."""
    orders: list[dict[str, Any]] = [
        {"webhook": HOOKS["hanging"], "mode": "hang", "seconds": HANG},
        {"webhook": HOOKS["failing"], "mode": "status", "status": 500},
    ]
    for order in orders:
        stack.inbox("POST", "/behaviour", order)


def measured(stack: Stack, mark: str, kind: str, events: int) -> list[float]:
    """Seconds from post to visible at the healthy one, event by event."""
    posted = {}
    for number in range(events):
        began = time.time()
        posted[marker(mark, number)] = began
        body = json.dumps({**notice(number, mark), "type": kind}).encode()
        status, answer = call("POST", stack.events_url, body, key=stack.key)
        if status != 202:
            raise RuntimeError(f"an event was answered {status}: {answer}")
        time.sleep(max(0.0, EVERY - (time.time() - began)))
    return [arrival(stack, text) - at for text, at in posted.items()]


def arrival(stack: Stack, text: str) -> float:
    """When it became visible at the healthy one."""
    query = f"/wait?webhook={HOOKS['healthy']}&contains={text}&timeout=60"
    answer = stack.inbox("GET", query)
    if not answer["complete"]:
        raise RuntimeError(f"{text} never arrived")
    return float(answer["messages"][0]["received_at"])


if __name__ == "__main__":
    main()
