"""Sentry: webhooks of its integrations: issue alerts, metric alerts, issues, errors.

Shapes: "Webhooks" of Sentry's integration platform, by the header
`Sentry-Hook-Resource`; the older plugin sends one event without that header.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from pydantic import JsonValue

from tocsin.errors import Malformed
from tocsin.events import State
from tocsin.intake.batch import Batch, lone, nothing
from tocsin.intake.demands import a_text, an_object, wrong
from tocsin.intake.drafts import Named, draft, happened
from tocsin.intake.hooks import Call
from tocsin.intake.options import Options, read_options
from tocsin.intake.trimming import line, mapping, number, sequence, severity
from tocsin.severity import Severity

HEADER = "sentry-hook-resource"
FRAMES = 5
_ISSUE: dict[str, State] = {
    "created": "firing",
    "unresolved": "firing",
    "resolved": "resolved",
    "archived": "resolved",
    "ignored": "resolved",
}
_METRIC: dict[str, tuple[State, Severity]] = {
    "critical": ("firing", Severity.CRITICAL),
    "warning": ("firing", Severity.MEDIUM),
    "resolved": ("resolved", Severity.SUCCESS),
}
_TAGS = ("environment", "release", "server_name", "transaction", "url", "user")

Fields = Mapping[str, JsonValue]


class Hook(NamedTuple):
    """A call that was opened: its action, its data, what identifies it."""

    action: str
    data: Fields
    usual: Severity | None
    key: str


def read(call: Call) -> Batch:
    """One hook; a resource that is not told is ignored. Raises `Invalid`."""
    value = an_object(call.value)
    usual = read_options(Options, call.options).severity
    key = line(call.headers.get("request-id"), 200)
    resource = call.headers.get(HEADER, "").strip().lower()
    if not resource and "event" in value:
        return _event(Hook("triggered", value, usual, key), "issue", value)
    if not resource:
        reason = "the header Sentry-Hook-Resource is missing"
        raise Malformed(reason, wrong("Sentry-Hook-Resource", "is missing").faults)
    reader = _READERS.get(resource)
    if reader is None:
        return nothing(f"{line(resource, 60)} is not told")
    action = a_text(value.get("action"), "action").strip().lower()
    return reader(Hook(action, an_object(value.get("data"), "data"), usual, key))


def _issue_alert(hook: Hook) -> Batch:
    return _event(hook, "issue", mapping(hook.data.get("issue_alert")))


def _error(hook: Hook) -> Batch:
    return _event(hook, "error", {})


def _event(hook: Hook, kind: str, outer: Fields) -> Batch:
    """An event of an issue: it opens the issue, and the issue's own hook closes it."""
    name = "error" if kind == "error" else "event"
    event = an_object(hook.data.get(name), f"data.{name}")
    issue = line(event.get("issue_id"), 60) or line(outer.get("id"), 60)
    own = line(event.get("event_id"), 60)
    if not issue and not own:
        raise wrong(f"data.{name}.issue_id", "is missing")
    tags = _tags(event)
    project = line(outer.get("project_slug"), 100) or tags.get("project", "")
    rule = line(hook.data.get("triggered_rule"), 200) or line(outer.get("title"), 200)
    title = line(event.get("title"), 300) or line(outer.get("message"), 300)
    made = draft(
        f"sentry.{kind}",
        title or "An error without a title",
        message=_body(event),
        severity=severity(event.get("level")) or hook.usual or Severity.HIGH,
        state="firing",
        source="sentry",
        branch=tags.get("environment") or event.get("environment"),
        fingerprint=f"sentry.issue:{issue or own}",
        about={"project": project, **tags},
        facts=[
            ("Culprit", event.get("culprit")),
            *((tag.replace("_", " ").capitalize(), tags.get(tag)) for tag in _TAGS),
            ("Rule", rule),
            ("Platform", event.get("platform")),
        ],
        links=[
            ("Open issue", event.get("web_url") or outer.get("url")),
        ],
        data={"issue": issue, "event": own},
        at=happened(event.get("datetime") or event.get("timestamp")),
    )
    return lone(made, hook.key)


