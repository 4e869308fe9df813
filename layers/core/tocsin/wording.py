"""Wording: durations, numbers, moments and names, as people say them."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

_STEPS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))
_JOINTS = re.compile(r"[_.:/\-\s]+")
_SMALL = frozenset({"id", "ip", "url", "cpu", "db", "ssl", "tls", "dns", "http", "api"})


def duration(ms: int) -> str:
    """The two largest units at most: "45 s", "12 min", "3 h 20 min", "2 d 4 h"."""
    seconds = max(0, ms) // 1000
    for position, (size, unit) in enumerate(_STEPS):
        if seconds < size and size > 1:
            continue
        words = f"{grouped(seconds // size)} {unit}"
        if unit in ("d", "h"):
            smaller, name = _STEPS[position + 1]
            rest = seconds % size // smaller
            return f"{words} {rest} {name}" if rest else words
        return words
    raise AssertionError("the last step takes everything")


def grouped(number: int) -> str:
    """12450 -> "12,450"."""
    return f"{number:,}"


def clock(ms: int, zone: str, now: int) -> str:
    """The time, as "14:05 CET"; with the day, when it is not today's, "3 Nov …"."""
    there = moment(ms, zone)
    today = moment(now, zone)
    time = f"{there.hour:02}:{there.minute:02} {there.tzname() or zone}"
    if there.date() == today.date():
        return time
    year = f" {there.year}" if there.year != today.year else ""
    return f"{there.day} {there:%b}{year} {time}"


def moment(ms: int, zone: str) -> datetime:
    """The moment in that zone; an unknown zone is UTC."""
    return datetime.fromtimestamp(ms / 1000, _zone(zone))


@lru_cache(maxsize=512)
def humanised(name: str) -> str:
    """An identifier as words: "ssl_expiry.critical" -> "SSL expiry critical"."""
    words = [word for word in _JOINTS.split(name) if word]
    spoken = [word.upper() if word.lower() in _SMALL else word for word in words]
    text = " ".join(spoken) or name
    return text[:1].upper() + text[1:]


def bar(percent: int) -> str:
    """▰▰▰▱▱▱▱▱▱▱ 30 %"""
    full = max(0, min(100, percent)) // 10
    return "▰" * full + "▱" * (10 - full) + f" {percent} %"


@lru_cache(maxsize=32)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC") if name == "UTC" else _zone("UTC")
