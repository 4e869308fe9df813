"""AWS: what its adapters make; they write the words, so these types only type data."""

from __future__ import annotations

from typing import ClassVar

from tocsin.catalog.kind import Kind, Number, Text, kinds
from tocsin.severity import Severity


class CloudwatchAlarm(Kind):
    """An alarm changed its state. `state` firing opens it, resolved ends it."""

    type = "aws.cloudwatch.alarm"
    severity = Severity.HIGH
    sample: ClassVar = {
        "type": "aws.cloudwatch.alarm",
        "title": "checkout-5xx is in ALARM",
        "state": "firing",
        "fields": [{"name": "Value", "value": "7.25 > 5 %"}],
        "data": {"previous_state": "OK", "value": 7.25, "threshold": 5},
    }

    previous_state: Text = ""
    value: Number | None = None
    threshold: Number | None = None


class SnsMessage(Kind):
    """A message on the topic that no adapter knows; `data` is whatever it held."""

    type = "aws.sns.message"
    sample: ClassVar = {
        "type": "aws.sns.message",
        "title": "Auto Scaling: launch",
        "data": {"Progress": 50},
    }


KINDS = kinds(CloudwatchAlarm, SnsMessage)
