"""Budgets: the text that AWS Budgets publishes to a topic, read line by line."""

from __future__ import annotations

import re

from tocsin.events import Event
from tocsin.intake.drafts import draft
from tocsin.intake.trimming import line, moment
from tocsin.severity import Severity

PAGE = "https://console.aws.amazon.com/billing/home#/budgets"
_LINE = re.compile(
    r"^[ \t]*([A-Z][A-Za-z ]{2,40}):[ \t]*(\S[^\n]{0,200})$", re.MULTILINE
)
_ACCOUNT = re.compile(r"AWS Account (\d{12})")
_MONEY = re.compile(r"\$(\d[\d,]{0,20}(?:\.\d{1,4})?)")


def is_budget(told: str) -> bool:
    """Whether this text is a notification of AWS Budgets."""
    return "AWS Budget Notification" in told[:200] and "Budget Name:" in told[:5000]


def read_budget(told: str, at: str) -> Event:
    """A notice for the alert; what it says in lines stands as facts. Never raises."""
    lines = dict(_LINE.findall(told[:10_000]))
    name = line(lines.get("Budget Name"), 120) or "A budget"
    kind = line(lines.get("Alert Type"), 40).upper()
    actual = _money(lines.get(f"{kind} Amount") or lines.get("ACTUAL Amount"))
    threshold = _money(lines.get("Alert Threshold"))
    forecast = kind == "FORECASTED"
    account = _ACCOUNT.search(told[:2000])
    limit = _money(lines.get("Budgeted Amount"))
    said = "is forecast to exceed" if forecast else "has exceeded"
    return draft(
        "aws.budgets.alert",
        f"Budget {name} {said} its threshold",
        severity=Severity.LOW if forecast else Severity.MEDIUM,
        source="aws.budgets",
        about={"budget": name, "account": account[1] if account else ""},
        facts=[
            ("Forecast" if forecast else "Actual", actual),
            ("Threshold", threshold),
            ("Budget", limit),
            ("Account", account[1] if account else ""),
        ],
        links=[("Open budgets", PAGE)],
        data={"budget": name, "kind": kind},
        at=moment(at),
    )


def _money(value: str | None) -> str:
    """Budgets writes dollars: "> $80.00" is told as "> 80.00 USD"."""
    return _MONEY.sub(r"\1 USD", line(value or "", 100))
