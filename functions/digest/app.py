"""Digest: every five minutes, tells what Tocsin says of itself. Wiring only."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger

from tocsin.bootstrap import Ports
from tocsin.reporting import Desk, report

SPARE_MS = 20_000

logger = Logger()
ports = Ports()


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """One run. What is due is told once, however many runs come upon it."""
    deadline = ports.clock.now() + context.get_remaining_time_in_millis() - SPARE_MS
    told = report(
        Desk(
            settings=ports.settings.current(),
            ledger=ports.ledger,
            archive=ports.reading,
            health=ports.health,
            vault=ports.vault,
            channels=ports.channel,
            outbox=ports.outbox,
            clock=ports.clock,
            timing=ports.timing,
            deadline=deadline,
        )
    )
    summary = {"told": list(told)}
    logger.info("reported", extra=summary)
    return summary
