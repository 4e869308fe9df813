"""The sender: takes parcels off the queue and sends them. Wiring only."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from tocsin.aws.queue import records_of
from tocsin.bootstrap import Ports
from tocsin.deliver import Report, deliver
from tocsin.lane import Sending
from tocsin.pacing import Pace

SPARE_MS = 2_000  # kept for answering before Lambda stops the process

logger = Logger()
metrics = Metrics()
ports = Ports()
pace = Pace()


@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer with the messages that must stay; everything else is done with."""
    records, strange = records_of(event)
    if strange:
        logger.error("not our messages, left to the DLQ", messages=strange)
    left = context.get_remaining_time_in_millis()
    sending = Sending(
        settings=ports.settings.current(),
        ledger=ports.ledger,
        inflight=ports.inflight,
        health=ports.health,
        vault=ports.vault,
        channel=ports.channel,
        clock=ports.clock,
        timing=ports.timing,
        pace=pace,
        links=ports.links,
        deadline=ports.clock.now() + left - SPARE_MS,
        attic=ports.attic,
    )
    report = deliver(records, sending=sending)
    _tell(report, len(records))
    kept = [*report.kept, *strange]
    return {"batchItemFailures": [{"itemIdentifier": each} for each in kept]}


def _tell(report: Report, received: int) -> None:
    for name, fault in report.faults:
        logger.error("a lane broke", destination=name, exc_info=fault)
        metrics.add_metric("SenderFaults", MetricUnit.Count, 1)
    metrics.add_metric("Delivered", MetricUnit.Count, report.delivered)
    metrics.add_metric("ProviderCalls", MetricUnit.Count, report.calls)
    if report.limited:
        metrics.add_metric("RateLimited", MetricUnit.Count, report.limited)
    if report.dead:
        metrics.add_metric("DeadLetters", MetricUnit.Count, report.dead)
    if report.gone:
        metrics.add_metric("DestinationsGone", MetricUnit.Count, len(report.gone))
        logger.error("destinations are gone", destinations=report.gone)
    logger.info(
        "batch", received=received, kept=len(report.kept), calls=report.calls,
        delivered=report.delivered, limited=report.limited, dead=report.dead,
    )  # fmt: skip
