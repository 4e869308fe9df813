"""The client: what it costs those who tell something, and what an outage loses.

    python -m bench.client [--events 10000]

Against a stand-in for the API on loopback, in a process of its own, which is killed in
the midst and started again a second later. Every event is accounted for: it arrived
once, or the client has counted it as dropped.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import queue
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from bench import ROOT
from bench.measuring.events import notice
from bench.measuring.figures import Results, spread

SOURCE = ROOT / "client" / "src"
sys.path.insert(0, str(SOURCE))

from tocsin_client import Tocsin  # noqa: E402

IMPORT_MS = 60.0
POST_US = 20.0
AWAY_S = 1.0
ROUNDS = 30
AT_ONCE = 400
IMPORT = """
import sys, time
sys.path.insert(0, {path!r})
wall, cpu = time.perf_counter(), time.process_time()
import {module}
print((time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000)
"""


def main() -> None:
    """Import, post, outage."""
    parser = argparse.ArgumentParser(prog="python -m bench.client")
    parser.add_argument("--events", type=int, default=10_000)
    options = parser.parse_args()
    logging.disable(logging.WARNING)  # of the outage, which is meant
    results = Results("client: what telling costs, and what an outage loses")
    importing(results)
    with tempfile.TemporaryDirectory() as folder:
        posting(results, Path(folder))
        for size in (500, options.events):
            outage(results, Path(folder) / str(size), options.events, size)
    results.finish()


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


def posting(results: Results, folder: Path) -> None:
    """What the caller spends, while the thread sends what was posted before; beside
    the least that anyone could do: write JSON and put it into a queue."""
    small = {"type": "order.paid", "title": "Order paid", "labels": {"shop": "7"}}
    plain: queue.Queue[str] = queue.Queue()

    def put(**event: object) -> None:
        plain.put_nowait(json.dumps(event))

    with server(free_port(), folder / "posting") as url:
        tocsin = Tocsin(url, "key", queue_size=AT_ONCE)
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


def outage(results: Results, folder: Path, count: int, size: int) -> None:
    """Post at an even pace while the server dies, is away, and comes back."""
    folder.mkdir()
    port, file = free_port(), folder / "stored"
    taken: list[str] = []
    refused = 0
    began = time.monotonic()
    with server(port, file) as url:
        tocsin = Tocsin(url, "key", queue_size=size)
        for number in range(count // 3):
            refused += not told(tocsin, number, taken)
    back = time.monotonic() + AWAY_S
    number = count // 3
    while time.monotonic() < back and number < count:
        refused += not told(tocsin, number, taken)
        number += 1
    with server(port, file):
        for rest in range(number, count):
            refused += not told(tocsin, rest, taken)
        settled = tocsin.flush(60)
    seconds = time.monotonic() - began
    lines = [line.split(" ") for line in file.read_text().splitlines()]
    arrived = [title for _, kind, title in (each[:3] for each in lines) if kind == "a"]
    lost = len(set(taken) - set(arrived))
    results.say(
        f"{count:,} posts, queue of {size:,}, server away for {AWAY_S:g} s",
        f"{len(arrived):,} arrived, {tocsin.dropped:,} dropped, {seconds:.1f} s",
    )
    results.at_most(f"queue of {size:,}: taken and lost", lost, 0)
    results.at_most(
        f"queue of {size:,}: arrived twice", len(arrived) - len(set(arrived)), 0
    )
    results.at_most(
        f"queue of {size:,}: dropped and not counted", refused - tocsin.dropped, 0
    )
    results.at_least(f"queue of {size:,}: all settled", int(settled), 1)
    if size >= count:
        results.at_most(f"queue of {size:,}: dropped", tocsin.dropped, 0)


def told(tocsin: Tocsin, number: int, taken: list[str]) -> bool:
    """Post one; about 4,000 a second."""
    time.sleep(0.0002)
    done = tocsin.post("a", str(number))
    if done:
        taken.append(str(number))
    return done


@contextmanager
def server(port: int, file: Path) -> Iterator[str]:
    """Run it; kill it at the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.measuring.loopback", str(port), str(file)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 0.1).close()
                break
            except OSError:
                time.sleep(0.01)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def free_port() -> int:
    """One that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main()
