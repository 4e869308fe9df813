"""The client: what it costs those who tell something, and what an outage loses.

    python -m bench.client [--events 10000] [--stack]

Against a stand-in for the API on loopback, in a process of its own, which is killed in
the midst and started again a second later. With `--stack` against the real local stack
instead, whose front door is killed and away for 30 s; what arrived is asked of the API.
Every event is accounted for: it arrived once, or the client has counted it as dropped.
"""

from __future__ import annotations

import argparse
import json
import logging
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from bench import ROOT
from bench.measuring.events import notice
from bench.measuring.figures import Results, spread
from bench.measuring.outages import FrontDoor, Server, stand_in
from bench.measuring.stacks import private_stack

SOURCE = ROOT / "client" / "src"
sys.path.insert(0, str(SOURCE))

from tocsin_client import Tocsin  # noqa: E402

IMPORT_MS = 60.0
POST_US = 20.0
SETTLED = 180.0  # s
ROUNDS = 30
AT_ONCE = 400
IMPORT = """
import sys, time
sys.path.insert(0, {path!r})
wall, cpu = time.perf_counter(), time.process_time()
import {module}
print((time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000)
"""


@dataclass(frozen=True)
class Pace:
    """How much is posted, how fast, and for how many seconds nobody listens."""

    events: int
    a_second: float
    away: float


def main() -> None:
    """Import, post, outage."""
    parser = argparse.ArgumentParser(prog="python -m bench.client")
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--stack", action="store_true", help="the real local stack")
    options = parser.parse_args()
    logging.disable(logging.WARNING)  # of the outage, which is meant
    results = Results("client: what telling costs, and what an outage loses")
    if options.stack:
        with private_stack() as stack:
            stack.route([])  # to nobody: what counts here is what is stored
            pace = Pace(options.events, a_second=200, away=30)
            outages(results, FrontDoor(stack), pace, "stack")
    else:
        importing(results)
        on_loopback(results, Pace(options.events, a_second=4000, away=1))
    results.finish()


def on_loopback(results: Results, pace: Pace) -> None:
    """What needs a server, and not more of it than an answer."""
    with tempfile.TemporaryDirectory() as folder, stand_in(Path(folder)) as server:
        posting(results, server)
        outages(results, server, pace, "loopback")


def importing(results: Results) -> None:
    """From a warm disk, with bytecode. Judged by CPU time, since it is all work on one
    core, and others use this machine too."""
    figures = {}
    for module in ("tocsin_client", "urllib3"):
        code = IMPORT.format(path=str(SOURCE), module=module)
        runs = [_imported(code) for _ in range(10)][1:]
        walls, cpus = [list(each) for each in zip(*runs, strict=True)]
        figures[module] = median(cpus)
        told = f"{spread(walls, 1)} ms, {figures[module]:.1f} ms of CPU"
        results.say(f"import {module}", told)
    mine = figures["tocsin_client"]
    results.at_most("import, CPU", mine, IMPORT_MS, "ms")
    results.say("import, over that of urllib3", f"{mine / figures['urllib3']:.2f} x")


def _imported(code: str) -> tuple[float, float]:
    command = [sys.executable, "-I", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    wall, cpu = done.stdout.split()
    return float(wall), float(cpu)


def posting(results: Results, server: Server) -> None:
    """What the caller spends, while the thread sends what was posted before; beside
    the least that anyone could do: write JSON and put it into a queue."""
    small = {"type": "order.paid", "title": "Order paid", "labels": {"shop": "7"}}
    plain: queue.Queue[str] = queue.Queue()

    def put(**event: object) -> None:
        plain.put_nowait(json.dumps(event))

    tocsin = Tocsin(server.url, server.key, queue_size=AT_ONCE)
    for name, event in (("small", small), ("1 KB", notice(1))):
        walls, cpus, least = [], [], []
        for _ in range(ROUNDS):
            wall, cpu = _cost(tocsin.post, event)
            walls.append(wall)
            cpus.append(cpu)
            tocsin.flush(10)
            least.append(_cost(put, event)[1])
        told = f"{spread(walls, 1)} us by the clock"
        results.say(f"post(), {name} event, {AT_ONCE} at once", told)
        spent = median(cpus)
        results.at_most(f"post(), {name}, CPU of the caller", spent, POST_US, "us")
        results.say(
            f"post(), {name}, over json.dumps and a queue",
            f"{spent / median(least):.1f} x",
        )
    if tocsin.dropped:
        raise RuntimeError(f"{tocsin.dropped} were dropped")


def _cost(call: Callable[..., object], event: dict[str, Any]) -> tuple[float, float]:
    """(us by the clock, us of this thread's CPU) for one call."""
    wall, cpu = time.perf_counter(), time.thread_time()
    for _ in range(AT_ONCE):
        call(**event)
    cpu = time.thread_time() - cpu
    return (time.perf_counter() - wall) / AT_ONCE * 1e6, cpu / AT_ONCE * 1e6


def outages(results: Results, server: Server, pace: Pace, name: str) -> None:
    """With a queue that holds everything, and with the one that users get."""
    for size in (pace.events, 500):
        outage(results, server, pace, size, f"{name}-{size}")


def outage(results: Results, server: Server, pace: Pace, size: int, kind: str) -> None:
    """Post at an even pace while the server dies, is away, and comes back."""
    tocsin = Tocsin(server.url, server.key, queue_size=size)
    began, since = time.monotonic(), datetime.now(UTC)
    first, later = pace.events // 5, range(pace.events // 5, pace.events)
    taken = posted(tocsin, kind, range(first), pace)
    away = threading.Thread(target=gone, args=(server, pace.away))
    away.start()
    taken += posted(tocsin, kind, later, pace)
    away.join()
    settled = tocsin.flush(SETTLED)
    seconds = time.monotonic() - began
    arrived = server.stored(kind, since)
    refused = pace.events - len(taken)
    told = f"{len(arrived):,} arrived, {tocsin.dropped:,} dropped, {seconds:.1f} s"
    what = f"{pace.events:,} posts, queue of {size:,}, away for {pace.away:g} s"
    results.say(what, told)
    queue = f"queue of {size:,}"
    results.at_most(f"{queue}: taken and lost", len(set(taken) - set(arrived)), 0)
    results.at_most(f"{queue}: arrived twice", len(arrived) - len(set(arrived)), 0)
    results.at_most(f"{queue}: not counted", abs(refused - tocsin.dropped), 0)
    results.at_least(f"{queue}: all settled", int(settled), 1)
    if size >= pace.events:
        results.at_most(f"{queue}: dropped", tocsin.dropped, 0)


def posted(tocsin: Tocsin, kind: str, numbers: Iterable[int], pace: Pace) -> list[str]:
    """Post them evenly; those that the queue took."""
    taken = []
    began = time.monotonic()
    for place, number in enumerate(numbers):
        time.sleep(max(0.0, began + place / pace.a_second - time.monotonic()))
        if tocsin.post(kind, str(number)):
            taken.append(str(number))
    return taken


def gone(server: Server, seconds: float) -> None:
    """Take it away for so long."""
    server.leave()
    time.sleep(seconds)
    server.come_back()


if __name__ == "__main__":
    main()
