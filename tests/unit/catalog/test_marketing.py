"""Marketing: S3's titles, fields and formats, name by name."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.catalog.dressed import dressed, facts, typed
from tocsin.catalog.thresholds import shortfall
from tocsin.look import Look
from tocsin.rules.config import Config

RED, BLUE, GREEN = 0xFF0000, 0x0099FF, 0x00FF00
LEAD: dict[str, Any] = {
    "first_name": "Min-Ji Park",
    "email": "minjipark@salon.example",
    "score": 85,
    "notion_id": "a1/b2",
}


def test_a_hot_lead_asks_for_follow_up() -> None:
    event = typed("lead.hot", **LEAD)

    assert event.title == "Min-Ji Park - Score: 85"
    assert event.message == "Immediate follow-up recommended within 24 hours"
    assert event.look == Look(icon="🔥", colour=RED, banner="HOT LEAD ALERT")
    assert facts(event) == [
        ("Email", "minjipark@salon.example", True),
        ("Score", "85", True),
        ("Stage", "Assessment Complete", True),
        ("Notion Link", "[Open in Notion](https://notion.so/a1%2Fb2)", False),
    ]
    assert event.fields[3].format == "markdown"
    assert str(event.url) == "https://notion.so/a1%2Fb2"


def test_a_lead_without_a_name_is_unknown() -> None:
    assert typed("lead.hot", score=92.5).title == "Unknown - Score: 92.5"


@pytest.mark.parametrize(
    ("score", "types", "told"),
    [
        (80, {}, ""),
        (85, {}, ""),
        (
            79.5,
            {},
            "score 79.5 is below 80, the threshold of lead.hot: kept, not sent",
        ),
        (
            85,
            {"lead.*": {"threshold": {"score": 90}}},
            "score 85 is below 90, the threshold of lead.hot: kept, not sent",
        ),
        (60, {"lead.hot": {"threshold": {"score": 50}}}, ""),
        (None, {}, ""),
    ],
)
def test_a_lead_below_the_threshold_is_kept_and_says_why(
    score: float | None, types: dict[str, Any], told: str
) -> None:
    event = dressed({"type": "lead.hot", "title": "x", "data": {"score": score}})
    config = Config.model_validate({"types": types})

    assert shortfall(event, config.types) == told


def test_an_event_of_an_unknown_type_has_no_threshold() -> None:
    event = dressed({"type": "a", "title": "x", "data": {"score": 1}})

    assert shortfall(event, {}) == ""


def test_the_daily_report_writes_money_counts_and_percentages() -> None:
    event = typed(
        "report.daily",
        total_spend=12450,
        total_conversions=1342,
        cost_per_lead=9.325,
        ctr=2.3456,
        optin_rate=31.28,
        close_rate=12,
    )

    assert event.title == "Performance - 2026-11-21"
    assert event.message == "Consolidated metrics from all marketing channels"
    assert event.look == Look(icon="📊", colour=BLUE, banner="Daily Marketing Report")
    assert facts(event) == [
        ("💰 Total Ad Spend", "$12,450", True),
        ("👥 Conversions", "1,342", True),
        ("📊 Cost Per Lead", "$9.32", True),
        ("🎯 CTR", "2.35%", True),
        ("📥 Opt-in Rate", "31.3%", True),
        ("✅ Close Rate", "12.0%", True),
    ]


def test_the_report_is_of_the_day_in_the_configured_zone() -> None:
    late = {"type": "report.daily", "occurred_at": "2026-11-20T23:30:00Z"}

    assert dressed(late).title == "Performance - 2026-11-21"


def test_money_has_its_currency() -> None:
    event = typed("report.daily", total_spend=1250.5, currency="CHF")

    assert facts(event) == [("💰 Total Ad Spend", "CHF 1,250.50", True)]


@pytest.mark.parametrize(
    ("length", "shown"), [(200, "x" * 200), (201, "x" * 200 + "...")]
)
def test_a_published_post_is_cut_at_200(length: int, shown: str) -> None:
    assert typed("campaign.published", post_content="x" * length).message == shown


def test_each_platform_of_a_published_post_has_its_link() -> None:
    event = typed(
        "campaign.published",
        platforms=["linkedin", "instagram", "facebook"],
        urls=["https://l.example/(1)", None, "https://f.example/2"],
    )

    assert event.title == "Multi-Platform Publishing Complete"
    assert event.severity == "success"
    assert event.look == Look(
        icon="📱", colour=GREEN, banner="Social Media Post Published"
    )
    assert facts(event) == [
        ("Linkedin", "[View Post](https://l.example/%281%29)", True),
        ("Facebook", "[View Post](https://f.example/2)", True),
    ]


def test_a_flow_error_tells_details_and_the_time() -> None:
    event = typed("flow.error", flow_name="nightly", error_message="HTTP 502")

    assert (event.title, event.message) == ("Error in nightly", "HTTP 502")
    assert event.severity == "high"
    assert event.look == Look(icon="❌", colour=RED, banner="Flow Error Alert")
    assert facts(event) == [
        ("Details", "No additional details", False),
        ("Time", "2026-11-21 09:31:23 CET", True),
    ]
    assert event.fingerprint == "flow.error::nightly"


def test_the_retargeting_report_has_a_field_for_each_audience() -> None:
    event = typed(
        "report.retargeting",
        total_visitors=12450,
        audiences=[
            {"audience_name": "Carts", "users_count": 1840, "recommended_budget": 75},
            {"audience_name": "Quiz", "users_count": 102, "recommended_budget": 42.5},
        ],
    )

    assert event.title == "2-Audience Retargeting Status"
    assert event.message == (
        "Total visitors processed: 12,450\nTotal daily budget: $117.50"
    )
    assert event.look == Look(icon="📊", colour=BLUE, banner="Daily Retargeting Report")
    assert facts(event) == [
        ("Carts", "Users: 1,840 | Budget: $75/day", False),
        ("Quiz", "Users: 102 | Budget: $42.50/day", False),
    ]


def test_a_campaign_starts_in_blue_and_ends_in_green() -> None:
    begun = typed("campaign.started")
    ended = typed("campaign.completed", total=1240, success=1237, failed=3)

    assert (begun.title, begun.message) == (
        "Marketing Campaign Execution",
        "Starting daily marketing automation...",
    )
    assert begun.look == Look(icon="🚀", colour=BLUE, banner="Campaign Started")
    assert (ended.title, ended.message) == (
        "Execution Successful",
        "Processed 1,240 items",
    )
    assert ended.look == Look(icon="✅", colour=GREEN, banner="Campaign Complete")
    assert facts(ended) == [("Success", "1,237", True), ("Failed", "3", True)]


@pytest.mark.parametrize(
    ("percent", "step", "icon", "message", "colour"),
    [
        (0, "", "🚀", "", BLUE),
        (33, "Step 1", "📊", "Step 1 complete", BLUE),
        (100, "Step 3", "✅", "All steps complete!", GREEN),
    ],
)
def test_progress_goes_from_a_rocket_to_a_green_tick(
    percent: int, step: str, icon: str, message: str, colour: int
) -> None:
    event = typed("campaign.progress", run_id="r1", percent=percent, step=step)

    assert event.title == f"Progress: {percent}%"
    assert event.progress == percent
    assert event.message == message
    assert event.look == Look(icon=icon, colour=colour)
    assert event.fingerprint == "campaign.progress::r1"


def test_the_events_own_progress_will_do() -> None:
    event = dressed({"type": "campaign.progress", "progress": 67})

    assert (event.title, event.progress) == ("Progress: 67%", 67)
