"""GitHub, Sentry, Stripe and Standard Webhooks: what is told, what is left."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.intake.payloads import batch_of, call_of
from tocsin.events import Event
from tocsin.intake.batch import Batch
from tocsin.intake.hooks import Call, check_options, reader_of


def again(name: str, options: dict[str, Any] | None = None, **changed: Any) -> Batch:
    """A real payload with parts of it changed; `a__b` names b within a."""
    adapter, call = call_of(name)
    body: Any = call.form("payload") if adapter == "github" else call.value
    for path, value in changed.items():
        *outer, last = path.split("__")
        inner = body
        for part in outer:
            inner = inner[part]
        inner[last] = value
    headers = {**call.headers, "content-type": "application/json"}
    return reader_of(adapter)(
        Call(headers, json.dumps(body).encode(), options=options or {})
    )


def lone(name: str, **changed: Any) -> Event:
    return again(name, **changed).received[0].event


@pytest.mark.parametrize(
    ("conclusion", "state", "said"),
    [
        ("failure", "firing", "failed"),
        ("timed_out", "firing", "timed out"),
        ("startup_failure", "firing", "could not start"),
        ("action_required", "firing", "waits for someone"),
        ("success", "resolved", "passed again"),
    ],
)
def test_a_run_ends_well_or_badly(conclusion: str, state: str, said: str) -> None:
    event = lone("hooks-github-workflow-failure", workflow_run__conclusion=conclusion)

    assert event.state == state
    assert event.title == f"acme/shop: CI {said} on main"


@pytest.mark.parametrize(
    "conclusion", ["cancelled", "skipped", "neutral", "stale", None]
)
def test_a_run_without_a_verdict_is_ignored(conclusion: str | None) -> None:
    batch = again("hooks-github-workflow-failure", workflow_run__conclusion=conclusion)

    assert not batch.items
    assert "not told" in batch.ignored


@pytest.mark.parametrize(
    "changed",
    [{"workflow_run__head_branch": "topic"}, {"workflow_run__workflow_id": 7}],
)
def test_runs_are_told_apart_by_workflow_and_branch(changed: dict[str, Any]) -> None:
    name = "hooks-github-workflow-failure"

    assert lone(name, **changed).fingerprint != lone(name).fingerprint


def test_other_branches_can_be_left_out() -> None:
    name, options = "hooks-github-workflow-failure", {"branches": "default"}

    assert again(name, options).received
    assert again(name, options, workflow_run__head_branch="topic").ignored


def test_a_good_deployment_is_a_notice_only_where_that_is_wanted() -> None:
    name = "hooks-github-deployment-success"
    both = again(name, {"also": ["deployment"]})

    assert [each.event.state for each in again(name).received] == ["resolved"]
    assert [each.event.state for each in both.received] == ["resolved", None]
    assert len({each.key for each in both.received}) == 2


@pytest.mark.parametrize("state", ["pending", "queued", "in_progress", "inactive"])
def test_a_deployment_under_way_is_ignored(state: str) -> None:
    assert again(
        "hooks-github-deployment-success", deployment_status__state=state
    ).ignored


@pytest.mark.parametrize(
    "changed",
    [{"ref": "refs/heads/topic"}, {"ref": "refs/tags/v1"}, {"deleted": True}],
)
def test_only_pushes_to_the_default_branch_are_told(changed: dict[str, Any]) -> None:
    assert again("hooks-github-push", {"also": ["push"]}, **changed).ignored


def test_pushes_are_told_only_where_that_is_wanted() -> None:
    assert again("hooks-github-push").ignored == "push is not told"


def test_an_event_that_nobody_reads_needs_no_body_that_can_be_read() -> None:
    batch = reader_of("github")(Call({"x-github-event": "star"}, b"not JSON"))

    assert batch.ignored == "star is not told"


@pytest.mark.parametrize(
    ("name", "action", "state"),
    [
        ("dependabot-created", "auto_reopened", "firing"),
        ("dependabot-created", "dismissed", "resolved"),
        ("dependabot-created", "auto_dismissed", "resolved"),
        ("code-scanning", "reopened_by_user", "firing"),
        ("code-scanning", "closed_by_user", "resolved"),
        ("secret-scanning", "publicly_leaked", "firing"),
        ("secret-scanning", "resolved", "resolved"),
    ],
)
def test_alerts_of_github_open_and_close(name: str, action: str, state: str) -> None:
    assert lone(f"hooks-github-{name}", action=action).state == state


@pytest.mark.parametrize("action", ["appeared_in_branch", "validated", "assigned"])
def test_what_changes_nothing_about_an_alert_is_ignored(action: str) -> None:
    assert again("hooks-github-secret-scanning", action=action).ignored


@pytest.mark.parametrize(
    ("word", "severity"),
    [("critical", "critical"), ("moderate", "medium"), ("note", "low"), ("?", "high")],
)
def test_a_vulnerability_is_as_bad_as_it_is_rated(word: str, severity: str) -> None:
    event = lone(
        "hooks-github-dependabot-created", alert__security_vulnerability__severity=word
    )

    assert event.severity == severity


def test_a_redelivery_has_the_key_of_the_delivery() -> None:
    first = batch_of("hooks-github-release").received[0].key

    assert first == "72d3162e-cc78-11e3-81ab-4c9367dc0956"
    assert again("hooks-github-release").received[0].key == first


@pytest.mark.parametrize(
    "options",
    [{"also": ["everything"]}, {"branches": "mine"}, {"also": "push", "each": "a"}],
)
def test_unknown_options_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(Exception, match="options"):
        check_options("github", options)


@pytest.mark.parametrize("action", ["unresolved", "created"])
def test_an_issue_opens(action: str) -> None:
    assert lone("hooks-sentry-issue-created", action=action).state == "firing"


@pytest.mark.parametrize("action", ["resolved", "archived", "ignored"])
def test_an_issue_closes(action: str) -> None:
    assert lone("hooks-sentry-issue-created", action=action).state == "resolved"


def test_the_apps_own_frames_are_shown_latest_first() -> None:
    rows = lone("hooks-sentry-issue-alert").message.splitlines()

    assert rows == [
        "division by zero",
        "",
        "  at pay (shop/checkout.py:42)",
        "  at checkout (shop/views.py:118)",
    ]


@pytest.mark.parametrize(
    ("level", "severity"),
    [("fatal", "critical"), ("error", "high"), ("warning", "medium"), ("x", "high")],
)
def test_an_issue_is_as_bad_as_its_level(level: str, severity: str) -> None:
    assert lone("hooks-sentry-issue-created", data__issue__level=level).severity == (
        severity
    )


def test_a_hook_of_sentry_that_nobody_reads_is_ignored() -> None:
    batch = reader_of("sentry")(Call({"sentry-hook-resource": "comment"}, b"{}"))

    assert batch.ignored == "comment is not told"


@pytest.mark.parametrize(
    ("amount", "currency", "said"),
    [
        (129000, "eur", "1,290.00 EUR"),
        (4900, "jpy", "4,900 JPY"),
        (1500, "kwd", "1.500 KWD"),
        (5, "chf", "0.05 CHF"),
        (-200, "usd", "-2.00 USD"),
        (10, None, None),
        ("10", "eur", None),
    ],
)
def test_amounts_are_in_their_currency(
    amount: Any, currency: str | None, said: str | None
) -> None:
    event = lone(
        "hooks-stripe-payout-paid",
        data__object__amount=amount,
        data__object__currency=currency,
    )

    assert {fact.name: fact.value for fact in event.fields}.get("Amount") == said


@pytest.mark.parametrize(
    ("kind", "severity"),
    [
        ("charge.dispute.created", "high"),
        ("payout.failed", "high"),
        ("invoice.payment_failed", "medium"),
        ("invoice.paid", "success"),
        ("customer.created", "info"),
    ],
)
def test_an_event_of_stripe_is_as_bad_as_its_type(kind: str, severity: str) -> None:
    event = lone("hooks-stripe-payout-paid", type=kind)

    assert (event.severity, event.type) == (severity, f"stripe.{kind}")


def test_test_mode_is_told_apart() -> None:
    live, rehearsed = (
        lone("hooks-stripe-payout-paid", livemode=mode) for mode in (True, False)
    )

    assert rehearsed.title == f"{live.title} (test mode)"
    assert (live.labels["livemode"], rehearsed.labels["livemode"]) == ("yes", "no")
    assert "/test/events/" in str(rehearsed.url)


def test_a_thin_event_of_stripe_is_read() -> None:
    body = {
        "id": "evt_test_65",
        "object": "v2.core.event",
        "type": "v1.billing.meter.error_report_triggered",
        "created": "2026-11-21T08:31:23.123Z",
        "livemode": True,
        "related_object": {"id": "mtr_1", "type": "billing.meter"},
    }
    received = reader_of("stripe")(Call({}, json.dumps(body).encode())).received[0]

    assert received.event.title == "Billing meter error report triggered"
    assert (received.key, received.at) == ("evt_test_65", 1795249883123)


def test_standard_webhooks_hold_our_own_keys_to_their_rules() -> None:
    with pytest.raises(Exception, match="severity"):
        again("hooks-standard-native", data={"title": "a", "severity": "awful"})
