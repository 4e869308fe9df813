"""Alerts: what Prometheus' Alertmanager and Grafana's share, a group at a time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from pydantic import JsonValue

from tocsin.errors import Invalid
from tocsin.events import Event
from tocsin.intake.batch import Batch, Received, Rejection
from tocsin.intake.demands import a_list, a_text, an_object, wrong
from tocsin.intake.drafts import Named, draft
from tocsin.intake.trimming import line, mapping, number, severity
from tocsin.severity import Severity

MOST = 100
NAMED = 5
FACTS = 8
_WORDS = {
    "page": Severity.CRITICAL,
    "disaster": Severity.CRITICAL,
    "major": Severity.HIGH,
    "average": Severity.MEDIUM,
    "minor": Severity.LOW,
    "information": Severity.INFO,
    "none": Severity.INFO,
}
# What people ask first; the rest follows in the tool's order.
_FIRST = ("instance", "job", "service", "namespace", "pod", "cluster", "environment")
_SUBJECTS = ("instance", "service", "pod", "node", "host", "device", "job")
_TOLD = {"alertname", "severity", "priority", "grafana_folder", "rulename"}
_ADDRESS = re.compile(r"https?://\S{1,1900}")

Labels = Mapping[str, JsonValue]
Reader = Callable[[Mapping[str, JsonValue], str], Event]


def read_group(value: JsonValue, kind: str, read: Reader) -> Batch:
    """Each alert of the group by itself, at most a hundred of them; a notice counts
    those that are not here. `read` gets an alert, and its place for refusals.

    Raises `Invalid` when this is no group of alerts, or when no alert is one.
    """
    group = an_object(value)
    alerts = a_list(group.get("alerts"), "alerts")
    items: list[Received | Rejection] = []
    for index, told in enumerate(alerts[:MOST]):
        place = f"alerts.{index}"
        try:
            items.append(Received(read(an_object(told, place), place)))
        except Invalid as refused:
            items.append(Rejection(index, refused.faults))
    faults = [each.faults for each in items if isinstance(each, Rejection)]
    if len(faults) == len(items):
        raise wrong(faults[0][0].field, faults[0][0].reason)
    cut = number(group.get("truncatedAlerts")) or 0
    missing = len(alerts[MOST:]) + max(int(cut), 0)
    if missing:
        items.append(Received(_cut_off(group, kind, missing)))
    return Batch(tuple(items), many=True)


def _cut_off(group: Mapping[str, JsonValue], kind: str, missing: int) -> Event:
    common = {**mapping(group.get("commonLabels")), **mapping(group.get("groupLabels"))}
    name = line(common.get("alertname"), 120) or line(group.get("receiver"), 120)
    rest = a_list(group.get("alerts"), "alerts")[MOST:]
    lost = [line(labels_of(mapping(each)).get("alertname"), 80) for each in rest]
    names = [each for each in dict.fromkeys(lost) if each][:NAMED]
    noun = "alert is" if missing == 1 else "alerts are"
    return draft(
        f"{kind}.truncated",
        f"{name or 'A group of alerts'}: {missing:,} more {noun} not told one by one",
        message="This group is larger than what is told: look at it in the tool itself,"
        " or group by more labels.",
        severity=Severity.MEDIUM,
        source=group.get("receiver"),
        fingerprint=f"{kind}.truncated:{line(group.get('groupKey'), 2000)}",
        facts=[("Among them", ", ".join(names))],
        links=[("Open", group.get("externalURL"))],
    )


def labels_of(alert: Mapping[str, JsonValue]) -> Labels:
    """The labels that people set, without the tool's own `__…__`."""
    told = mapping(alert.get("labels"))
    return {name: value for name, value in told.items() if not name.startswith("__")}


def resolved(alert: Mapping[str, JsonValue], place: str) -> bool:
    """Whether it is over. Raises `Invalid` for a status that is neither."""
    status = a_text(alert.get("status"), f"{place}.status")
    if status not in ("firing", "resolved"):
        raise wrong(f"{place}.status", "should be firing or resolved")
    return status == "resolved"


def fingerprint(alert: Mapping[str, JsonValue], labels: Labels, kind: str) -> str:
    """The tool's own; where it gives none, all labels name the alert, as there."""
    own = line(alert.get("fingerprint"), 200)
    if own:
        return f"{kind}:{own}"
    return f"{kind}:" + ",".join(f"{name}={labels[name]}" for name in sorted(labels))


def stated_severity(labels: Labels) -> Severity | None:
    """What the labels `severity` or `priority` say, in the words of these tools."""
    for name in ("severity", "priority"):
        told = labels.get(name)
        word = told.strip().lower() if isinstance(told, str) else ""
        read = _WORDS.get(word) or severity(word)
        if read is not None:
            return read
    return None


def headline(labels: Labels, notes: Labels, *, over: bool) -> str:
    """The summary if there is one; else the alert's name, where, and its state."""
    summary = line(notes.get("summary"), 300) or line(notes.get("title"), 300)
    if summary:
        return summary
    name = line(labels.get("alertname"), 120) or "An alert"
    told = (line(labels.get(subject), 80) for subject in _SUBJECTS)
    subject = next((each for each in told if each), "")
    where = f" on {subject}" if subject else ""
    return f"{name}{where} is {'resolved' if over else 'firing'}"


def body(notes: Labels) -> str:
    """The description in the annotations, or the message."""
    told = (notes.get(name) for name in ("description", "message"))
    return next((each for each in told if isinstance(each, str) and each.strip()), "")


def label_facts(labels: Labels) -> Iterator[Named]:
    """Labels as facts, the telling ones first, those of the title left out."""
    order = [name for name in _FIRST if name in labels]
    order += [name for name in labels if name not in order and name not in _TOLD]
    for name in order[:FACTS]:
        yield name, labels[name]


def note_links(notes: Labels) -> Iterator[Named]:
    """Runbook and dashboard, under the names that annotations use for them."""
    for label, names in (
        ("Runbook", ("runbook_url", "runbook", "runbookURL")),
        ("Dashboard", ("dashboard_url", "dashboard", "dashboardURL")),
    ):
        for name in names:
            told = notes.get(name)
            found = _ADDRESS.fullmatch(told.strip()) if isinstance(told, str) else None
            if found:
                yield label, found[0]
                break
