"""Wording: times, durations, counts and ids, as people say them."""

from __future__ import annotations

from datetime import datetime

SHORT_ID = 8
_STEPS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def moment(text: str) -> datetime:
    """An RFC 3339 time of the API, in the reader's own zone."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone()


def clock(text: str, now: float, *, seconds: bool = False) -> str:
    """A time, as "14:05"; with the day when it is not today's: "3 Nov 14:05"."""
    at = moment(text)
    today = datetime.fromtimestamp(now).astimezone()
    time = f"{at:%H:%M:%S}" if seconds else f"{at:%H:%M}"
    if at.date() == today.date():
        return time
    year = f" {at.year}" if at.year != today.year else ""
    return f"{at.day} {at:%b}{year} {time}"


def ago(text: str, now: float) -> str:
    """How far away: "just now", "4 min ago", "in 12 min"."""
    passed = now - moment(text).timestamp()
    if abs(passed) < 5:
        return "just now"
    told = duration(abs(passed))
    return f"{told} ago" if passed > 0 else f"in {told}"


def duration(seconds: float) -> str:
    """The largest unit, and the next for hours and days: "45 s", "3 h 20 min"."""
    left = int(seconds)
    for position, (size, unit) in enumerate(_STEPS):
        if left < size and size > 1:
            continue
        words = f"{left // size:,} {unit}"
        if unit in ("d", "h"):
            smaller, name = _STEPS[position + 1]
            rest = left % size // smaller
            return f"{words} {rest} {name}" if rest else words
        return words
    raise AssertionError("the last step takes everything")


def counted(number: int, one: str, many: str = "") -> str:
    """A number of things: "1 dead letter", "1,204 dead letters"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def short(notification_id: str) -> str:
    """The end of an id, which messages show in their footer."""
    return notification_id[-SHORT_ID:]


def spoken(status: str) -> str:
    """A name as words: "dead_letter" -> "dead letter"."""
    return status.replace("_", " ")
