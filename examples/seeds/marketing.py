"""Marketing: hot leads, reports, posts, and a campaign that tells how far it is.

Plain functions: under Prefect each is a task, as in `prefect_flow.py`. Nothing raises
when Tocsin is away, and nothing waits for it.
"""

from __future__ import annotations

from uuid import uuid4

from tocsin_client import Tocsin, typed

STEPS = ("Step 1", "Step 2")


def hot_lead(tocsin: Tocsin, first_name: str, email: str, score: int) -> None:
    """A score below 80 is kept, and sent to nobody: that is the type's threshold."""
    event = typed.lead_hot(
        first_name=first_name, email=email, score=score, notion_id="a1b2c3d4"
    )
    tocsin.post(**event)


def reports(tocsin: Tocsin) -> None:
    """The day's figures, and the audiences."""
    daily = typed.report_daily(
        total_spend=1250.5,
        total_conversions=1342,
        cost_per_lead=9.32,
        ctr=2.345,
        optin_rate=31.28,
        close_rate=12.5,
    )
    tocsin.post(**daily)
    audiences = [
        ("Cart abandoners", 1840, 75.0),
        ("Quiz starters", 10210, 42.5),
        ("Readers", 300, 10.0),
        ("Buyers", 100, 5.0),
    ]
    retargeting = typed.report_retargeting(
        total_visitors=12450,
        audiences=[
            {"audience_name": name, "users_count": users, "recommended_budget": budget}
            for name, users, budget in audiences
        ],
    )
    tocsin.post(**retargeting)


def published(tocsin: Tocsin, post: str) -> None:
    """Where a post is out; no link where it is not."""
    event = typed.campaign_published(
        post_content=post,
        platforms=["linkedin", "instagram"],
        urls=["https://www.linkedin.com/posts/1", None],
    )
    tocsin.post(**event)


def campaign(tocsin: Tocsin) -> None:
    """Started, its steps, completed; an error is told, and raised on."""
    run = f"run-{uuid4().hex[:8]}"
    tocsin.post(**typed.campaign_started(campaign="Autumn colours", run_id=run))
    try:
        for number, step in enumerate(STEPS, 1):
            percent = round(100 * number / (len(STEPS) + 1))
            event = typed.campaign_progress(run_id=run, percent=percent, step=step)
            tocsin.post(**event)
        done = typed.campaign_completed(run_id=run, total=1240, success=1237, failed=3)
        tocsin.post(**done)
    except Exception as error:
        failed(tocsin, error, "unknown")
        raise


def failed(tocsin: Tocsin, error: Exception, step: str) -> None:
    """A flow's error, and the step at which it happened."""
    event = typed.flow_error(
        flow_name="marketing-campaign",
        error_message=str(error),
        details=f"Failed at step: {step}",
    )
    tocsin.post(**event)


def main() -> None:
    """A day."""
    tocsin = Tocsin()
    hot_lead(tocsin, "Min-Ji Park", "minjipark@salon.example", 85)
    hot_lead(tocsin, "Jo Weber", "jo@salon.example", 79)
    reports(tocsin)
    published(tocsin, "Autumn is here, and so is our new colour range. " * 5)
    campaign(tocsin)
    failed(tocsin, RuntimeError("HTTP 502 from the ads API"), "upload_audience")
    tocsin.flush(10)


if __name__ == "__main__":
    main()
