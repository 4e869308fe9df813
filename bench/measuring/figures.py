"""Figures: a benchmark's results as lines, each beside its target."""

from __future__ import annotations

import os
import platform
import sys
from dataclasses import dataclass, field
from statistics import median


def machine() -> str:
    """The class of this machine, without its name."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0
    version = platform.python_version()
    return f"{cores or os.cpu_count()} cores {platform.machine()}, Python {version}"


def middle(values: list[float]) -> float:
    """The median; 0 for nothing."""
    return median(values) if values else 0.0


def spread(values: list[float], digits: int = 2) -> str:
    """Median, least and most."""
    low, high = min(values), max(values)
    return f"{median(values):.{digits}f} [{low:.{digits}f}-{high:.{digits}f}]"


@dataclass
class Results:
    """Prints while it is measured, and counts the targets that were missed."""

    title: str
    missed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        print(f"{self.title}\n({machine()})", flush=True)

    def say(self, what: str, value: object = "") -> None:
        """One plain line."""
        print(f"  {what:<58} {value}".rstrip(), flush=True)

    def at_most(self, what: str, value: float, limit: float, unit: str = "") -> None:
        """A figure that must not be above its target."""
        self._judge(what, value, "<=", limit, unit, met=value <= limit)

    def at_least(self, what: str, value: float, limit: float, unit: str = "") -> None:
        """A figure that must not be below its target."""
        self._judge(what, value, ">=", limit, unit, met=value >= limit)

    def _judge(
        self, what: str, value: float, sign: str, limit: float, unit: str, *, met: bool
    ) -> None:
        if not met:
            self.missed.append(what)
        told = "met" if met else "NOT MET"
        figure = f"{value:,.3f}".rstrip("0").rstrip(".")
        bound = f"{limit:,.3f}".rstrip("0").rstrip(".")
        self.say(
            what, f"{figure} {unit}".strip() + f"  (target {sign} {bound}: {told})"
        )

    def finish(self) -> None:
        """Say how it went. A missed target is told, not an error: machines differ."""
        told = "all targets met" if not self.missed else f"missed: {len(self.missed)}"
        print(f"  -> {told}\n", flush=True)
        sys.stdout.flush()
