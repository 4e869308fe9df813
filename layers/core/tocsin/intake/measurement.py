"""Measurement: what an alarm measured and why it changed, in words and numbers."""

from __future__ import annotations

import operator
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from pydantic import JsonValue

from tocsin.intake.trimming import line, mapping, number, sequence, text

REASON_LENGTH = 400
_COMPARE = {
    "GreaterThanThreshold": (operator.gt, ">", "≤"),
    "GreaterThanOrEqualToThreshold": (operator.ge, "≥", "<"),
    "LessThanThreshold": (operator.lt, "<", "≥"),
    "LessThanOrEqualToThreshold": (operator.le, "≤", ">"),
}
_SAID = {
    "greater than": "GreaterThanThreshold",
    "greater than or equal to": "GreaterThanOrEqualToThreshold",
    "less than": "LessThanThreshold",
    "less than or equal to": "LessThanOrEqualToThreshold",
}
_UNITS = {
    "Percent": "%",
    "Seconds": "s",
    "Milliseconds": "ms",
    "Microseconds": "µs",
    "Bytes": "bytes",
    "Kilobytes": "KB",
    "Megabytes": "MB",
    "Gigabytes": "GB",
    "Terabytes": "TB",
    "Count/Second": "per s",
    "Bytes/Second": "bytes/s",
}
_DURATIONS = ((86_400, "day"), (3_600, "h"), (60, "min"), (1, "s"))
_LONGEST = 10 * 366 * 86_400
# What follows reads `NewStateReason`; datapoints stand newest first.
_DIGITS = r"(-?\d[\d.]*(?:E-?\d+)?)"
_LATEST = re.compile(rf"datapoints?(?: which crossed the threshold:)? \[\s*{_DIGITS}")
_COUNT = re.compile(r"(\d{1,6}) out of the last (\d{1,6}) datapoints?")
_LOWER = re.compile(rf"lower thresholds? \[\s*{_DIGITS}")
_UPPER = re.compile(rf"upper thresholds? \[\s*{_DIGITS}")
_THRESHOLD = re.compile(rf"the threshold \({_DIGITS}\)")
_OPERATOR = re.compile(r"((?:greater|less) than(?: or equal to)?) the threshold")
_NOISE = re.compile(
    r"^(?:Thresholds? Crossed|Insufficient Data): "
    r"| \(\d\d/\d\d/\d\d \d\d:\d\d:\d\d\)"
    r"| \(minimum \d+ datapoints? for [\w ]+ -> [\w ]+ transition\)"
)
_ALARM_ARN = re.compile(r"arn:[\w-]+:cloudwatch:[\w-]*:\d*:alarm:")
_DECIMAL = re.compile(r"\d+\.\d+(?:E-?\d+)?(?![\w.])")


class Metric(NamedTuple):
    """What an alarm looks at. `period` is in seconds; 0 = not known."""

    name: str = ""
    label: str = ""
    expression: str = ""
    namespace: str = ""
    dimensions: Mapping[str, str] = MappingProxyType({})
    period: float = 0

    @property
    def full_name(self) -> str:
        """Namespace and name, or the label of a computed one."""
        return self.label or "/".join(
            part for part in (self.namespace, self.name) if part
        )


def metric_of(trigger: Mapping[str, JsonValue]) -> Metric:
    """The metric of a plain alarm, or the one that metric math or a band returns."""
    parts = [_part(mapping(entry)) for entry in sequence(trigger.get("Metrics"))]
    if not parts:
        return _plain(trigger, number(trigger.get("Period")) or 0)
    band = trigger.get("ThresholdMetricId")
    entries = [mapping(entry) for entry in sequence(trigger.get("Metrics"))]
    told = [
        (entry.get("ReturnData") is True, part)
        for entry, part in zip(entries, parts, strict=True)
        if not (isinstance(band, str) and entry.get("Id") == band)
    ]
    chosen = next((part for told_of, part in told if told_of), parts[0])
    inputs = [part for part in parts if part.name]
    return Metric(
        name=chosen.name
        or line(", ".join(dict.fromkeys(part.name for part in inputs)), 500),
        label=chosen.label if chosen.expression else "",
        expression=chosen.expression,
        namespace=next((part.namespace for part in inputs if part.namespace), ""),
        dimensions={
            name: value for part in inputs for name, value in part.dimensions.items()
        },
        period=max((part.period for part in parts), default=0)
        or number(trigger.get("Period"))
        or 0,
    )


def _part(entry: Mapping[str, JsonValue]) -> Metric:
    stat = mapping(entry.get("MetricStat"))
    period = number(stat.get("Period")) or number(entry.get("Period")) or 0
    found = _plain(mapping(stat.get("Metric")), period)
    return Metric(
        found.name,
        line(entry.get("Label"), 200),
        text(entry.get("Expression"), 500),
        found.namespace,
        found.dimensions,
        period,
    )


