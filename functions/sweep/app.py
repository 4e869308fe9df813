"""The sweep: once a minute, queues what is due, heals, audits. Wiring only."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from tocsin.bootstrap import Ports
from tocsin.sweep import sweep
from tocsin.watch import tell_of_gone

SPARE_MS = 10_000

logger = Logger()
metrics = Metrics()
ports = Ports()
ports.ledger, ports.reading, ports.outbox  # noqa: B018 - made in INIT, at full CPU


@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """One run. What it does not come to, the next one does."""
    deadline = ports.clock.now() + context.get_remaining_time_in_millis() - SPARE_MS
    settings = ports.settings.current()
    swept = sweep(
        rules=settings.rules(ports.timing.factor),
        ledger=ports.ledger,
        calendar=ports.reading,
        outbox=ports.outbox,
        health=ports.health,
        clock=ports.clock,
        timing=ports.timing,
        deadline=deadline,
    )
    told = tell_of_gone(
        settings=settings,
        health=ports.health,
        notice=ports.notice,
        ledger=ports.ledger,
        outbox=ports.outbox,
        clock=ports.clock,
        timing=ports.timing,
    )
    for name, count in (
        ("Retried", swept.retried),
        ("Healed", swept.healed),
        ("Audited", swept.audited),
        ("AuditFailures", swept.failures),
    ):
        metrics.add_metric(name, MetricUnit.Count, count)
    summary = {
        "retried": swept.retried,
        "healed": swept.healed,
        "audited": swept.audited,
        "buried": swept.buried,
        "failures": swept.failures,
        "complete": swept.complete,
        "told": list(told),
    }
    logger.info("swept", extra=summary)
    return summary
