"""Reports: marketing's daily figures, and its audiences."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from tocsin.catalog.formats import count, day, money, percent
from tocsin.catalog.kind import (
    Count,
    Kind,
    Number,
    Scene,
    Text,
    fact,
    given,
    kinds,
)
from tocsin.events import Fact

BLUE = 0x0099FF
Currency = Annotated[str, Field(max_length=8)]


class DailyReport(Kind):
    """The day's figures. Rates are percentages: 2.34 is 2.34 %."""

    type = "report.daily"
    icon = "📊"
    colour = BLUE
    banner = "Daily Marketing Report"
    sample: ClassVar = {
        "type": "report.daily",
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


def _share(share: float | None, digits: int) -> str:
    return "" if share is None else percent(share, digits)


KINDS = kinds(DailyReport, RetargetingReport)
