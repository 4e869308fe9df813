"""Grafana: the webhook of its alerting, and the older one of its dashboards.

Shapes: "Configure webhook notifications" of the Grafana documentation; the older one
as of Grafana 8.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice

from pydantic import JsonValue

from tocsin.events import Event
from tocsin.intake import alerts
from tocsin.intake.batch import Batch, lone, nothing
from tocsin.intake.demands import a_text, an_object
from tocsin.intake.drafts import draft, happened
from tocsin.intake.hooks import Call
from tocsin.intake.measurement import tidy
from tocsin.intake.options import Options, read_options
from tocsin.intake.trimming import line, mapping, number, sequence
from tocsin.severity import Severity

TYPE = "grafana.alert"
VALUES = 4
_VALUE = re.compile(r"\[\s?(?:var|metric)='([^']{0,60})'[^\]]{0,600}?value=([-+.\w]+)")
_STATES = {"alerting": True, "no_data": True, "ok": False}
_TROUBLE = {
    "DatasourceNoData": "gets no data",
    "DatasourceError": "cannot be evaluated",
}


def read(call: Call) -> Batch:
    """The alerts of a group, or the one of the older form. Raises `Invalid`."""
    value = an_object(call.value)
    usual = read_options(Options, call.options).severity or Severity.HIGH
    if "alerts" not in value and "ruleName" in value:
        return _older(value, usual)
    source = line(value.get("receiver"), 200)

    def read_alert(alert: Mapping[str, JsonValue], place: str) -> Event:
        return _event(alert, place, usual, source)

    return alerts.read_group(call.value, TYPE, read_alert)


def _event(
    alert: Mapping[str, JsonValue], place: str, usual: Severity, source: str
) -> Event:
    over = alerts.resolved(alert, place)
    labels = alerts.labels_of(alert)
    notes = mapping(alert.get("annotations"))
    values = list(islice(_values(alert), VALUES))
    return draft(
        TYPE,
        _headline(labels, notes, over=over),
        message=alerts.body(notes),
        severity=alerts.stated_severity(labels) or usual,
        state="resolved" if over else "firing",
        source=source,
        fingerprint=alerts.fingerprint(alert, labels, TYPE),
        about=labels,
        facts=[
            *((f"Value {name}".strip(), tidy(value)) for name, value in values),
            *alerts.label_facts(labels),
            ("Folder", labels.get("grafana_folder")),
        ],
        links=[
            ("Open panel", alert.get("panelURL")),
            ("Open alert", alert.get("generatorURL")),
            *alerts.note_links(notes),
            ("Dashboard", alert.get("dashboardURL")),
            ("Silence", alert.get("silenceURL")),
        ],
        pictures=[("Panel", alert.get("imageURL"))],
        data={
            "alert": line(labels.get("alertname"), 200),
            "values": dict(values),
        },
        at=happened(alert.get("endsAt" if over else "startsAt")),
    )


def _headline(labels: alerts.Labels, notes: alerts.Labels, *, over: bool) -> str:
    """Grafana's own two alerts name the rule that they are about in a label."""
    trouble = _TROUBLE.get(str(labels.get("alertname")))
    rule = line(labels.get("rulename"), 150)
    if trouble and rule:
        return f"{rule} is evaluated again" if over else f"{rule} {trouble}"
    return alerts.headline(labels, notes, over=over)


def _values(alert: Mapping[str, JsonValue]) -> Iterator[tuple[str, float]]:
    """By the query's letter; before Grafana 9.2 they stood in a text only."""
    told = mapping(alert.get("values"))
    for name, value in told.items():
        read = number(value)
        if read is not None:
            yield line(name, 40), read
    if told:
        return
    for name, digits in _VALUE.findall(line(alert.get("valueString"), 4000)):
        try:
            read = number(float(digits))
        except ValueError:
            continue
        if read is not None:
            yield line(name, 40), read


def _older(value: Mapping[str, JsonValue], usual: Severity) -> Batch:
    """One rule of a dashboard. Paused and pending rules are nothing to tell."""
    state = a_text(value.get("state"), "state")
    if state not in _STATES:
        return nothing(f"a rule that is {line(state, 40)} is not told")
    firing = _STATES[state]
    rule = line(value.get("ruleName"), 150) or "A rule"
    said = "gets no data" if state == "no_data" else "is alerting"
    matches = [mapping(each) for each in sequence(value.get("evalMatches"))]
    measured = [
        (line(each.get("metric"), 60) or "Value", read)
        for each in matches[:VALUES]
        if (read := number(each.get("value"))) is not None
    ]
    ids = [line(value.get(name), 40) for name in ("orgId", "ruleId")]
    event = draft(
        TYPE,
        f"{rule} {said if firing else 'is OK again'}",
        message=value.get("message"),
        severity=alerts.stated_severity(mapping(value.get("tags"))) or usual,
        state="firing" if firing else "resolved",
        source="grafana",
        fingerprint=f"{TYPE}:rule:{':'.join(ids)}:{'' if ids[1] else rule}",
        about=mapping(value.get("tags")),
        facts=[
            *((name, tidy(told)) for name, told in measured),
            *alerts.label_facts(mapping(value.get("tags"))),
        ],
        links=[("Open panel", value.get("ruleUrl"))],
        pictures=[("Panel", value.get("imageUrl"))],
        data={"alert": rule, "values": dict(measured)},
    )
    return lone(event)
