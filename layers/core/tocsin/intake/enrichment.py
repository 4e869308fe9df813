"""Enrichment: the alarms among what was received get what AWS knows of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from pydantic import JsonValue

from tocsin.enriching import Alarm, Missed, enrich
from tocsin.intake.alarm_graph import widget_of
from tocsin.intake.batch import Received
from tocsin.intake.trimming import line
from tocsin.ports import Enricher


def enriched(
    received: Sequence[Received],
    *,
    account: str,
    enricher: Enricher,
    missed: Missed,
) -> list[Received]:
    """All of them in order; only alarms of `account` are asked about. Keys, and with
    them what counts as a repeat, stay as they are. Never raises."""
    try:
        alarms = {
            place: alarm
            for place, each in enumerate(received)
            if (alarm := _alarm(each.alarm, account)) is not None
        }
        told = [(received[place].event, alarm) for place, alarm in alarms.items()]
        events = enrich(told, enricher=enricher, missed=missed)
    except Exception as error:  # noqa: BLE001 - an alarm goes out, whatever this is
        missed(type(error).__name__)
        return list(received)
    made = dict(zip(alarms, events, strict=True))
    return [
        replace(each, event=made.get(place, each.event))
        for place, each in enumerate(received)
    ]


def _alarm(told: Mapping[str, JsonValue] | None, account: str) -> Alarm | None:
    """Another account's metrics would be drawn as ours, and its tags are not shown."""
    arn = line(told.get("AlarmArn"), 2000) if told else ""
    parts = arn.split(":")
    ours = len(parts) >= 7 and parts[2] == "cloudwatch" and parts[4] == account
    return Alarm(arn, widget_of(told)) if told and ours else None
