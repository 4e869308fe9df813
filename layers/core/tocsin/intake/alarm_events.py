"""Alarms that come without SNS: by EventBridge, or as an alarm's Lambda action.

Both tell the alarm in one form, told in "Alarm events and EventBridge" and "Invoke a
Lambda function from an alarm" of the CloudWatch user guide. Here it becomes the form
of SNS, so that one reader makes one event of it, however it came.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from tocsin.errors import Refused
from tocsin.intake.aws_envelope import Envelope
from tocsin.intake.demands import an_object
from tocsin.intake.reading import read_json
from tocsin.intake.trimming import line, mapping, sequence

BAND = "ANOMALY_DETECTION_BAND"

Fields = Mapping[str, JsonValue]


def is_action(event: Fields) -> bool:
    """Whether this is what an alarm hands to a function directly."""
    return "alarmData" in event


def of_action(event: Fields) -> dict[str, JsonValue]:
    """A direct action in the form of SNS. Raises `Invalid`."""
    alarm = an_object(event.get("alarmData"), "alarmData")
    return {
        **_alarm(alarm),
        "AlarmArn": event.get("alarmArn"),
        "AWSAccountId": event.get("accountId"),
        "Region": event.get("region"),
        "StateChangeTime": mapping(alarm.get("state")).get("timestamp")
        or event.get("time"),
    }


def of_event(envelope: Envelope) -> dict[str, JsonValue]:
    """An event of EventBridge in the form of SNS."""
    return {
        **_alarm(envelope.detail),
        "AlarmArn": envelope.resources[0] if envelope.resources else None,
        "AWSAccountId": envelope.account,
        "Region": envelope.region,
    }


def _alarm(told: Fields) -> dict[str, JsonValue]:
    state, before = mapping(told.get("state")), mapping(told.get("previousState"))
    configuration = mapping(told.get("configuration"))
    metrics = [mapping(each) for each in sequence(configuration.get("metrics"))]
    return {
        "AlarmName": told.get("alarmName"),
        "AlarmDescription": configuration.get("description"),
        "NewStateValue": state.get("value"),
        "NewStateReason": state.get("reason"),
        "StateChangeTime": state.get("timestamp"),
        "OldStateValue": before.get("value"),
        "AlarmRule": configuration.get("alarmRule"),
        "TriggeringChildren": _children(state.get("reasonData")),
        "AlarmContributor": told.get("alarmContributor"),
        "AlarmTags": told.get("alarmTags"),
        "Trigger": {
            "Metrics": [_metric(each) for each in metrics],
            "ThresholdMetricId": next(_bands(metrics), None),
            **_measured(state.get("reasonData")),
        },
    }


def _metric(entry: Fields) -> dict[str, JsonValue]:
    stat = mapping(entry.get("metricStat"))
    metric = mapping(stat.get("metric"))
    told: dict[str, JsonValue] = {
        "Id": entry.get("id"),
        "Label": entry.get("label"),
        "Expression": entry.get("expression"),
        "ReturnData": entry.get("returnData"),
        "Period": entry.get("period"),
    }
    if not metric:
        return told
    dimensions: list[JsonValue] = [
        {"name": name, "value": value}
        for name, value in mapping(metric.get("dimensions")).items()
    ]
    told["MetricStat"] = {
        "Period": stat.get("period"),
        "Stat": stat.get("stat"),
        "Metric": {
            "MetricName": metric.get("name"),
            "Namespace": metric.get("namespace"),
            "Dimensions": dimensions,
        },
    }
    return told


def _bands(metrics: list[Fields]) -> Iterator[str]:
    for entry in metrics:
        if line(entry.get("expression"), 500).startswith(BAND):
            yield line(entry.get("id"), 100)


def _children(data: JsonValue) -> list[JsonValue]:
    """The alarms that made a composite one change."""
    told = [mapping(each) for each in sequence(_reasons(data).get("triggeringAlarms"))]
    return [
        {
            "Arn": each.get("arn"),
            "State": {"Value": mapping(each["state"]).get("value")},
        }
        for each in told
        if "state" in each
    ]


def _reasons(data: JsonValue) -> Fields:
    """What stands as JSON in a text."""
    if not isinstance(data, str):
        return {}
    try:
        return mapping(read_json(data))
    except Refused:
        return {}


def _measured(data: JsonValue) -> dict[str, JsonValue]:
    """Threshold, period and unit."""
    told = _reasons(data)
    names = {"threshold": "Threshold", "period": "Period", "unit": "Unit"}
    return {ours: told[name] for name, ours in names.items() if name in told}
