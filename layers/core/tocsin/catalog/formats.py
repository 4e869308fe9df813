"""Formats: money, counts, shares, days and times, as the catalogue writes them."""

from __future__ import annotations

from datetime import date, datetime

from tocsin import wording

_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£"}


def plain(number: float) -> str:
    """85.0 -> "85", 0.25 -> "0.25": no separators, no empty decimals."""
    if isinstance(number, int) or (abs(number) < 1e15 and number == int(number)):
        return str(int(number))
    return f"{number:.10g}"


def count(number: float) -> str:
    """12450 -> "12,450"."""
    whole = number == int(number)
    return f"{int(number):,}" if whole else f"{number:,.2f}".rstrip("0")


def money(amount: float, currency: str = "USD") -> str:
    """1250.5 -> "$1,250.50", 50 -> "$50", 50 CHF -> "CHF 50"."""
    code = currency.strip().upper() or "USD"
    sign = "-" if amount < 0 else ""
    size = abs(amount)
    told = f"{int(size):,}" if size == int(size) else f"{size:,.2f}"
    return f"{sign}{_SIGNS[code]}{told}" if code in _SIGNS else f"{sign}{code} {told}"


def percent(share: float, digits: int = 1) -> str:
    """2.345 -> "2.3%"; the number is a percentage already."""
    return f"{share:.{digits}f}%"


def span(seconds: float) -> str:
    """4980 -> "1 h 23 min"."""
    return wording.duration(round(seconds * 1000))


def day(moment: date) -> str:
    """2026-11-21."""
    return f"{moment:%Y-%m-%d}"


def stamp(moment: datetime) -> str:
    """2026-11-21 09:31:23 CET."""
    return f"{moment:%Y-%m-%d %H:%M:%S} {moment.tzname() or ''}".rstrip()


def days(number: int) -> str:
    """1 -> "1 day", 3 -> "3 days"."""
    return f"{number:,} day" if number == 1 else f"{number:,} days"
