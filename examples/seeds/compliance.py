"""Compliance: obligations, certificates, and a digest, with their usual severities.

Each is a problem: its repeats are counted and not told, until it is resolved. Who has
received one says so: `tocsin ack ID --note "Will renew the certificate this week"`.
"""

from __future__ import annotations

import os
from datetime import date, datetime, timedelta, timezone

from tocsin_client import Tocsin, typed


def obligation(tocsin: Tocsin, name: str, due: date, today: date) -> None:
    """Due: medium. Past its date: high."""
    told = typed.obligation_overdue if due < today else typed.obligation_due
    event = told(
        obligation=name,
        obligation_id="ob-77",
        due_date=due,
        owner="Finance",
        state="firing",
    )
    tocsin.post(**event)


def certificate(tocsin: Tocsin, domain: str, expires: datetime) -> None:
    """Soon over: high."""
    event = typed.ssl_expiry(
        domain=domain,
        expires_at=expires,
        issuer="Let's Encrypt",
        owner="platform",
        state="firing",
    )
    tocsin.post(**event)


def broken(tocsin: Tocsin, domain: str, error: str) -> None:
    """A failed check: critical."""
    event = typed.ssl_failure(domain=domain, port=443, error=error, state="firing")
    tocsin.post(**event)


def summary(tocsin: Tocsin, counts: dict[str, int]) -> None:
    """Of a week: low. Tocsin gathers digests of its own, too (`digest` in a route)."""
    event = typed.digest(period="weekly", total=sum(counts.values()), counts=counts)
    tocsin.post(**event)


def main() -> None:
    """One of each type."""
    tocsin = Tocsin(branch=os.environ.get("TOCSIN_BRANCH", "Zurich"))
    now = datetime.now(timezone.utc)
    today = now.date()
    obligation(tocsin, "VAT return Q3", today + timedelta(days=3), today)
    obligation(tocsin, "Fire drill", today - timedelta(days=2), today)
    certificate(tocsin, "shop.example.com", now + timedelta(days=3, hours=1))
    broken(tocsin, "api.example.com", "certificate has expired")
    summary(tocsin, {"Obligations due": 9, "Certificates expiring": 5})
    tocsin.flush(10)


if __name__ == "__main__":
    main()