def _plain(metric: Mapping[str, JsonValue], period: float) -> Metric:
    return Metric(
        name=line(metric.get("MetricName"), 200),
        namespace=line(metric.get("Namespace"), 200),
        dimensions=dict(_dimensions(metric)),
        period=period,
    )


def _dimensions(metric: Mapping[str, JsonValue]) -> Iterator[tuple[str, str]]:
    """SNS spells the keys `name` and `value`, the API `Name` and `Value`."""
    for entry in sequence(metric.get("Dimensions")):
        told = mapping(entry)
        name = line(told.get("name", told.get("Name")), 200)
        value = line(told.get("value", told.get("Value")), 500)
        if name and value:
            yield name, value


class Change(NamedTuple):
    """What a reason says, filled up from the trigger: numbers, or None."""

    value: float | None
    threshold: float | None
    lower: float | None
    upper: float | None
    operator: str
    unit: str
    hits: float | None
    total: float | None
    counted: bool

    @property
    def comparison(self) -> str:
        """Value against threshold: "6 > 5 %", "0.61, expected 0.38 to 0.52"; or ""."""
        return f"{self._compared()} {self.unit}".strip()

    def _compared(self) -> str:
        value = "" if self.value is None else tidy(self.value)
        if value and self.lower is not None and self.upper is not None:
            return f"{value}, expected {tidy(self.lower)} to {tidy(self.upper)}"
        compare = _COMPARE.get(self.operator)
        if self.threshold is None or compare is None:
            return value
        holds, sign, otherwise = compare
        if self.value is None:
            return f"no data, threshold {sign} {tidy(self.threshold)}"
        told = sign if holds(self.value, self.threshold) else otherwise
        return f"{value} {told} {tidy(self.threshold)}"

    def evaluation(self, period: float) -> str:
        """How many datapoints it took: "3 of 3 datapoints in 15 min"; or ""."""
        if not self.hits or not self.total:
            return ""
        noun = "datapoint" if self.total == 1 else "datapoints"
        span = duration(self.total * period)
        told = f"{tidy(self.hits)} of {tidy(self.total)} {noun}"
        told = told if self.counted else f"needs {told}"
        return f"{told} in {span}" if span else told


def change_of(trigger: Mapping[str, JsonValue], reason: str) -> Change:
    """Read a reason; what it does not say is taken from the alarm's trigger."""
    counted = _COUNT.search(reason)
    periods = number(trigger.get("EvaluationPeriods"))
    said = _OPERATOR.search(reason)
    threshold = number(trigger.get("Threshold"))
    operator_name = trigger.get("ComparisonOperator")
    return Change(
        value=_found(_LATEST, reason),
        threshold=_found(_THRESHOLD, reason) if threshold is None else threshold,
        lower=_found(_LOWER, reason),
        upper=_found(_UPPER, reason),
        operator=operator_name
        if isinstance(operator_name, str)
        else _SAID.get(said[1] if said else "", ""),
        unit=_UNITS.get(str(trigger.get("Unit")), ""),
        hits=float(counted[1])
        if counted
        else number(trigger.get("DatapointsToAlarm")) or periods,
        total=float(counted[2]) if counted else periods,
        counted=counted is not None,
    )


def plain_reason(reason: str) -> str:
    """A state's reason without timestamps, full ARNs and long decimals."""
    told = _NOISE.sub("", text(reason, 4 * REASON_LENGTH))
    if not told.startswith("arn:"):
        told = told[:1].upper() + told[1:]
    told = without_arns(told).replace("out of the last", "of the last")
    told = told.replace("1 of the last 1 datapoints", "The last datapoint")
    return line(_DECIMAL.sub(_shortened, told), REASON_LENGTH)


def _shortened(decimal: re.Match[str]) -> str:
    before = decimal.string[decimal.start() - 1 : decimal.start()]
    if before == "." or before.isalnum():
        return decimal[0]  # a part of an address, a version or a name
    return tidy(float(decimal[0]))


def without_arns(told: str) -> str:
    """Alarms by their names alone."""
    return _ALARM_ARN.sub("", told)


def tidy(value: float) -> str:
    """A number as people write it: 5, 12,450, 0.3522, 1,234.6."""
    if abs(value) >= 1e15 or 0 < abs(value) < 1e-4:
        return f"{value:.4g}"
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:,.1f}" if abs(value) >= 1000 else f"{value:.4g}"


def duration(seconds: float) -> str:
    """Seconds in the largest unit that divides them: "5 min", "90 s"; 0 is "", as is
    what no alarm looks back on."""
    if not 1 <= seconds <= _LONGEST or seconds != int(seconds):
        return ""
    size, unit = next(each for each in _DURATIONS if seconds % each[0] == 0)
    count = int(seconds // size)
    return f"{count:,} {unit}{'s' if unit == 'day' and count > 1 else ''}"


def _found(pattern: re.Pattern[str], reason: str) -> float | None:
    match = pattern.search(reason)
    try:
        return number(float(match[1])) if match else None
    except ValueError:
        return None
