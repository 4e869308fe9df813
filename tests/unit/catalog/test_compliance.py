"""Compliance: S4's types, their severities, and days counted as people do."""

from __future__ import annotations

import pytest

from tests.unit.catalog.dressed import dressed, facts, typed


@pytest.mark.parametrize(
    ("kind", "severity"),
    [
        ("obligation_due", "medium"),
        ("obligation_overdue", "high"),
        ("ssl_expiry", "high"),
        ("ssl_failure", "critical"),
        ("digest", "low"),
    ],
)
def test_each_has_its_default_severity(kind: str, severity: str) -> None:
    assert dressed({"type": kind, "title": "x"}).severity == severity


@pytest.mark.parametrize(
    ("kind", "day", "title"),
    [
        ("obligation_due", "2026-11-24", "VAT is due in 3 days"),
        ("obligation_due", "2026-11-22", "VAT is due tomorrow"),
        ("obligation_due", "2026-11-21", "VAT is due today"),
        ("obligation_due", "2026-11-20", "VAT is 1 day overdue"),
        ("obligation_due", None, "VAT is due soon"),
        ("obligation_overdue", "2026-11-09", "VAT is 12 days overdue"),
        ("obligation_overdue", "2026-11-24", "VAT is overdue"),
        ("obligation_overdue", None, "VAT is overdue"),
    ],
)
def test_an_obligation_says_how_many_days(
    kind: str, day: str | None, title: str
) -> None:
    assert typed(kind, obligation="VAT", due_date=day).title == title


def test_an_obligation_names_day_owner_and_record() -> None:
    event = typed(
        "obligation_due",
        obligation="VAT",
        obligation_id="ob-77",
        due_date="2026-11-24",
        owner="Finance",
        record_url="https://example.com/ob-77",
    )

    assert facts(event) == [
        ("Due", "2026-11-24", True),
        ("Owner", "Finance", True),
        ("Obligation", "ob-77", True),
    ]
    assert str(event.url) == "https://example.com/ob-77"


def test_the_same_obligation_is_the_same_news_while_its_title_counts_down() -> None:
    three, two = (
        typed("obligation_due", obligation="VAT", due_date=day)
        for day in ("2026-11-24", "2026-11-23")
    )

    assert three.title != two.title
    assert three.fingerprint == two.fingerprint == "obligation_due::VAT"


@pytest.mark.parametrize(
    ("at", "title"),
    [
        ("2026-11-24T12:00:00Z", "expires in 3 days"),
        ("2026-11-21T23:30:00Z", "expires tomorrow"),  # which it is in Zurich
        ("2026-11-21T12:00:00Z", "expires today"),
        ("2026-11-19T12:00:00Z", "expired 2 days ago"),
        (None, "expires soon"),
    ],
)
def test_a_certificate_says_when_it_expires(at: str | None, title: str) -> None:
    event = typed("ssl_expiry", domain="shop.example.com", expires_at=at)

    assert event.title == f"Certificate of shop.example.com {title}"


def test_days_left_may_be_given_instead() -> None:
    assert typed("ssl_expiry", domain="a", days_left=1).title == (
        "Certificate of a expires tomorrow"
    )


def test_the_expiry_is_shown_in_the_configured_zone() -> None:
    event = typed(
        "ssl_expiry", domain="a.example", expires_at="2026-11-24T12:00:00Z", issuer="X"
    )

    assert facts(event) == [
        ("Domain", "a.example", True),
        ("Expires", "2026-11-24 13:00:00 CET", True),
        ("Issuer", "X", True),
    ]


def test_a_failed_check_says_why() -> None:
    event = typed("ssl_failure", domain="a.example", error="certificate has expired")

    assert event.title == "SSL check of a.example failed"
    assert event.message == "certificate has expired"
    assert event.fingerprint == "ssl_failure::a.example:443"


@pytest.mark.parametrize(
    ("data", "title"),
    [
        ({"period": "weekly", "counts": {"a": 9, "b": 5}}, "Weekly digest: 14 events"),
        ({"period": "daily", "total": 1}, "Daily digest: 1 event"),
        ({"total": 0}, "Digest: 0 events"),
        ({}, "Digest"),
    ],
)
def test_a_digest_heads_with_its_total(data: dict[str, object], title: str) -> None:
    assert typed("digest", **data).title == title


def test_a_digest_lists_the_most_frequent_first() -> None:
    event = typed("digest", counts={"Due": 2, "Expiring": 1400})

    assert facts(event) == [("Expiring", "×1,400", True), ("Due", "×2", True)]
    assert event.look is not None
    assert (event.look.icon, event.look.colour) == ("🗞️", 0x3399FF)
