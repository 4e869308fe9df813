"""Operations: S2's colour code, and its news of services."""

from __future__ import annotations

import pytest

from tests.unit.catalog.dressed import dressed, facts, typed


@pytest.mark.parametrize(
    ("severity", "colour"),
    [
        ("P0", 0xFF0000),
        ("P1", 0xFF8800),
        ("P2", 0xFFCC00),
        ("P3", 0x3399FF),
        ("ok", 0x00CC66),
        ("DEV", 0x808080),
    ],
)
def test_you_scan_colour_not_text(severity: str, colour: int) -> None:
    event = dressed({"type": "ops.alert", "title": "x", "severity": severity})

    assert event.look is not None
    assert event.look.colour == colour


def test_an_alert_is_worth_a_look_when_free() -> None:
    event = typed("ops.alert", summary="Feed is slow", details="40 s behind")

    assert (event.title, event.message) == ("Feed is slow", "40 s behind")
    assert event.severity == "medium"


def test_an_error_is_the_same_news_whatever_its_text() -> None:
    one, other, elsewhere = (
        dressed(
            {
                "type": "app.error",
                "message": text,
                "data": {"exception": "KeyError", "where": where},
            }
        )
        for where, text in (("pay", "'a'"), ("pay", "'b'"), ("refund", "'a'"))
    )

    assert (one.title, one.message) == ("KeyError in pay", "'a'")
    assert one.severity == "high"
    assert one.fingerprint == other.fingerprint != elsewhere.fingerprint


def test_a_service_that_starts_is_harmless() -> None:
    event = typed("service.started", service="orders", version="1.4.2")

    assert (event.title, event.severity) == ("orders started", "debug")
    assert facts(event) == [("Version", "1.4.2", True)]


@pytest.mark.parametrize(
    ("kind", "data", "title", "colour"),
    [
        (
            "deploy.finished",
            {"service": "orders", "version": "1.4", "environment": "demo"},
            "orders 1.4 is live in demo",
            0x00CC66,
        ),
        ("deploy.finished", {"service": "orders"}, "orders is live", 0x00CC66),
        ("user.signed_up", {"name": "Min-Ji"}, "Min-Ji signed up", 0x00CC66),
        (
            "trade.executed",
            {"symbol": "ACME", "side": "sell", "quantity": 1200, "price": 12.5},
            "Sold 1,200 ACME at $12.50",
            0x3399FF,
        ),
        ("trade.executed", {"symbol": "ACME"}, "Traded ACME", 0x3399FF),
    ],
)
def test_good_news_is_green_and_neutral_news_blue(
    kind: str, data: dict[str, object], title: str, colour: int
) -> None:
    event = typed(kind, **data)

    assert event.title == title
    assert event.look is not None
    assert event.look.colour == colour
