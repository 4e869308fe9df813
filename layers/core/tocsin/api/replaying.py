"""How dead letters are to be sent again, as it is asked for over HTTP."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from tocsin.api.reach import Reach
from tocsin.errors import Conflict, Fault
from tocsin.events import Frozen
from tocsin.replay import How
from tocsin.rules.config import DestinationName
from tocsin.validation import invalid


class Again(Frozen):
    """Without both, as it was."""

    only: Annotated[
        Literal["open"] | None,
        Field(
            description="`open`: only where the problem is still open, so neither "
            "notices nor what is over"
        ),
    ] = None
    to: Annotated[
        DestinationName | None,
        Field(
            description="To this destination in the place of their own. The dead "
            "delivery is then closed; whoever was told there already is not told twice"
        ),
    ] = None


def how(asked: Again, reach: Reach) -> How:
    """Raises `Invalid` where there is no such destination, or `Conflict` where it is
    disabled: there letters would only die again."""
    if asked.to is not None:
        if asked.to not in reach.settings.fresh().destinations:
            raise invalid([Fault("to", f"there is no destination {asked.to!r}")])
        known = reach.health.health([asked.to]).get(asked.to)
        if known is not None and known.disabled_at:
            raise Conflict(
                f"{asked.to!r} is disabled ({known.disabled_reason}): put its address "
                "again, or choose another destination"
            )
    return How(open_only=asked.only == "open", to=asked.to or "")
