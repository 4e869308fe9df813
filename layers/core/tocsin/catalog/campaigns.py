"""Campaigns: a run begins, gets on, and is through."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, ClassVar

from pydantic import Field

from tocsin.catalog.formats import count
from tocsin.catalog.kind import (
    Count,
    Id,
    Kind,
    Scene,
    Text,
    fact,
    given,
    kinds,
)
from tocsin.events import Fact
from tocsin.look import Look
from tocsin.severity import Severity

BLUE, GREEN = 0x0099FF, 0x00FF00
SIX_HOURS = 6 * 3600


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
    run_id: Id = ""

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


KINDS = kinds(CampaignStarted, CampaignProgress, CampaignCompleted)
