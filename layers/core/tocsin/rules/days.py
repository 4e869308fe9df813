"""Days and hours as people write them in the routing file."""

from __future__ import annotations

import re
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FULL = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SEVERAL = {
    "day": DAYS,
    "weekday": DAYS[:5],
    "weekend": DAYS[5:],
    "week": DAYS[:1],
}
_NAMES = {
    **{day: (day,) for day in DAYS},
    **dict(zip(_FULL, ((day,) for day in DAYS), strict=True)),
    **_SEVERAL,
}
_TIME = re.compile(r"(?:([01][0-9]|2[0-3]):([0-5][0-9]))|24:00", re.ASCII)


def _days(value: object) -> object:
    """Names of days as their first three letters, in the order of the week."""
    words = value if isinstance(value, list | tuple) else [value]
    found: set[str] = set()
    for word in words:
        named = _NAMES.get(word.strip().lower()) if isinstance(word, str) else None
        if named is None:
            raise ValueError(
                "not a day; write mon, tue, wed, thu, fri, sat, sun, day, weekday,"
                " weekend, week (its Monday), or a list of these"
            )
        found.update(named)
    return tuple(day for day in DAYS if day in found)


def _time(value: object) -> str:
    if not isinstance(value, str) or _TIME.fullmatch(value) is None:
        raise ValueError('not a time of day; write it as text, like "07:00" or "22:30"')
    return value


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise ValueError(
            'not a time zone; write its IANA name, like "Europe/Zurich"'
        ) from None
    return value


def minutes_of(time: str) -> int:
    """Minutes since midnight: "07:30" -> 450, "24:00" -> 1440."""
    hours, minutes = time.split(":")
    return int(hours) * 60 + int(minutes)


Days = Annotated[tuple[str, ...], BeforeValidator(_days), Field(min_length=1)]
ZoneName = Annotated[str, Field(max_length=60), AfterValidator(_zone)]
TimeOfDay = Annotated[str, BeforeValidator(_time)]