def _issue(hook: Hook) -> Batch:
    state = _ISSUE.get(hook.action)
    if state is None:
        return nothing(f"an issue that is {line(hook.action, 40)} is not told")
    issue = an_object(hook.data.get("issue"), "data.issue")
    own = line(issue.get("id"), 60)
    if not own:
        raise wrong("data.issue.id", "is missing")
    project = mapping(issue.get("project"))
    seen, users = number(issue.get("count")), number(issue.get("userCount"))
    times = line(issue.get("count"), 20) if seen is None else f"{seen:,.0f}"
    made = draft(
        "sentry.issue",
        line(issue.get("title"), 300) or f"Issue {line(issue.get('shortId'), 60)}",
        message=mapping(issue.get("metadata")).get("value"),
        severity=severity(issue.get("level")) or hook.usual or Severity.HIGH,
        state=state,
        source="sentry",
        fingerprint=f"sentry.issue:{own}",
        about={"project": project.get("slug"), "level": issue.get("level")},
        facts=[
            ("Project", project.get("name") or project.get("slug")),
            ("Culprit", issue.get("culprit")),
            ("Issue", issue.get("shortId")),
            ("Seen", f"{times} ×" if times else ""),
            ("Users", f"{users:,.0f}" if users else ""),
            ("Platform", issue.get("platform")),
        ],
        links=[("Open issue", issue.get("web_url") or issue.get("permalink"))],
        data={"issue": own},
        at=happened(issue.get("lastSeen" if state == "firing" else "")),
    )
    return lone(made, hook.key)


def _metric_alert(hook: Hook) -> Batch:
    told = _METRIC.get(hook.action)
    if told is None:
        raise wrong("action", "should be critical, warning or resolved")
    alert = an_object(hook.data.get("metric_alert"), "data.metric_alert")
    rule = mapping(alert.get("alert_rule"))
    own = line(alert.get("id"), 60) or line(alert.get("identifier"), 60)
    if not own:
        raise wrong("data.metric_alert.id", "is missing")
    state, grade = told
    said = "is resolved" if state == "resolved" else f"is {hook.action}"
    name = line(rule.get("name"), 150) or line(alert.get("title"), 150) or "An alert"
    projects = ", ".join(line(each, 80) for each in sequence(rule.get("projects"))[:5])
    place = line(alert.get("organization_id"), 60)
    made = draft(
        "sentry.metric",
        f"{name} {said}",
        message=line(hook.data.get("description_text"), 1000).replace("\\n", "\n"),
        severity=grade,
        state=state,
        source="sentry",
        branch=rule.get("environment"),
        fingerprint=f"sentry.metric:{place}:{own}",
        about={"rule": rule.get("name"), "project": projects},
        facts=_rule_facts(rule, projects),
        links=[("Open alert", hook.data.get("web_url"))],
        data={"alert": own},
        at=happened(
            alert.get("date_closed" if state == "resolved" else "date_started")
        ),
    )
    return lone(made, hook.key)


def _rule_facts(rule: Fields, projects: str) -> list[Named]:
    window = number(rule.get("time_window"))
    return [
        ("Measure", rule.get("aggregate")),
        ("Query", rule.get("query")),
        ("Window", f"{window:,.0f} min" if window else ""),
        ("Project", projects),
        ("Environment", rule.get("environment")),
    ]


def _tags(event: Fields) -> dict[str, str]:
    """Tags are pairs, of a list or (once) of an object each."""
    told: dict[str, str] = {}
    for each in sequence(event.get("tags"))[:60]:
        pair = sequence(each)
        tag = mapping(each)
        key, value = pair[:2] if len(pair) == 2 else (tag.get("key"), tag.get("value"))
        if line(key, 60) and line(value, 200):
            told[line(key, 60)] = line(value, 200)
    return told


def _body(event: Fields) -> str:
    """What it says, then the innermost frames of its stack."""
    metadata = mapping(event.get("metadata"))
    said = (metadata.get("value"), event.get("message"))
    first = next((each for each in (line(told, 1000) for told in said) if each), "")
    frames = "\n".join(f"  at {frame}" for frame in _frames(event))
    return f"{first}\n\n{frames}".strip() if frames else first


def _frames(event: Fields) -> Iterator[str]:
    """The app's own frames, the latest call first."""
    thrown = sequence(mapping(event.get("exception")).get("values"))
    last = mapping(thrown[-1]) if thrown else {}
    frames = [
        mapping(each)
        for each in sequence(mapping(last.get("stacktrace")).get("frames"))
    ]
    own = [frame for frame in frames if frame.get("in_app") is True] or frames
    for frame in reversed(own[-FRAMES:]):
        file = line(frame.get("filename"), 200) or line(frame.get("module"), 200)
        place = f"{file}:{line(frame.get('lineno'), 10)}".rstrip(":")
        function = line(frame.get("function"), 100)
        if place or function:
            yield f"{function} ({place})" if function and place else place or function


_READERS: dict[str, Callable[[Hook], Batch]] = {
    "event_alert": _issue_alert,
    "metric_alert": _metric_alert,
    "issue": _issue,
    "error": _error,
}
