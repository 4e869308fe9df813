"""Marketing: leads, reports, publishing and campaign runs.

`icon` and `banner` are what the flows wrote above their embeds ("🔥 HOT LEAD ALERT").
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, ClassVar
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, HttpUrl

from tocsin.catalog.formats import count, day, money, percent, plain, stamp
from tocsin.catalog.kind import (
    Count,
    Kind,
    Number,
    Page,
    Prose,
    Scene,
    Text,
    fact,
    given,
    kinds,
    markdown_link,
)
from tocsin.events import Fact
from tocsin.look import Look
from tocsin.severity import Severity

RED, BLUE, GREEN = 0xFF0000, 0x0099FF, 0x00FF00
POST_SHOWN = 200
SIX_HOURS = 6 * 3600
Currency = Annotated[str, Field(max_length=8)]


class HotLead(Kind):
    """A lead whose score reaches the threshold; others are kept and not sent."""

    type = "lead.hot"
    needs = ("score",)
    severity = Severity.MEDIUM
    icon = "🔥"
    colour = RED
    banner = "HOT LEAD ALERT"
    at_least = ("score", 80)
    sample: ClassVar = {
        "type": "lead.hot",
        "data": {
            "first_name": "Min-Ji Park",
            "email": "minjipark@salon.example",
            "score": 85,
            "notion_id": "a1b2c3d4",
        },
    }

    first_name: Text = ""
    email: Text = ""
    score: Number | None = None
    stage: Text = "Assessment Complete"
    notion_id: Annotated[str, Field(max_length=200)] = ""

    def title(self, scene: Scene) -> str:
        if self.score is None:
            return ""
        return f"{self.first_name or 'Unknown'} - Score: {plain(self.score)}"

    def message(self, scene: Scene) -> str:
        return "Immediate follow-up recommended within 24 hours"

    def facts(self, scene: Scene) -> Iterable[Fact]:
        page = self._notion()
        opened = markdown_link("Open in Notion", page) if page else ""
        return given(
            fact("Email", self.email),
            fact("Score", "" if self.score is None else plain(self.score)),
            fact("Stage", self.stage),
            fact("Notion Link", opened, inline=False, markdown=True),
        )

    def page(self) -> HttpUrl | None:
        return HttpUrl(self._notion()) if self.notion_id else None

    def _notion(self) -> str:
        if not self.notion_id:
            return ""
        return f"https://notion.so/{quote(self.notion_id, safe='')}"


class DailyReport(Kind):
    """The day's figures. Rates are percentages: 2.34 is 2.34 %."""

    type = "report.daily"
    icon = "📊"
    colour = BLUE
    banner = "Daily Marketing Report"
    sample: ClassVar = {
        "type": "report.daily",
        "occurred_at": "2026-11-21T17:00:00Z",
        "data": {
            "total_spend": 1250.5,
            "total_conversions": 1342,
            "cost_per_lead": 9.32,
            "ctr": 2.345,
            "optin_rate": 31.28,
            "close_rate": 12.5,
        },
    }

    total_spend: Number | None = None
    total_conversions: Count | None = None
    cost_per_lead: Number | None = None
    ctr: Number | None = None
    optin_rate: Number | None = None
    close_rate: Number | None = None
    currency: Currency = "USD"

    def title(self, scene: Scene) -> str:
        return f"Performance - {day(scene.at)}"

    def message(self, scene: Scene) -> str:
        return "Consolidated metrics from all marketing channels"

    def facts(self, scene: Scene) -> Iterable[Fact]:
        conversions = self.total_conversions
        return given(
            fact("💰 Total Ad Spend", self._money(self.total_spend)),
            fact("👥 Conversions", "" if conversions is None else conversions),
            fact("📊 Cost Per Lead", self._money(self.cost_per_lead)),
            fact("🎯 CTR", _share(self.ctr, 2)),
            fact("📥 Opt-in Rate", _share(self.optin_rate, 1)),
            fact("✅ Close Rate", _share(self.close_rate, 1)),
        )

    def _money(self, amount: float | None) -> str:
        return "" if amount is None else money(amount, self.currency)


