"""Burst: many events to one webhook, on the real stack, under Discord's own limit.

    python -m bench.burst [--events 3000] [--singles]

The limit is Discord's: 5 calls in 2 s to one webhook, ten embeds in a call. No sender
can be done before `(ceil(calls / 5) - 1) * 2` seconds, nor before the last event came.
"""

from __future__ import annotations

import argparse
import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import ceil

from bench.measuring.events import notice
from bench.measuring.figures import Results
from bench.measuring.stacks import Stack, private_stack
from local.calls import call

WEBHOOK = "1200000000000000001"
AT_ONCE = 100
PATTERN = r"m-\d{6}"


@dataclass(frozen=True)
class Arrived:
    """What the webhook saw."""

    delivered: int
    repeated: int
    calls: int
    limited: int
    seconds: float
    posting: float


def limit_of(events: int) -> float:
    """Seconds that Discord's limit alone takes."""
    calls = ceil(events / 10)
    return (ceil(calls / 5) - 1) * 2.0


def measure(stack: Stack, events: int, *, singles: bool) -> Arrived:
    """Post all, wait for all (at most three times the limit and a minute)."""
    stack.inbox("DELETE", "/messages")
    began = time.monotonic()
    _post(stack, events, singles=singles)
    posting = time.monotonic() - began
    patience = time.monotonic() + 3 * limit_of(events) + 60
    while time.monotonic() < patience:
        seen = stack.stats(PATTERN)
        if seen["markers"]["unique"] >= events:
            break
        time.sleep(0.5)
    seen = stack.stats(PATTERN)
    counts = seen["webhooks"].get(WEBHOOK, {})
    first, last = counts.get("first_accepted_at"), counts.get("last_accepted_at")
    return Arrived(
        delivered=seen["markers"]["unique"],
        repeated=len(seen["markers"]["repeated"]),
        calls=counts.get("calls", 0),
        limited=counts.get("limited", 0),
        seconds=last - first if first and last else 0.0,
        posting=posting,
    )


def _post(stack: Stack, events: int, *, singles: bool) -> None:
    bodies = [notice(number) for number in range(events)]
    size = 1 if singles else AT_ONCE
    parts = [bodies[start : start + size] for start in range(0, events, size)]

    def send(part: list[dict[str, object]]) -> None:
        body = json.dumps(part[0] if singles else part).encode()
        status, answer = call("POST", stack.events_url, body, key=stack.key)
        if status != 202:
            raise RuntimeError(f"an event was answered {status}: {answer}")

    with ThreadPoolExecutor(8 if singles else 1) as pool:
        list(pool.map(send, parts))


def main() -> None:
    """Start a stack, send a burst, print how it went."""
    parser = argparse.ArgumentParser(prog="python -m bench.burst")
    parser.add_argument("--events", type=int, default=300)
    parser.add_argument("--singles", action="store_true", help="one event a request")
    options = parser.parse_args()
    events: int = options.events
    form = "one by one" if options.singles else f"in lists of {AT_ONCE}"
    results = Results(f"burst: {events} events, posted {form}, to one webhook")
    with private_stack() as stack:
        stack.connect({"burst": WEBHOOK})
        stack.route([{"name": "all", "to": ["burst"]}])
        arrived = measure(stack, events, singles=options.singles)
    limit, fewest = limit_of(events), events / 10
    results.say("posted in", f"{arrived.posting:.2f} s")
    results.at_least("delivered", arrived.delivered / events * 100, 100, "%")
    results.at_most("shown more than once", arrived.repeated, 0)
    results.at_most("calls", arrived.calls, 1.1 * fewest + 2)
    results.say("calls over the fewest possible", f"{arrived.calls / fewest:.2f} x")
    share = 100 * arrived.limited / max(1, arrived.calls)
    results.at_most(f"429s ({arrived.limited})", share, 2, "% of calls")
    results.say("first to last message", f"{arrived.seconds:.2f} s")
    results.say("Discord's limit allows", f"{limit:.2f} s")
    if arrived.posting > limit:
        results.say("posting took longer than that, and is the limit here")
    ratio = arrived.seconds / max(limit, arrived.posting)
    results.at_most("time over the limit", ratio, 1.15, "x")
    own = limit_of(10 * arrived.calls)
    results.say(
        "time over the limit of so many calls", f"{arrived.seconds / own:.2f} x"
    )
    results.finish()


if __name__ == "__main__":
    main()
