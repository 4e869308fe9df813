"""The graph of an alarm: its metrics over the last hours, with its threshold.

As GetMetricWidgetImage wants it ("Metric Widget Structure and Syntax" of the CloudWatch
API reference). Only for who draws it: an alarm without metrics has none.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import JsonValue

from tocsin.intake import measurement
from tocsin.intake.trimming import line, mapping, number, sequence, text

START = "-PT3H"
WIDTH, HEIGHT = 800, 300
METRICS = 20
_STATISTICS = {
    "AVERAGE": "Average",
    "SUM": "Sum",
    "MINIMUM": "Minimum",
    "MAXIMUM": "Maximum",
    "SAMPLE_COUNT": "SampleCount",
}


def widget_of(alarm: Mapping[str, JsonValue]) -> str:
    """The graph's description as JSON; "" for an alarm that is on no metric."""
    trigger = mapping(alarm.get("Trigger"))
    metrics = list(_metrics(trigger))[:METRICS]
    if not any(each[-1].get("visible", True) for each in metrics):
        return ""
    widget: dict[str, Any] = {
        "view": "timeSeries",
        "width": WIDTH,
        "height": HEIGHT,
        "start": START,
        "title": line(alarm.get("AlarmName"), 255),
        "metrics": metrics,
    }
    threshold = number(trigger.get("Threshold"))
    if threshold is not None and not trigger.get("ThresholdMetricId"):
        mark = {"label": "Threshold", "value": threshold}
        widget["annotations"] = {"horizontal": [mark]}
    return json.dumps(widget, ensure_ascii=False)


def _metrics(trigger: Mapping[str, JsonValue]) -> Iterator[list[Any]]:
    entries = [mapping(each) for each in sequence(trigger.get("Metrics"))]
    if not entries:
        name = line(trigger.get("ExtendedStatistic"), 40)
        stat = name or _STATISTICS.get(line(trigger.get("Statistic"), 40).upper(), "")
        yield from _drawn(trigger, {"stat": stat, "period": _period(trigger)})
    for entry in entries:
        stated = mapping(entry.get("MetricStat"))
        looks = {
            "id": line(entry.get("Id"), 255),
            "label": line(entry.get("Label"), 200),
            "stat": line(stated.get("Stat"), 40),
            "period": _period(stated) or _period(entry),
            "accountId": line(entry.get("AccountId"), 12),
        }
        if entry.get("ReturnData") is False:
            looks["visible"] = False
        if expression := text(entry.get("Expression"), 1024):
            yield [_said({"expression": expression, **looks, "stat": ""})]
        else:
            yield from _drawn(mapping(stated.get("Metric")), looks)


def _drawn(
    metric: Mapping[str, JsonValue], looks: dict[str, Any]
) -> Iterator[list[Any]]:
    """Namespace, name, then the dimensions' names and values, then its looks."""
    found = measurement.metric_of({**metric, "Metrics": []})
    if found.namespace and found.name:
        told = [part for pair in found.dimensions.items() for part in pair]
        yield [found.namespace, found.name, *told, _said(looks)]


def _period(told: Mapping[str, JsonValue]) -> int:
    return int(number(told.get("Period")) or 0)


def _said(looks: dict[str, Any]) -> dict[str, Any]:
    return {name: told for name, told in looks.items() if told or told is False}
