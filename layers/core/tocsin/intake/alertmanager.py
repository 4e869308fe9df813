"""Alertmanager: its webhook (version 4), one event per alert of a group.

The shape is told in "webhook_config" of the Prometheus documentation.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import quote

from pydantic import JsonValue

from tocsin.events import Event
from tocsin.intake import alerts
from tocsin.intake.batch import Batch
from tocsin.intake.drafts import draft, happened
from tocsin.intake.hooks import Call
from tocsin.intake.options import Options, read_options
from tocsin.intake.trimming import line, mapping
from tocsin.severity import Severity

TYPE = "prometheus.alert"


def read(call: Call) -> Batch:
    """The alerts of a group. Raises `Invalid`."""
    usual = read_options(Options, call.options).severity or Severity.HIGH
    home = _home(mapping(call.value).get("externalURL"))
    source = line(mapping(call.value).get("receiver"), 200)

    def read_alert(alert: Mapping[str, JsonValue], place: str) -> Event:
        return _event(alert, place, usual, home, source)

    return alerts.read_group(call.value, TYPE, read_alert)


def _event(
    alert: Mapping[str, JsonValue],
    place: str,
    usual: Severity,
    home: str,
    source: str,
) -> Event:
    over = alerts.resolved(alert, place)
    labels = alerts.labels_of(alert)
    notes = mapping(alert.get("annotations"))
    value = next((notes[name] for name in ("value", "current") if name in notes), "")
    return draft(
        TYPE,
        alerts.headline(labels, notes, over=over),
        message=alerts.body(notes),
        severity=alerts.stated_severity(labels) or usual,
        state="resolved" if over else "firing",
        source=source,
        fingerprint=alerts.fingerprint(alert, labels, TYPE),
        about=labels,
        facts=[("Value", value), *alerts.label_facts(labels)],
        links=[
            ("Open query", alert.get("generatorURL")),
            *alerts.note_links(notes),
            ("Silence", _silence(home, labels)),
            ("Alertmanager", home),
        ],
        data={"alert": line(labels.get("alertname"), 200)},
        at=happened(alert.get("endsAt" if over else "startsAt")),
    )


def _home(url: JsonValue) -> str:
    plain = line(url, 500).rstrip("/")
    return plain if plain.startswith(("http://", "https://")) else ""


def _silence(home: str, labels: Mapping[str, JsonValue]) -> str:
    """Alertmanager's form for a silence, filled in with these labels."""
    told = (
        f"{name}={json.dumps(value, ensure_ascii=False)}"
        for name, value in labels.items()
        if isinstance(value, str)
    )
    matchers = "{" + ",".join(told) + "}"
    return f"{home}/#/silences/new?filter={quote(matchers, safe='')}" if home else ""
