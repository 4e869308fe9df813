"""Verdicts: what an answer means for the events that were sent. Pure."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from tocsin_client import lifetime
from tocsin_client.answers import Answer, Fault
from tocsin_client.results import faults_in

LONGEST_WAIT = 600.0
_BUSY = frozenset({408, 425, 429, 502, 503, 504})
_PARTLY = frozenset({400, 413, 422})


class Kind(Enum):
    """What to do with the events."""

    ACCEPTED = "accepted"
    AGAIN = "again"  # The other side is away or busy: it will be back.
    DOUBTFUL = "doubtful"  # It may be these events that it cannot stand.
    PART = "part"  # One of them is bad, and the others should not suffer.
    REFUSED = "refused"


@dataclass(frozen=True)
class Verdict:
    """`after` is the server's own wish in seconds; `rejected` of a list were refused
    while the others were accepted."""

    kind: Kind
    words: str = ""
    after: float | None = None
    told: Any = None
    faults: tuple[Fault, ...] = ()
    rejected: int = 0


def judge(answer: Answer, *, many: bool, now: float | None = None) -> Verdict:
    """Read an answer to `POST /v1/events`; `many`: a list was sent."""
    if answer.ok:
        return _success(answer, many=many)
    problem = answer.problem
    words = str(problem) if problem else ""
    told = f"HTTP {answer.status}: {words}"
    if answer.status in _BUSY:
        wish = _retry_after(answer.headers.get("retry-after", ""), now)
        return Verdict(Kind.AGAIN, told, wish)
    if answer.status >= 500 or answer.status == 409:
        return Verdict(Kind.DOUBTFUL, told)
    if 300 <= answer.status < 400:
        place = answer.headers.get("location", "elsewhere")
        return Verdict(Kind.REFUSED, f"redirected to {place}; is the URL the API's?")
    faults = problem.errors if problem else ()
    # A 403 that names a field is about an event's type, not about the key.
    if many and (answer.status in _PARTLY or (answer.status == 403 and faults)):
        return Verdict(Kind.PART, told)
    return Verdict(Kind.REFUSED, told, faults=faults)


def unreachable(reason: str) -> Verdict:
    """No answer came: accepted or not, the key makes a second try harmless."""
    return Verdict(Kind.AGAIN, f"not reachable: {reason}")


def _success(answer: Answer, *, many: bool) -> Verdict:
    try:
        told = answer.json
    except ValueError:
        told = None
    if isinstance(told, dict) and isinstance(told.get("status"), str) and not many:
        return Verdict(Kind.ACCEPTED, told=told)
    if isinstance(told, dict) and isinstance(told.get("results"), list) and many:
        faults = faults_in(told["results"])
        rejected = _whole(told.get("rejected"))
        words = "; ".join(f"{each.field}: {each.reason}" for each in faults[:3])
        return Verdict(
            Kind.ACCEPTED, words, told=told, faults=faults, rejected=rejected
        )
    return Verdict(Kind.DOUBTFUL, "answered by something that is not Tocsin's API")


def _whole(told: object) -> int:
    return told if isinstance(told, int) else 0


def _retry_after(text: str, now: float | None) -> float | None:
    """Seconds, out of a number or a date."""
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        with lifetime.importing():  # slow to import, and rarely needed
            from email.utils import parsedate_to_datetime  # noqa: PLC0415
        try:
            then = parsedate_to_datetime(text).timestamp()
        except (TypeError, ValueError, IndexError, OverflowError):
            return None
        seconds = then - (time.time() if now is None else now)
    return min(max(seconds, 0.0), LONGEST_WAIT) if seconds == seconds else None  # noqa: PLR0124 - NaN


@dataclass(frozen=True)
class Pacing:
    """How long to wait before trying again: full jitter below a bound that doubles.

    What the server asks for is never undercut; a second at most is added to it, so that
    many clients do not come back as one.
    """

    first: float = 0.5
    most: float = 30.0
    doubt: float = 600.0  # s until events that only meet errors are taken for the cause

    def wait(
        self, tries: int, after: float | None, chance: Callable[[], float]
    ) -> float:
        """Seconds; `tries` have failed so far, `chance()` is in 0..1."""
        bound = min(self.most, self.first * 2.0 ** min(tries - 1, 30))
        if after is not None:
            return after + min(1.0, self.first) * chance()
        return bound * chance()
