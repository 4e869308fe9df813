"""EventBridge: AWS's own events, and those of applications."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.intake.payloads import payload
from tocsin.errors import Invalid
from tocsin.events import Event
from tocsin.intake.budgets import read_budget
from tocsin.intake.eventbridge import READERS, read_invocation
from tocsin.intake.sns import read_notification


def again(name: str, **changed: Any) -> Event:
    """A real event with parts of its detail changed."""
    told = payload(f"eventbridge-{name}")
    return (
        read_invocation(told | {"detail": told["detail"] | changed}).received[0].event
    )


def facts(event: Event) -> dict[str, str]:
    return {fact.name: fact.value for fact in event.fields}


@pytest.mark.parametrize("name", ["codepipeline-failed", "codepipeline-action"])
@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("FAILED", "firing"),
        ("SUCCEEDED", "resolved"),
        ("STARTED", None),
        ("SUPERSEDED", None),
        ("ODD", None),
        (7, None),
    ],
)
def test_a_pipeline_fails_and_recovers(name: str, state: Any, told: str | None) -> None:
    event = again(name, state=state)

    assert event.state == told
    assert event.fingerprint == again(name).fingerprint


def test_a_pipeline_says_which_action_failed_and_why() -> None:
    failed = [{"action": "Deploy", "additionalInformation": "No space left"}]
    event = again(
        "codepipeline-failed", **{"additional-attributes": {"failedActions": failed}}
    )

    assert event.message == "Deploy: No space left"


@pytest.mark.parametrize(
    ("code", "exits", "severity"),
    [
        ("EssentialContainerExited", [137], "high"),
        ("EssentialContainerExited", [0], "info"),
        ("EssentialContainerExited", [0, 1], "high"),
        ("TaskFailedToStart", [], "high"),
        ("ServiceSchedulerInitiated", [143], "info"),
        ("UserInitiated", [137], "info"),
        ("SpotInterruption", [137], "info"),
        ("", [0], "info"),
    ],
)
def test_a_task_that_was_stopped_is_no_trouble(
    code: str, exits: list[int], severity: str
) -> None:
    containers = [{"name": f"c{n}", "exitCode": each} for n, each in enumerate(exits)]

    event = again("ecs-task-stopped", stopCode=code, containers=containers)

    assert (event.severity, event.state) == (severity, None)


@pytest.mark.parametrize(
    ("category", "status", "state", "severity"),
    [
        ("issue", "open", "firing", "high"),
        ("issue", "closed", "resolved", "success"),
        ("scheduledChange", "upcoming", None, "medium"),
        ("scheduledChange", "closed", None, "medium"),
        ("accountNotification", "open", None, "low"),
        ("new", "open", None, "medium"),
    ],
)
def test_only_issues_of_aws_are_problems(
    category: str, status: str, state: str | None, severity: str
) -> None:
    event = again("health-issue", eventTypeCategory=category, statusCode=status)

    assert (event.state, event.severity) == (state, severity)


def test_health_speaks_english_where_it_can() -> None:
    told = [
        {"language": "de_DE", "latestDescription": "Störung"},
        {"language": "en_US", "latestDescription": "Trouble"},
    ]

    assert again("health-issue", eventDescription=told).message == "Trouble"
    assert again("health-issue", eventDescription=told[:1]).message == "Störung"


@pytest.mark.parametrize(
    ("number", "severity"),
    [
        (9.1, "critical"),
        (8, "high"),
        (5.0, "medium"),
        (2, "low"),
        ("?", "high"),
        (-1, "low"),
    ],
)
def test_a_finding_is_as_bad_as_its_number(number: Any, severity: str) -> None:
    assert again("guardduty", severity=number).severity == severity


def test_an_archived_finding_is_over() -> None:
    assert again("guardduty", service={"archived": True}).state == "resolved"
    assert again("guardduty", service={}).state == "firing"


@pytest.mark.parametrize(
    "over",
    [
        {"RecordState": "ARCHIVED"},
        {"Workflow": {"Status": "RESOLVED"}},
        {"Workflow": {"Status": "SUPPRESSED"}},
        {"Compliance": {"Status": "PASSED"}},
    ],
)
def test_a_finding_of_security_hub_ends_in_many_ways(over: dict[str, Any]) -> None:
    finding = payload("eventbridge-securityhub")["detail"]["findings"][0]

    assert again("securityhub", findings=[finding]).state == "firing"
    assert again("securityhub", findings=[finding | over]).state == "resolved"


def test_an_import_without_findings_is_refused_by_its_field() -> None:
    with pytest.raises(Invalid) as refused:
        again("securityhub", findings=[])

    assert refused.value.faults[0].field == "detail.findings"


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("FAILED", "firing"),
        ("EXPIRED", "firing"),
        ("COMPLETED", "resolved"),
        ("RUNNING", None),
    ],
)
def test_a_backup_breaks_and_is_complete_again(word: str, state: str | None) -> None:
    event = again("backup-failed", state=word)

    assert event.state == state
    assert event.fingerprint == again("backup-failed").fingerprint


@pytest.mark.parametrize(
    ("kinds", "severity"),
    [
        (["failure"], "high"),
        (["low storage", "availability"], "high"),
        (["failover"], "medium"),
        (["backup"], "info"),
        ([], "info"),
        (None, "info"),
    ],
)
def test_a_database_is_as_bad_as_its_categories(kinds: Any, severity: str) -> None:
    assert again("rds-failover", EventCategories=kinds).severity == severity


@pytest.mark.parametrize(
    ("kind", "state", "said"),
    [
        (
            "EC2 Instance Launch Unsuccessful",
            "firing",
            "web could not launch an instance",
        ),
        ("EC2 Instance Launch Successful", "resolved", "web launched an instance"),
        (
            "EC2 Instance Terminate Unsuccessful",
            "firing",
            "web could not terminate an instance",
        ),
    ],
)
def test_a_group_that_cannot_scale_is_a_problem(
    kind: str, state: str, said: str
) -> None:
    told = payload("eventbridge-autoscaling-failed") | {"detail-type": kind}
    event = read_invocation(told).received[0].event

    assert (event.state, event.title) == (state, said)


@pytest.mark.parametrize("kind", sorted(READERS))
def test_nobody_but_aws_speaks_for_aws(kind: str) -> None:
    told = payload("eventbridge-own") | {"detail-type": kind}
    event = read_invocation(told).received[0].event

    assert event.source == "com.example.shop"
    assert not event.type.startswith("aws.")


def test_what_nobody_knows_is_readable() -> None:
    event = again("spot", message="Two minutes left", detail={"deep": 1}, on=True)

    assert event.title == "i-1234567890abcdef0: EC2 Spot Instance Interruption Warning"
    assert event.type == "aws.ec2.ec2-spot-instance-interruption-warning"
    assert event.message == "Two minutes left"
    assert facts(event) == {
        "instance-id": "i-1234567890abcdef0",
        "instance-action": "terminate",
        "on": "yes",
        "Region": "eu-central-1",
        "Account": "123456789012",
    }


def test_an_application_that_means_our_keys_is_held_to_them() -> None:
    with pytest.raises(Invalid, match="severity"):
        again("own", severity="awful")


def test_through_a_topic_even_that_is_told() -> None:
    told = payload("eventbridge-own")
    told["detail"]["severity"] = "awful"
    message: dict[str, Any] = {"MessageId": "m", "Message": json.dumps(told)}

    event = read_notification({"Records": [{"Sns": message}]}).received[0].event

    assert "severity" in facts(event)["Not read as an event"]


@pytest.mark.parametrize(
    ("told", "title", "amount"),
    [
        (
            "AWS Budget Notification\nBudget Name: a\nAlert Type: FORECASTED\nFORECASTED Amount: $1,087.20\n",
            "Budget a is forecast to exceed its threshold",
            {"Forecast": "1,087.20 USD"},
        ),
        ("AWS Budget Notification\nBudget Name:", "Budget A budget has exceeded", {}),
    ],
)
def test_a_budget_is_read_line_by_line(
    told: str, title: str, amount: dict[str, str]
) -> None:
    event = read_budget(told.replace("\\\n", "\n"), "2026-11-21T08:31:23Z")

    assert event.title.startswith(title)
    assert facts(event) == amount
