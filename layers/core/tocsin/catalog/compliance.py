"""Compliance: obligations, certificates, and the digests of both."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field, HttpUrl

from tocsin.catalog.formats import count, day, days, stamp
from tocsin.catalog.kind import (
    Count,
    Day,
    Id,
    Kind,
    Moment,
    Page,
    Prose,
    Scene,
    Text,
    fact,
    given,
    kinds,
)
from tocsin.events import Fact
from tocsin.severity import Severity

SECTIONS = 20


class ObligationDue(Kind):
    """An obligation approaches its due date."""

    type = "obligation_due"
    needs = ("obligation",)
    severity = Severity.MEDIUM
    sample: ClassVar = {
        "type": "obligation_due",
        "branch": "Zurich",
        "occurred_at": "2026-11-21T08:00:00Z",
        "data": {
            "obligation": "VAT return Q3",
            "obligation_id": "ob-77",
            "due_date": "2026-11-24",
            "owner": "Finance",
            "record_url": "https://compliance.example.com/obligations/ob-77",
        },
    }

    obligation: Text = ""
    obligation_id: Id = ""
    due_date: Day | None = None
    owner: Text = ""
    record_url: Page | None = None

    def title(self, scene: Scene) -> str:
        return f"{self.obligation} is {self._due(scene)}" if self.obligation else ""

    def facts(self, scene: Scene) -> Iterable[Fact]:
        return given(
            fact("Due", day(self.due_date) if self.due_date else ""),
            fact("Owner", self.owner),
            fact("Obligation", self.obligation_id),
        )

    def page(self) -> HttpUrl | None:
        return self.record_url

    def fingerprint(self, scene: Scene) -> str:
        own = self.obligation_id or self.obligation
        return f"{self.type}:{scene.event.branch}:{own}" if own else ""

    def _due(self, scene: Scene) -> str:
        if self.due_date is None:
            return "due soon"
        left = _days(self.due_date, scene)
        return f"{days(-left)} overdue" if left < 0 else f"due {_in(left)}"


class ObligationOverdue(ObligationDue):
    """An obligation is past its due date."""

    type = "obligation_overdue"
    severity = Severity.HIGH
    sample: ClassVar = {
        "type": "obligation_overdue",
        "branch": "Zurich",
        "occurred_at": "2026-11-26T08:00:00Z",
        "data": {
            "obligation": "VAT return Q3",
            "obligation_id": "ob-77",
            "due_date": "2026-11-24",
            "owner": "Finance",
        },
    }

    def _due(self, scene: Scene) -> str:
        late = 0 if self.due_date is None else -_days(self.due_date, scene)
        return f"{days(late)} overdue" if late > 0 else "overdue"


class SslExpiry(Kind):
    """A certificate expires soon."""

    type = "ssl_expiry"
    needs = ("domain",)
    severity = Severity.HIGH
    sample: ClassVar = {
        "type": "ssl_expiry",
        "occurred_at": "2026-11-21T08:00:00Z",
        "data": {
            "domain": "shop.example.com",
            "expires_at": "2026-11-24T12:00:00Z",
            "issuer": "Let's Encrypt",
            "owner": "platform",
        },
    }

    domain: Text = ""
    expires_at: Moment | None = None
    days_left: int | None = None
    issuer: Text = ""
    owner: Text = ""

    def title(self, scene: Scene) -> str:
        if not self.domain:
            return ""
        left = self._left(scene)
        if left is None:
            return f"Certificate of {self.domain} expires soon"
        if left < 0:
            return f"Certificate of {self.domain} expired {days(-left)} ago"
        return f"Certificate of {self.domain} expires {_in(left)}"

    def facts(self, scene: Scene) -> Iterable[Fact]:
        at = self.expires_at
        return given(
            fact("Domain", self.domain),
            fact("Expires", stamp(at.astimezone(scene.at.tzinfo)) if at else ""),
            fact("Issuer", self.issuer),
            fact("Owner", self.owner),
        )

    def fingerprint(self, scene: Scene) -> str:
        own = self.domain
        return f"ssl_expiry:{scene.event.branch}:{own}" if own else ""

    def _left(self, scene: Scene) -> int | None:
        if self.days_left is not None or self.expires_at is None:
            return self.days_left
        return _days(self.expires_at.astimezone(scene.at.tzinfo).date(), scene)


class SslFailure(Kind):
    """A check of a certificate failed."""

    type = "ssl_failure"
    needs = ("domain",)
    severity = Severity.CRITICAL
    sample: ClassVar = {
        "type": "ssl_failure",
        "data": {
            "domain": "shop.example.com",
            "port": 443,
            "error": "certificate has expired",
            "issuer": "Let's Encrypt",
            "owner": "platform",
        },
    }

    domain: Text = ""
    port: Annotated[int, Field(ge=1, le=65_535)] | None = None
    error: Prose = ""
    issuer: Text = ""
    owner: Text = ""

    def title(self, scene: Scene) -> str:
        return f"SSL check of {self.domain} failed" if self.domain else ""

    def message(self, scene: Scene) -> str:
        return self.error

    def facts(self, scene: Scene) -> Iterable[Fact]:
        return given(
            fact("Domain", self.domain),
            fact("Port", str(self.port) if self.port else ""),
            fact("Issuer", self.issuer),
            fact("Owner", self.owner),
        )

    def fingerprint(self, scene: Scene) -> str:
        own = f"{self.domain}:{self.port or 443}"
        return f"ssl_failure:{scene.event.branch}:{own}" if self.domain else ""


class Digest(Kind):
    """A summary of a day or a week, made by the sender."""

    type = "digest"
    severity = Severity.LOW
    icon = "🗞️"
    colour = 0x3399FF
    sample: ClassVar = {
        "type": "digest",
        "data": {
            "period": "weekly",
            "total": 14,
            "counts": {"Obligations due": 9, "Certificates expiring": 5},
        },
    }

    period: Literal["daily", "weekly"] | None = None
    total: Count | None = None
    counts: Annotated[dict[Text, Count], Field(max_length=200)] = {}

    def title(self, scene: Scene) -> str:
        named = {"daily": "Daily digest", "weekly": "Weekly digest", None: "Digest"}
        total = sum(self.counts.values()) if self.total is None else self.total
        if not total and not self.counts and self.total is None:
            return named[self.period]
        return f"{named[self.period]}: {count(total)} event{'s' * (total != 1)}"

    def facts(self, scene: Scene) -> Iterable[Fact]:
        most = sorted(self.counts.items(), key=lambda told: -told[1])[:SECTIONS]
        return [fact(name or "Other", f"×{count(number)}") for name, number in most]


def _days(until: date, scene: Scene) -> int:
    return (until - scene.at.date()).days


def _in(left: int) -> str:
    return {0: "today", 1: "tomorrow"}.get(left, f"in {days(left)}")


KINDS = kinds(ObligationDue, ObligationOverdue, SslExpiry, SslFailure, Digest)
