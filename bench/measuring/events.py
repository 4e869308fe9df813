"""Events to measure with: about 1 KB each, as a deployment pipeline would send them."""

from __future__ import annotations

import random
from typing import Any

_WORDS = (
    "order",
    "payment",
    "queue",
    "worker",
    "region",
    "replica",
    "rollback",
    "latency",
    "budget",
    "tenant",
    "invoice",
    "gateway",
    "snapshot",
    "cluster",
)


def notice(number: int, mark: str = "m", severity: str = "info") -> dict[str, Any]:
    """A notice of about 1 KB whose texts differ from all others'. Its marker
    `<mark>-<number>` can be found again where it arrives."""
    chance = random.Random(f"{mark}{number}")

    def words(count: int) -> str:
        return " ".join(
            f"{chance.choice(_WORDS)}-{chance.randrange(1000)}" for _ in range(count)
        )

    return {
        "type": "deploy.finished",
        "title": f"Deploy {marker(mark, number)} of checkout",
        "message": words(18),
        "severity": severity,
        "source": "pipeline/checkout",
        "branch": "production",
        "labels": {"team": "payments", "stage": "production", "commit": _hex(chance)},
        "fields": [
            {"name": "Version", "value": f"2026.7.{chance.randrange(400)}"},
            {"name": "Duration", "value": f"{chance.randrange(900)} s"},
            {"name": "Author", "value": chance.choice(_WORDS)},
        ],
        "url": f"https://ci.example.com/checkout/runs/{chance.randrange(10**9)}",
        "data": {"run": chance.randrange(10**9), "digest": _hex(chance)},
        "occurred_at": "2026-07-01T12:00:00Z",
    }


def marker(mark: str, number: int) -> str:
    """What is looked for at the other end."""
    return f"{mark}-{number:06d}"


def problem(number: int, state: str, mark: str = "p") -> dict[str, Any]:
    """The same as a problem that opens (`firing`) or ends (`resolved`)."""
    event = notice(number, mark, severity="high")
    return {**event, "type": "api.errors", "state": state}


def _hex(chance: random.Random) -> str:
    return f"{chance.getrandbits(160):040x}"
