"""Alertmanager, Grafana, Uptime Kuma and Healthchecks: what their alerts become."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.intake.payloads import batch_of, call_of
from tocsin.errors import Invalid
from tocsin.events import Event
from tocsin.intake.batch import Batch, Rejection
from tocsin.intake.hooks import Call, reader_of

ALERT: dict[str, Any] = {
    "status": "firing",
    "labels": {"alertname": "HighLoad", "instance": "web-1"},
    "annotations": {},
    "startsAt": "2026-11-21T08:31:23Z",
    "endsAt": "0001-01-01T00:00:00Z",
    "fingerprint": "c6eadffa33fcdf37",
}


def read(adapter: str, body: Any) -> Batch:
    return reader_of(adapter)(Call({}, json.dumps(body).encode()))


def one(adapter: str = "alertmanager", **changed: Any) -> Event:
    return read(adapter, {"alerts": [ALERT | changed]}).received[0].event


def facts(event: Event) -> dict[str, str]:
    return {fact.name: fact.value for fact in event.fields}


def links(event: Event) -> dict[str, str]:
    return {link.label: str(link.url) for link in event.links}


@pytest.mark.parametrize("adapter", ["alertmanager", "grafana"])
@pytest.mark.parametrize(
    ("labels", "severity"),
    [
        ({"severity": "critical"}, "critical"),
        ({"severity": "page"}, "critical"),
        ({"severity": "Warning"}, "medium"),
        ({"severity": "minor"}, "low"),
        ({"severity": "none"}, "info"),
        ({"priority": "P2"}, "medium"),
        ({"severity": "banana", "priority": "P3"}, "low"),
        ({"severity": "banana"}, "high"),
        ({"severity": 7}, "high"),
        ({}, "high"),
    ],
)
def test_labels_say_how_bad_it_is(
    adapter: str, labels: dict[str, Any], severity: str
) -> None:
    assert one(adapter, labels=labels).severity == severity


@pytest.mark.parametrize(
    ("labels", "notes", "title"),
    [
        ({"alertname": "A"}, {"summary": "Disk is full"}, "Disk is full"),
        ({"alertname": "A"}, {"title": "Disk is full"}, "Disk is full"),
        ({"alertname": "A", "instance": "web-1"}, {}, "A on web-1 is firing"),
        ({"alertname": "A", "pod": "p", "job": "j"}, {}, "A on p is firing"),
        ({"alertname": "A"}, {}, "A is firing"),
        ({}, {}, "An alert is firing"),
        ({"alertname": "A"}, {"summary": "  "}, "A is firing"),
    ],
)
def test_the_title_is_the_summary_or_says_what_fires_where(
    labels: dict[str, Any], notes: dict[str, Any], title: str
) -> None:
    assert one(labels=labels, annotations=notes).title == title


def test_without_a_fingerprint_all_labels_name_the_alert() -> None:
    first, same, other = (
        one(fingerprint=None, labels=labels).fingerprint
        for labels in (
            {"alertname": "A", "instance": "web-1"},
            {"instance": "web-1", "alertname": "A"},
            {"alertname": "A", "instance": "web-2"},
        )
    )

    assert first == same != other


def test_a_long_name_is_told_apart_by_its_end() -> None:
    names = [{"alertname": "A", "pod": "p" * 600 + end} for end in ("1", "2")]
    first, other = (one(fingerprint=None, labels=name).fingerprint for name in names)

    assert first != other


def test_it_begins_when_it_started_and_ends_when_it_ended() -> None:
    ended = {"status": "resolved", "endsAt": "2026-11-21T08:45:00Z"}

    assert str(one().occurred_at) == "2026-11-21 08:31:23+00:00"
    assert str(one(**ended).occurred_at) == "2026-11-21 08:45:00+00:00"
    assert one(status="resolved").occurred_at is None


def test_annotations_become_links_where_they_are_addresses() -> None:
    notes = {
        "runbook_url": "https://wiki.example.com/a",
        "dashboard_url": "see the wiki",
        "runbook": "javascript:alert(1)",
    }

    assert links(one(annotations=notes)) == {"Runbook": "https://wiki.example.com/a"}


def test_a_silence_is_one_click_away() -> None:
    body = {"externalURL": "https://am.example.com/", "alerts": [ALERT]}
    event = read("alertmanager", body).received[0].event

    assert links(event)["Silence"] == (
        "https://am.example.com/#/silences/new?filter=%7Balertname%3D%22HighLoad%22"
        "%2Cinstance%3D%22web-1%22%7D"
    )


def test_one_broken_alert_is_rejected_by_its_place_and_the_rest_is_taken() -> None:
    batch = read("alertmanager", {"alerts": [ALERT, {"status": "odd"}, ALERT]})

    assert len(batch.received) == 2
    (rejection,) = batch.rejections
    assert isinstance(rejection, Rejection)
    assert rejection.index == 1
    assert rejection.faults[0].field == "alerts.1.status"


def test_a_group_without_any_good_alert_is_refused() -> None:
    with pytest.raises(Invalid, match=r"alerts.0: should be an object"):
        read("alertmanager", {"alerts": [1, 2]})


def test_what_is_too_much_is_counted_and_named() -> None:
    many = [ALERT | {"fingerprint": str(n)} for n in range(103)]
    body = {"alerts": many, "truncatedAlerts": 5, "groupLabels": {"alertname": "Load"}}
    batch = read("alertmanager", body)

    assert len(batch.received) == 101
    last = batch.received[-1].event
    assert last.title == "Load: 8 more alerts are not told one by one"
    assert last.state is None
    assert facts(last) == {"Among them": "HighLoad"}


def test_grafana_shows_its_values() -> None:
    told = one("grafana", values={"B": 93.44237, "C": 1, "D": None, "E": "x"})

    assert facts(told)["Value B"] == "93.44"
    assert facts(told)["Value C"] == "1"
    assert "Value D" not in facts(told)


def test_grafana_before_9_has_its_values_in_a_text() -> None:
    said = "[ var='B0' metric='cpu' labels={host=a} value=12.5 ], [ var='C' value=NaN ]"
    told = one("grafana", values=None, valueString=said)

    assert {n: v for n, v in facts(told).items() if n.startswith("Value")} == {
        "Value B0": "12.5"
    }


@pytest.mark.parametrize(
    ("status", "title"),
    [("firing", "Orders gets no data"), ("resolved", "Orders is evaluated again")],
)
def test_grafanas_own_alerts_name_their_rule(status: str, title: str) -> None:
    labels = {"alertname": "DatasourceNoData", "rulename": "Orders"}

    assert one("grafana", status=status, labels=labels).title == title


def test_grafanas_picture_goes_along() -> None:
    (picture,) = batch_of("hooks-grafana-firing").received[0].event.attachments

    assert str(picture.url).endswith("7b0d4a.png")


@pytest.mark.parametrize(
    ("state", "told"),
    [("ok", "resolved"), ("alerting", "firing"), ("no_data", "firing")],
)
def test_an_older_grafana_is_read_too(state: str, told: str) -> None:
    body = {"ruleId": 7, "orgId": 1, "ruleName": "Load", "state": state}
    event = read("grafana", body).received[0].event

    assert (event.state, event.fingerprint) == (told, "grafana.alert:rule:1:7:")


@pytest.mark.parametrize("state", ["paused", "pending", "unknown"])
def test_an_older_grafanas_other_states_are_ignored(state: str) -> None:
    batch = read("grafana", {"ruleName": "Load", "state": state})

    assert not batch.items
    assert state in batch.ignored


@pytest.mark.parametrize("status", [2, 3])
def test_pending_and_maintenance_of_a_monitor_are_ignored(status: int) -> None:
    batch = read("uptime-kuma", {"heartbeat": {"status": status}, "monitor": {}})

    assert (batch.items, bool(batch.ignored)) == ((), True)


def test_monitors_of_two_installations_are_told_apart() -> None:
    def named(name: str) -> str:
        body = {"heartbeat": {"status": 0}, "monitor": {"id": 1, "name": name}}
        return read("uptime-kuma", body).received[0].event.fingerprint

    assert named("shop") != named("blog")


@pytest.mark.parametrize(
    ("monitor", "target"),
    [
        ({"url": "https://a.example.com"}, "https://a.example.com"),
        ({"url": "https://", "hostname": "db-1", "port": 5432}, "db-1:5432"),
        ({"hostname": "db-1"}, "db-1"),
        ({}, None),
    ],
)
def test_a_monitor_says_what_it_looks_at(
    monitor: dict[str, Any], target: str | None
) -> None:
    body = {"heartbeat": {"status": 0}, "monitor": {"id": 1, "name": "m", **monitor}}

    told = read("uptime-kuma", body).received[0].event

    assert facts(told).get("Target") == target


def test_an_exit_status_that_nobody_sent_is_left_out() -> None:
    _, call = call_of("hooks-healthchecks-down")
    body = json.loads(call.body) | {"exit_status": "-1"}

    assert "Exit status" not in facts(read("healthchecks", body).received[0].event)


def test_the_smallest_body_for_healthchecks_will_do() -> None:
    event = read("healthchecks", {"status": "down", "code": "c-1"}).received[0].event

    assert event.title == "Check c-1 is down"
