"""CloudWatch: an alarm's notification (metric, composite, math, band, log) as an event.

Every field is optional here. The shapes are told in "Notifying users on alarm changes"
of the CloudWatch user guide; the composite's children really come as objects.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

from pydantic import JsonValue

from tocsin.events import Event, Link
from tocsin.intake import measurement
from tocsin.intake.aws_places import REGION, page, partition_of
from tocsin.intake.batch import Received
from tocsin.intake.contributors import Contributor, contributor_of
from tocsin.intake.trimming import (
    line,
    link,
    mapping,
    moment,
    sequence,
    severity,
    text,
)
from tocsin.severity import Severity

TYPE = "aws.cloudwatch.alarm"
DIMENSIONS = 6
_WIDE = {"Triggered by", "Rule", "Query", "Description"}
_URL = re.compile(r"https?://[^\s<>\"']+")
_SEVERITY = re.compile(r"\bseverity\s*[=:]\s*[\"']?(\w+)", re.IGNORECASE)
_TAG = re.compile(
    r"\[\s*(critical|fatal|emergency|high|error|medium|warning|warn|low|info|debug|p[0-3])"
    r"\s*\]",
    re.IGNORECASE,
)
_PRIORITY = re.compile(r"\s*[\[(]?(p[0-3])(?![A-Za-z0-9])", re.IGNORECASE)
_STATED = (_SEVERITY.search, _TAG.search, _PRIORITY.match)
_STATES = {
    "ALARM": ("firing", Severity.HIGH, "is in ALARM"),
    "OK": ("resolved", Severity.SUCCESS, "is OK again"),
    "INSUFFICIENT_DATA": ("info", Severity.INFO, "has insufficient data"),
}
_UNKNOWN = ("info", Severity.MEDIUM, "reports a state we do not know")


def is_alarm(value: Mapping[str, JsonValue]) -> bool:
    """Whether this JSON is an alarm's notification."""
    return "NewStateValue" in value or "AlarmArn" in value


class Place(NamedTuple):
    """Where an alarm stands. Only the ARN names the region by its code."""

    arn: str
    partition: str
    region: str
    account: str
    name: str
    contributor: Contributor = Contributor()

    @property
    def fingerprint(self) -> str:
        """The same for ALARM and OK; "" when nothing names the alarm."""
        own = self.arn[:380] if self.arn and self.contributor.id else self.arn[:500]
        if not own and self.name:
            own = f"{TYPE}:{self.account}:{self.region}:{self.name}"
        return f"{own}#{self.contributor.id}" if own and self.contributor.id else own

    @property
    def subject(self) -> str:
        """What people call it, and which of its series."""
        told = self.name or "A CloudWatch alarm"
        return f"{told} ({self.contributor.name})" if self.contributor.id else told

    @property
    def console(self) -> str:
        """The alarm's own page, or ""."""
        own = quote(self.name, safe="") if self.name else ""
        path = f"cloudwatch/home?region={{region}}#alarmsV2:alarm/{own}"
        return page(self.region, path, self.partition) if own else ""


def receive(alarm: Mapping[str, JsonValue], key: str = "", sent: str = "") -> Received:
    """An alarm as it came by SNS, by EventBridge or as a direct action.

    Its key is what all three agree on: the alarm's ARN, its new state and the second
    in which that changed, so that an alarm told on several ways is one notification.
    Where one of these is missing, `key` and `sent` (a time) are those of the carrier.
    """
    place, state = _place(alarm), line(alarm.get("NewStateValue"), 40)
    changed = moment(alarm.get("StateChangeTime"))
    at = changed or moment(sent)
    stamp = int(at.timestamp()) * 1000 if at else 0
    if place.arn and state and changed:
        key = f"{place.fingerprint}\x1f{state}\x1f{stamp}"
    elif at:
        stamp = round(at.timestamp() * 1000)
    dated = alarm if changed else {**alarm, "StateChangeTime": sent}
    return Received(read_alarm(dated), key, max(stamp, 0), alarm=alarm)


def read_alarm(alarm: Mapping[str, JsonValue]) -> Event:
    """An event for every alarm, however little it says. Never raises.

    ALARM opens a problem and OK ends it, under the alarm's ARN as fingerprint.
    """
    place = _place(alarm)
    state, usual, said = _STATES.get(str(alarm.get("NewStateValue")), _UNKNOWN)
    reason = text(alarm.get("NewStateReason"), 4000)
    trigger = mapping(alarm.get("Trigger")) or alarm
    metric = measurement.metric_of(trigger)
    change = measurement.change_of(trigger, reason)
    about = text(alarm.get("AlarmDescription"), 2000)
    worse = _stated_severity(alarm, about, place.name) if state == "firing" else None
    home = place.console
    return Event.model_validate(
        {
            "type": TYPE,
            "title": f"{place.subject} {said}",
            "message": measurement.plain_reason(reason),
            "severity": worse or usual,
            "state": state,
            "source": "aws.cloudwatch",
            "fingerprint": place.fingerprint,
            "labels": _labels(place, metric),
            "fields": tuple(_facts(alarm, place, metric, change, about)),
            "links": _links(home, about),
            "url": home or None,
            "data": _data(alarm, change),
            "occurred_at": moment(alarm.get("StateChangeTime")),
        }
    )


