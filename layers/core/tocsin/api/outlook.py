"""The outlook: silences, quiet hours and digests of the days to come."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from pydantic import Field

from tocsin import presenting, shapes
from tocsin.api.operation import Answer, Call, Nothing, Operation
from tocsin.api.queries import DAY_MS, OLDEST_DAYS, Moment, moment
from tocsin.api.reach import Reach
from tocsin.errors import Fault
from tocsin.events import Frozen
from tocsin.outlook import outlook
from tocsin.settings import Scope
from tocsin.validation import invalid

MOST = 1_000


class Days(Frozen):
    """From when on (now, unless said), and how far."""

    days: Annotated[int, Field(ge=1, le=31)] = 7
    since: Moment = ""

    def begin(self, now: int) -> int:
        """In ms. Raises `Invalid`."""
        if not self.since:
            return now
        since = moment(self.since, now, "query.since")
        if abs(since - now) > OLDEST_DAYS * DAY_MS:
            reason = f"is more than {OLDEST_DAYS} days from now"
            raise invalid([Fault("query.since", reason)])
        return since


def operations(reach: Reach) -> list[Operation[Any, Any]]:
    """The operation on the days to come."""
    return [
        Operation(
            "GET",
            "/v1/outlook",
            "When is somebody not told at once? Silences, quiet hours and digests of"
            " the days to come, recurring ones written out.",
            partial(_read, reach),
            Scope.OPERATE,
            Days,
            Nothing,
            shapes.Outlook,
        )
    ]


def _read(reach: Reach, call: Call[Days, Nothing]) -> Answer:
    live = reach.settings.fresh()
    since = call.query.begin(reach.clock.now())
    until = since + call.query.days * DAY_MS
    zone = live.config.timezone
    found = outlook(live, since, until)
    return Answer(presenting.outlook(found, since, until, zone, MOST))
