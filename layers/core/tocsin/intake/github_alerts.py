"""GitHub's alerts: vulnerable dependencies, code scanning, leaked secrets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pydantic import JsonValue

from tocsin.events import Event, State
from tocsin.intake.demands import a_text, an_object, wrong
from tocsin.intake.drafts import Named, draft, happened
from tocsin.intake.github_work import repository
from tocsin.intake.trimming import line, mapping, severity
from tocsin.severity import Severity

_OPENS = {
    "created",
    "reopened",
    "auto_reopened",
    "reintroduced",
    "reopened_by_user",
    "publicly_leaked",
}
_CLOSES = {"fixed", "dismissed", "auto_dismissed", "resolved", "closed_by_user"}
_GRADES = {"note": Severity.LOW, "moderate": Severity.MEDIUM, "none": Severity.INFO}

Fields = Mapping[str, JsonValue]


class Alert(NamedTuple):
    """An alert that was opened or closed: `told` is GitHub's object."""

    place: str
    told: Fields
    number: str
    state: State


def dependabot(value: Fields, usual: Severity) -> list[Event] | str:
    """A dependency with a known hole; fixed or dismissed, it is over."""
    alert = _alert(value)
    if isinstance(alert, str):
        return alert
    advisory = mapping(alert.told.get("security_advisory"))
    hole = mapping(alert.told.get("security_vulnerability"))
    dependency = mapping(alert.told.get("dependency"))
    package = mapping(dependency.get("package") or hole.get("package"))
    name = line(package.get("name"), 100) or "A dependency"
    facts = [
        ("Package", f"{name} ({line(package.get('ecosystem'), 40)})"),
        ("Affected", hole.get("vulnerable_version_range")),
        ("Fixed in", mapping(hole.get("first_patched_version")).get("identifier")),
        ("Manifest", dependency.get("manifest_path")),
        ("Advisory", advisory.get("cve_id") or advisory.get("ghsa_id")),
        ("CVSS", mapping(advisory.get("cvss")).get("score")),
    ]
    said = f"{name}: {line(advisory.get('summary'), 120) or 'vulnerable'}"
    grade = _grade(hole.get("severity") or advisory.get("severity"), usual)
    return [_made(alert, "dependabot", said, grade, facts)]


def code_scanning(value: Fields, usual: Severity) -> list[Event] | str:
    """A finding of a scanner in the code."""
    alert = _alert(value)
    if isinstance(alert, str):
        return alert
    rule = mapping(alert.told.get("rule"))
    found = mapping(alert.told.get("most_recent_instance"))
    where = mapping(found.get("location"))
    file, row = line(where.get("path"), 300), line(where.get("start_line"), 10)
    facts = [
        ("File", f"{file}:{row}" if row else file),
        ("Found", mapping(found.get("message")).get("text")),
        ("Tool", mapping(alert.told.get("tool")).get("name")),
        ("Rule", rule.get("id")),
        ("Branch", line(value.get("ref"), 200).removeprefix("refs/heads/")),
    ]
    said = line(rule.get("description"), 150) or line(rule.get("name"), 150)
    grade = _grade(rule.get("security_severity_level") or rule.get("severity"), usual)
    said = said or "code scanning found something"
    return [_made(alert, "code_scanning", said, grade, facts)]


def secret_scanning(value: Fields, _: Severity) -> list[Event] | str:
    """A secret in the repository: critical, since it may be in use already."""
    alert = _alert(value)
    if isinstance(alert, str):
        return alert
    names = ("secret_type_display_name", "secret_type")
    told = (line(alert.told.get(name), 120) for name in names)
    kind = next((each for each in told if each), "a secret")
    facts = [
        ("Secret", kind),
        ("Valid", alert.told.get("validity")),
        ("Public", "yes" if alert.told.get("publicly_leaked") is True else ""),
        ("Resolution", line(alert.told.get("resolution"), 60).replace("_", " ")),
    ]
    said = f"{kind} was found in the repository"
    return [_made(alert, "secret_scanning", said, Severity.CRITICAL, facts)]


def _alert(value: Fields) -> Alert | str:
    """The alert, or why this action of it is not told. Raises `Invalid`."""
    place = repository(value)
    told = an_object(value.get("alert"), "alert")
    number = line(told.get("number"), 20)
    if not number:
        raise wrong("alert.number", "is missing")
    action = a_text(value.get("action"), "action")
    if action in _OPENS:
        return Alert(place, told, number, "firing")
    if action in _CLOSES:
        return Alert(place, told, number, "resolved")
    return f"an alert that is {line(action, 40)} is not told"


def _grade(word: JsonValue, usual: Severity) -> Severity:
    told = line(word, 40).lower()
    return _GRADES.get(told) or severity(told) or usual


def _made(
    alert: Alert, kind: str, said: str, grade: Severity, facts: Sequence[Named]
) -> Event:
    whole = f"github.{kind}_alert"
    over = alert.state == "resolved"
    return draft(
        whole,
        f"{alert.place}: {said}",
        severity=grade,
        state=alert.state,
        source=alert.place,
        fingerprint=f"{whole}:{alert.place}:{alert.number}",
        about={"repository": alert.place, "alert": alert.number},
        facts=[*facts, *(_closing(alert.told) if over else ())],
        links=[("Open alert", alert.told.get("html_url"))],
        data={"number": alert.number},
        at=happened(alert.told.get("updated_at") or alert.told.get("created_at")),
    )


def _closing(alert: Fields) -> list[Named]:
    by = mapping(alert.get("dismissed_by") or alert.get("resolved_by"))
    return [
        ("Closed by", by.get("login")),
        ("Reason", line(alert.get("dismissed_reason"), 100).replace("_", " ")),
        (
            "Comment",
            alert.get("dismissed_comment") or alert.get("resolution_comment"),
        ),
    ]