def _place(alarm: Mapping[str, JsonValue]) -> Place:
    arn = line(alarm.get("AlarmArn"), 2000)
    parts = arn.split(":", 6)
    if len(parts) < 7 or parts[0] != "arn":
        arn, parts = "", ["", "", "", "", "", "", ""]
    told = line(alarm.get("Region"), 100)
    region = next((code for code in (parts[3], told) if REGION.fullmatch(code)), "")
    return Place(
        arn=arn,
        partition=parts[1] or partition_of(region),
        region=region,
        account=(parts[4] or line(alarm.get("AWSAccountId"), 100))[:100],
        name=line(alarm.get("AlarmName"), 255) or parts[6][:255],
        contributor=contributor_of(alarm),
    )


def _stated_severity(
    alarm: Mapping[str, JsonValue], about: str, name: str
) -> Severity | None:
    """What the alarm's tags, description or name say of its severity, in this order."""
    tagged = severity(_tags(alarm.get("AlarmTags")).get("severity"))
    if tagged is not None:
        return tagged
    for told in (about, name):
        for find in _STATED:
            found = find(told)
            read = severity(found[1]) if found else None
            if read is not None:
                return read
    return None


def _tags(tags: JsonValue) -> dict[str, JsonValue]:
    """Tags come as an object, or as a list of key and value in either spelling."""
    pairs: list[tuple[JsonValue, JsonValue]] = list(mapping(tags).items())
    pairs.extend(
        (entry.get("key", entry.get("Key")), entry.get("value", entry.get("Value")))
        for entry in map(mapping, sequence(tags))
    )
    return {str(key).lower(): value for key, value in pairs}


def _data(
    alarm: Mapping[str, JsonValue], change: measurement.Change
) -> dict[str, JsonValue]:
    told: dict[str, JsonValue] = {
        "previous_state": line(alarm.get("OldStateValue"), 40) or None,
        "value": change.value,
        "threshold": change.threshold,
    }
    return {name: value for name, value in told.items() if value is not None}


def _labels(place: Place, metric: measurement.Metric) -> dict[str, str]:
    told = {
        "alarm": place.name,
        "namespace": metric.namespace,
        "metric": metric.name,
        "region": place.region,
        "account": place.account,
    }
    for name, value in {**place.contributor.attributes, **metric.dimensions}.items():
        told.setdefault(name, value)
    return {name: value for name, value in list(told.items())[:64] if value}


def _facts(
    alarm: Mapping[str, JsonValue],
    place: Place,
    metric: measurement.Metric,
    change: measurement.Change,
    about: str,
) -> Iterator[dict[str, Any]]:
    """In the order of use; what stands in _WIDE takes a line of its own."""
    told = (
        ("Value", change.comparison),
        ("Metric", metric.full_name),
        ("Expression", metric.expression),
        *place.contributor.attributes.items(),
        *list(metric.dimensions.items())[:DIMENSIONS],
        ("Evaluated", change.evaluation(metric.period)),
        ("Triggered by", _children(alarm)),
        ("Rule", measurement.without_arns(text(alarm.get("AlarmRule"), 2000))),
        ("Log groups", _listed(alarm.get("LogGroups"))),
        ("Query", text(alarm.get("QueryString"), 1000)),
        ("Aggregation", text(alarm.get("AggregationExpression"), 500)),
        ("Region", place.region),
        ("Account", place.account),
        ("Description", about),
    )
    for name, value in told:
        if value:
            yield {"name": name, "value": value[:4000], "inline": name not in _WIDE}


def _children(alarm: Mapping[str, JsonValue]) -> str:
    """Documented as a list of text; arrives as objects with `Arn` and `State`."""
    told = []
    for child in sequence(alarm.get("TriggeringChildren")):
        arn = line(child if isinstance(child, str) else mapping(child).get("Arn"), 1600)
        state = line(mapping(mapping(child).get("State")).get("Value"), 40)
        name = measurement.without_arns(arn)
        if name:
            told.append(f"{name} ({state})" if state else name)
    return ", ".join(told)


def _listed(value: JsonValue) -> str:
    names = (line(entry, 512) for entry in sequence(value))
    return ", ".join(name for name in names if name) or line(value, 512)


def _links(home: str, about: str) -> list[Link | dict[str, str]]:
    links: list[Link | dict[str, str]] = []
    if home:
        links.append({"label": "Open alarm", "url": home})
    runbook = _URL.search(about)
    whole = runbook is not None and not runbook[0].endswith("…")
    made = (
        link("Runbook", runbook[0].rstrip(".,;:!?)]}")) if runbook and whole else None
    )
    if made is not None:
        links.append(made)
    return links
