"""Trying: a harmless message through a destination, and why it failed if it did."""

from __future__ import annotations

from datetime import UTC, datetime

from tocsin.destinations import Endpoint
from tocsin.message import Message, Text
from tocsin.ports import Clock, Kind, Outcome
from tocsin.values import dataclass

_BLUE = 0x3B82F6
_ADVICE = {
    Kind.OK: "It should be visible there now.",
    Kind.TRANSIENT: "Nothing to change here: try again in a minute.",
    Kind.LIMITED: "The provider asks us to be slower: try again a little later.",
    Kind.PERMANENT: (
        "The provider refuses it and would again: correct the destination's settings"
        " and put it again."
    ),
    Kind.GONE: (
        "The provider no longer knows this address: make a new one there and put it"
        " with PUT /v1/destinations/{name}."
    ),
    Kind.UNKNOWN: (
        "The request left and no answer came: look there whether it is visible before"
        " trying again."
    ),
    Kind.MISSING: "What was to be changed there is gone: try again.",
}


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of the test message, and what to do."""

    outcome: Outcome
    advice: str

    @property
    def ok(self) -> bool:
        """Whether the provider took it."""
        return self.outcome.kind is Kind.OK


def try_out(endpoint: Endpoint, *, actor: str, clock: Clock) -> Trial:
    """Send one message that pings nobody. Writes nothing."""
    at = datetime.fromtimestamp(clock.now() / 1000, UTC)
    body = f"Sent by {actor} to see whether this destination works. Nothing happened."
    message = Message(
        icon="🔔",
        title="Tocsin: a test",
        colour=_BLUE,
        at=at,
        body=Text(body),
        footer=f"destination {endpoint.target.name}",
    )
    outcome = endpoint.channel.send([message], endpoint.target)
    return Trial(outcome, _ADVICE[outcome.kind].format(name=endpoint.target.name))