class CampaignPublished(Kind):
    """A post is out; `urls` stand in the order of `platforms`, null = not there."""

    type = "campaign.published"
    severity = Severity.SUCCESS
    icon = "📱"
    colour = GREEN
    banner = "Social Media Post Published"
    sample: ClassVar = {
        "type": "campaign.published",
        "data": {
            "post_content": "Autumn is here, and so is our new colour range. " * 5,
            "platforms": ["linkedin", "instagram", "facebook"],
            "urls": ["https://www.linkedin.com/posts/1", None, "https://fb.com/2"],
        },
    }

    post_content: Annotated[str, Field(max_length=50_000)] = ""
    platforms: Annotated[list[Text], Field(max_length=25)] = []
    urls: Annotated[list[Page | None], Field(max_length=25)] = []

    def title(self, scene: Scene) -> str:
        return "Multi-Platform Publishing Complete"

    def message(self, scene: Scene) -> str:
        more = "..." if len(self.post_content) > POST_SHOWN else ""
        return self.post_content[:POST_SHOWN] + more

    def facts(self, scene: Scene) -> Iterable[Fact]:
        return [
            fact(
                platform.title() or "Post",
                markdown_link("View Post", str(url)),
                markdown=True,
            )
            for platform, url in zip(self.platforms, self.urls, strict=False)
            if url is not None
        ]


class FlowError(Kind):
    """A flow failed."""

    type = "flow.error"
    needs = ("flow_name",)
    severity = Severity.HIGH
    icon = "❌"
    colour = RED
    banner = "Flow Error Alert"
    sample: ClassVar = {
        "type": "flow.error",
        "occurred_at": "2026-11-21T08:31:23Z",
        "data": {
            "flow_name": "marketing-campaign",
            "error_message": "HTTP 502 from the ads API",
            "details": "Failed at step: upload_audience",
        },
    }

    flow_name: Text = ""
    error_message: Prose = ""
    details: Prose = ""

    def title(self, scene: Scene) -> str:
        return f"Error in {self.flow_name}" if self.flow_name else ""

    def message(self, scene: Scene) -> str:
        return self.error_message

    def facts(self, scene: Scene) -> Iterable[Fact]:
        details = self.details or "No additional details"
        return (
            fact("Details", details, inline=False),
            fact("Time", stamp(scene.at)),
        )

    def fingerprint(self, scene: Scene) -> str:
        name = self.flow_name
        return f"flow.error:{scene.event.branch}:{name}" if name else ""


class Audience(BaseModel):
    """One audience of a retargeting report; the budget is per day."""

    model_config = ConfigDict(frozen=True, extra="allow", strict=True)

    audience_name: Text
    users_count: Count
    recommended_budget: Number


class RetargetingReport(Kind):
    """Audiences with their users and daily budgets."""

    type = "report.retargeting"
    needs = ("audiences",)
    icon = "📊"
    colour = BLUE
    banner = "Daily Retargeting Report"
    sample: ClassVar = {
        "type": "report.retargeting",
        "data": {
            "total_visitors": 12450,
            "audiences": [
                {
                    "audience_name": "Cart abandoners",
                    "users_count": 1840,
                    "recommended_budget": 75,
                },
                {
                    "audience_name": "Quiz starters",
                    "users_count": 10210,
                    "recommended_budget": 42.5,
                },
            ],
        },
    }

    audiences: Annotated[list[Audience], Field(max_length=50)] = []
    total_visitors: Count | None = None
    currency: Currency = "USD"

    def title(self, scene: Scene) -> str:
        number = len(self.audiences)
        return f"{number}-Audience Retargeting Status" if number else ""

    def message(self, scene: Scene) -> str:
        rows = []
        if self.total_visitors is not None:
            rows.append(f"Total visitors processed: {count(self.total_visitors)}")
        if self.audiences:
            budget = sum(each.recommended_budget for each in self.audiences)
            rows.append(f"Total daily budget: {money(budget, self.currency)}")
        return "\n".join(rows)

    def facts(self, scene: Scene) -> Iterable[Fact]:
        return [
            fact(each.audience_name or "Audience", self._audience(each), inline=False)
            for each in self.audiences
        ]

    def _audience(self, audience: Audience) -> str:
        budget = money(audience.recommended_budget, self.currency)
        return f"Users: {count(audience.users_count)} | Budget: {budget}/day"


