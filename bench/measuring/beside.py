"""A process beside ours: what it spends is not counted as ours."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from bench import ROOT


@contextmanager
def beside(module: str, told: str = "") -> Iterator[str]:
    """Run a module that serves until its standard input ends, told one line there if
    any; yields the first line that it prints."""
    process = subprocess.Popen(
        [sys.executable, "-m", module],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("no pipes")
    try:
        if told:
            process.stdin.write(f"{told}\n")
            process.stdin.flush()
        yield process.stdout.readline().strip()
    finally:
        process.stdin.close()
        process.wait()
        process.stdout.close()
