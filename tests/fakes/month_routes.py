"""The routes of the month, with limits that differ, and events for each of them."""

from __future__ import annotations

from typing import Any

from tests.fakes.world import event
from tocsin.events import Event
from tocsin.rules.config import Config

ZONE = "Europe/Zurich"
NIGHT = "02:30"  # an hour that is skipped in March, and shown twice in October
NAMES = ("ops", "team", "oncall", "mail")
ROUTES: list[dict[str, Any]] = [
    {
        "name": "pager",
        "match": {"type": "pager.*"},
        "to": ["ops"],
        "escalate": [{"after": "15m", "to": ["oncall"], "repeat": 1}],
        "ack": {"expires": "2h", "remind": "1h"},
        "auto_close": "1d",
    },
    {
        "name": "news",
        "match": {"type": "news.*"},
        "to": ["team"],
        "digest": {"at": ["09:00", NIGHT]},
        "throttle": "off",
    },
    {
        "name": "day",
        "match": {"type": "day.*"},
        "to": ["team"],
        "quiet": {"from": "22:00", "to": "07:00"},
        "flap": {"changes": 3, "within": "10m", "stable": "10m"},
    },
    {
        "name": "must",
        "match": {"type": "must.*"},
        "to": ["mail"],
        "fallback": [{"after": "5m", "to": ["oncall"]}],
    },
    {
        "name": "dup",
        "match": {"type": "dup.*"},
        "to": ["ops"],
        "dedup": {"window": "1h"},
    },
    {"name": "rest", "to": ["ops", "team"]},
]
Policy = dict[str, Any]
LIMITS: list[Policy] = [
    {"throttle": {"limit": 2, "per": "10m"}},
    {"dedup": {"window": "1h"}},
    {"throttle": {"limit": 1, "per": "30s"}},
    {"throttle": {"limit": 4, "per": "5m"}},
    {"throttle": "off"},
]


def config_of(first: Policy, second: Policy) -> Config:
    """The file, in which three routes take all of one kind, each with its own limit."""
    many = {"match": {"type": "many.*"}, "continue": True}
    routes = [
        *ROUTES[:-1],
        {"name": "many-mail", "to": ["mail"], **many, **first},
        {"name": "many-oncall", "to": ["oncall"], **many, **second},
        ROUTES[-1],
    ]
    return Config.model_validate(
        {"timezone": ZONE, "defaults": {"auto_close": "2d"}, "routes": routes}
    )


def some_event(kind: str, number: int, how: str) -> Event:
    """`how`: a severity of a notice, "firing", "fatal", "resolved" or a percentage."""
    said: dict[str, Any] = {"type": f"{kind}.{number % 3}"}
    if how.isdigit():
        said |= {"progress": int(how)}
    elif how in ("firing", "fatal"):
        severity = "critical" if how == "fatal" else "medium"
        said |= {"state": "firing", "severity": severity}
    elif how == "resolved":
        said |= {"state": "resolved"}
    else:
        said |= {"severity": how}
    return event(f"{kind} {number}", **said)
