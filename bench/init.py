"""INIT: how long a cold start's own part takes, and how much memory it needs.

    python -m bench.init [--runs 15]

From starting the interpreter to the handler being ready, off a warm disk: imports, AWS
clients, wiring. Lambda's own part (a machine, the code's download) comes on top of it
for everyone. The functions run off the layer as it ships, compared with a bare
handler's imports: boto3 with two clients, and pydantic with one model of 15 fields,
with bytecode, of the same versions. The sender starts a second time without any channel
but Discord's on the disk. All kinds take turns.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from statistics import median

from bench import ROOT
from bench.measuring.emulator import function_environment
from bench.measuring.figures import Results, spread
from bench.measuring.layers import built, compared, pythons

FUNCTIONS = ("ingest", "hooks", "sender", "sweep", "digest", "api")
ALONE = "sender, one channel"
QUEUE = "https://sqs.us-east-1.amazonaws.com/000000000000/bench.fifo"
BARE = """
import boto3
from pydantic import BaseModel
sqs = boto3.client("sqs")
dynamodb = boto3.client("dynamodb")
class Model(BaseModel):
    type: str
    title: str = ""
    message: str = ""
    severity: str = "info"
    state: str | None = None
    source: str = ""
    branch: str = ""
    fingerprint: str = ""
    labels: dict[str, str] = {}
    fields: list[dict[str, str]] = []
    links: list[dict[str, str]] = []
    url: str | None = None
    data: dict[str, object] = {}
    progress: int | None = None
    ttl: int | None = None
"""
READY = """
import time as _t, os as _o
_at = _t.perf_counter_ns()
_cpu = _t.process_time()
_kib = next(int(l.split()[1]) for l in open("/proc/self/status") if l[:6] == "VmHWM:")
_o.write(1, f"{_at} {_kib} {_cpu}".encode())
_o._exit(0)
"""


def main() -> None:
    """Every Python that is found."""
    parser = argparse.ArgumentParser(prog="python -m bench.init")
    parser.add_argument("--runs", type=int, default=15)
    options = parser.parse_args()
    results = Results("init: from starting Python to the handler being ready")
    for version, interpreter in pythons().items():
        with tempfile.TemporaryDirectory() as folder:
            snippets = _snippets(Path(folder), version, interpreter)
            _measure(results, version, interpreter, snippets, options.runs)
    results.finish()


def _snippets(
    folder: Path, version: str, interpreter: str
) -> dict[str, tuple[str, Path]]:
    """(code, what goes on the path) by name."""
    layer, plain = built(version) / "python", compared(version, interpreter)
    snippets = {"nothing": ("", plain), "bare": (BARE, plain)}
    for name in FUNCTIONS:
        # Without bytecode of its own, as SAM ships a function's few lines.
        shutil.copytree(
            ROOT / "functions" / name,
            folder / name,
            ignore=shutil.ignore_patterns("__pycache__"),
        )
        code = f"import sys\nsys.path.insert(0, {str(folder / name)!r})\nimport app\n"
        snippets[name] = (code, layer)
    alone = folder / "alone"
    shutil.copytree(layer / "tocsin", alone / "tocsin")
    for other in (alone / "tocsin" / "channels").glob("[a-z]*/"):
        if other.name != "discord":
            shutil.rmtree(other)
    snippets[ALONE] = (snippets["sender"][0], Path(f"{alone}{os.pathsep}{layer}"))
    return snippets


def _measure(
    results: Results,
    version: str,
    interpreter: str,
    snippets: dict[str, tuple[str, Path]],
    runs: int,
) -> None:
    walls: dict[str, list[float]] = {name: [] for name in snippets}
    cpus: dict[str, list[float]] = {name: [] for name in snippets}
    peaks: dict[str, list[float]] = {name: [] for name in snippets}
    for number in range(runs + 2):
        for name, (code, path) in snippets.items():
            wall, mib, cpu = _once(interpreter, code, path)
            if number >= 2:
                walls[name].append(wall)
                cpus[name].append(cpu)
                peaks[name].append(mib)
    results.say(f"Python {version}, median [least-most] of {runs}, in turns")
    for name in snippets:
        told = f"{spread(walls[name], 0)} ms, {median(peaks[name]):.0f} MiB at most"
        told += f", {1000 * median(cpus[name]):.0f} ms of CPU"
        results.say(f"  {name}", told)
    # By CPU time, since it is all work on one core, and others use this machine too.
    for name in FUNCTIONS:
        by_cpu = median(cpus[name]) / median(cpus["bare"])
        by_clock = median(walls[name]) / median(walls["bare"])
        results.say(f"  {name} over bare by the clock, {version}", f"{by_clock:.2f} x")
        if name == "ingest":
            results.at_most(f"  {name} over bare, {version}", by_cpu, 1.1, "x")
        else:
            results.say(f"  {name} over bare, {version}", f"{by_cpu:.2f} x")
    grown = median(cpus["sender"]) / median(cpus[ALONE])
    results.at_most(f"  sender, all channels over one, {version}", grown, 1.1, "x")


def _once(interpreter: str, code: str, path: Path) -> tuple[float, float, float]:
    """(ms until ready, peak MiB, CPU seconds)."""
    environment = {
        **function_environment(
            endpoint="", queue_url=QUEUE, discord_base="", local=False
        ),
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": str(path),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    began = time.perf_counter_ns()
    done = subprocess.run(
        [interpreter, "-s", "-c", code + READY],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        at, kib, cpu = done.stdout.split()
    except ValueError:
        raise RuntimeError(f"it did not get ready: {done.stderr[-500:]}") from None
    return (int(at) - began) / 1e6, int(kib) / 1024, float(cpu)


if __name__ == "__main__":
    main()
