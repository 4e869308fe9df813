"""Query parameters as people write them: moments, lists, limits, cursors."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints

from tocsin.delivery import State
from tocsin.errors import Fault
from tocsin.events import Frozen, parse_duration
from tocsin.rules.config import Match
from tocsin.validation import invalid, validated

DAY_MS = 86_400_000
DEFAULT_DAYS = 30
OLDEST_DAYS = 400
STATUSES = frozenset({"acknowledged", *(state.value for state in State)})
STATES = frozenset({"notice", "firing", "resolved"})

Words = Annotated[str, StringConstraints(max_length=400)]
Limit = Annotated[int, Field(ge=1, le=100)]
Moment = Annotated[
    str,
    StringConstraints(max_length=40),
    Field(
        description="A time with its zone (2026-11-21T08:00:00Z), or how long ago "
        "(15m, 24h, 7d)."
    ),
]


def _listed(value: object) -> object:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


Listed = Annotated[tuple[Words, ...], BeforeValidator(_listed), Field(max_length=20)]


class Filter(Frozen):
    """What both notifications and dead letters can be filtered by."""

    type: Annotated[Listed, Field(description="Globs, like `aws.*`")] = ()
    source: Listed = ()
    branch: Listed = ()
    severity: Annotated[
        Listed, Field(description="`high`, `high,critical`, or `>=medium`")
    ] = ()
    destination: Annotated[str, Field(max_length=40)] = ""
    since: Moment = ""
    until: Moment = ""

    def match(self, inside: str) -> Match:
        """The filter on the event, as routes know it. Raises `Invalid`."""
        asked: dict[str, Any] = {
            "type": self.type,
            "source": self.source,
            "branch": self.branch,
        }
        wanted = {name: list(globs) for name, globs in asked.items() if globs}
        bounds: Any = list(self.severity)
        if bounds:
            wanted["severity"] = bounds[0] if len(bounds) == 1 else bounds
        return validated(Match, wanted, inside=inside)

    def period(self, now: int, inside: str) -> tuple[int, int]:
        """(since, until) in ms. Raises `Invalid`."""
        until = moment(self.until, now, f"{inside}.until") if self.until else now + 1
        since = until - DEFAULT_DAYS * DAY_MS
        if self.since:
            since = moment(self.since, now, f"{inside}.since")
        if since > until:
            raise invalid([Fault(f"{inside}.since", "is later than `until`")])
        # Beyond what is kept there are only empty days to be walked through.
        oldest = now - OLDEST_DAYS * DAY_MS
        return max(since, oldest), max(min(until, now + DAY_MS), oldest)


def moment(text: str, now: int, field: str) -> int:
    """A time with its zone, or a duration before `now`, in ms. Raises `Invalid`."""
    try:
        return now - parse_duration(text) * 1000
    except ValueError:
        pass
    try:
        # An unescaped "+" arrives as a space.
        at = datetime.fromisoformat(text.strip().replace(" ", "+"))
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        reason = "write a time with its zone (2026-11-21T08:00:00Z), or 15m, 24h, 7d"
        raise invalid([Fault(field, reason)])
    return round(at.timestamp() * 1000)


def known_words(words: tuple[str, ...], known: frozenset[str], field: str) -> None:
    """Raises `Invalid` for a word that means nothing."""
    for word in words:
        if word not in known:
            choices = ", ".join(sorted(known))
            raise invalid([Fault(field, f"should be one of {choices}")])