class CampaignStarted(Kind):
    """A campaign run began. One run's messages share `run_id`."""

    type = "campaign.started"
    icon = "🚀"
    colour = BLUE
    banner = "Campaign Started"
    sample: ClassVar = {
        "type": "campaign.started",
        "data": {"campaign": "Autumn colours", "run_id": "run-814"},
    }

    campaign: Text = ""
    run_id: Annotated[str, Field(max_length=200)] = ""

    def title(self, scene: Scene) -> str:
        return "Marketing Campaign Execution"

    def message(self, scene: Scene) -> str:
        return "Starting daily marketing automation..."

    def facts(self, scene: Scene) -> Iterable[Fact]:
        return given(fact("Campaign", self.campaign))


class CampaignProgress(CampaignStarted):
    """How far a run is: `percent` here, or the event's own `progress`. All steps of a
    run are one piece of news."""

    type = "campaign.progress"
    needs = ("percent",)
    icon = "📊"
    banner = ""
    ttl = SIX_HOURS
    sample: ClassVar = {
        "type": "campaign.progress",
        "data": {"run_id": "run-814", "percent": 33, "step": "Step 1"},
    }

    percent: Annotated[int, Field(ge=0, le=100)] | None = None
    step: Text = ""

    def title(self, scene: Scene) -> str:
        percent = self._percent(scene)
        return "" if percent is None else f"Progress: {percent}%"

    def message(self, scene: Scene) -> str:
        if self._percent(scene) == 100:
            return "All steps complete!"
        return f"{self.step} complete" if self.step else ""

    def look(self, scene: Scene) -> Look:
        percent = self._percent(scene)
        if percent == 100:
            return Look(icon="✅", colour=GREEN)
        return Look(icon="📊" if percent else "🚀", colour=BLUE)

    def progress(self) -> int | None:
        return self.percent

    def fingerprint(self, scene: Scene) -> str:
        own = self.run_id or self.campaign
        return f"campaign.progress:{scene.event.branch}:{own}" if own else ""

    def _percent(self, scene: Scene) -> int | None:
        own = scene.event.progress
        return self.percent if own is None else own


class CampaignCompleted(CampaignStarted):
    """A run is through, with what it made and missed."""

    type = "campaign.completed"
    severity = Severity.SUCCESS
    icon = "✅"
    colour = GREEN
    banner = "Campaign Complete"
    sample: ClassVar = {
        "type": "campaign.completed",
        "data": {"run_id": "run-814", "total": 1240, "success": 1237, "failed": 3},
    }

    total: Count | None = None
    success: Count | None = None
    failed: Count | None = None

    def title(self, scene: Scene) -> str:
        return "Execution Successful"

    def message(self, scene: Scene) -> str:
        return "" if self.total is None else f"Processed {count(self.total)} items"

    def facts(self, scene: Scene) -> Iterable[Fact]:
        return given(
            fact("Success", "" if self.success is None else self.success),
            fact("Failed", "" if self.failed is None else self.failed),
            fact("Campaign", self.campaign),
        )


def _share(share: float | None, digits: int) -> str:
    return "" if share is None else percent(share, digits)


KINDS = kinds(
    HotLead,
    DailyReport,
    CampaignPublished,
    FlowError,
    RetargetingReport,
    CampaignStarted,
    CampaignProgress,
    CampaignCompleted,
)
