"""Marketing: leads, published posts and failed flows.

`icon` and `banner` are what the flows wrote above their embeds ("🔥 HOT LEAD ALERT").
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, ClassVar
from urllib.parse import quote

from pydantic import Field, HttpUrl

from tocsin.catalog.formats import plain, stamp
from tocsin.catalog.kind import (
    Id,
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
from tocsin.severity import Severity

RED, GREEN = 0xFF0000, 0x00FF00
POST_SHOWN = 200


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
    notion_id: Id = ""

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
        return f"https://notion.so/{quote(self.notion_id, safe='', errors='replace')}"


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


KINDS = kinds(HotLead, CampaignPublished, FlowError)
