"""Slack: presses, signed with the secret of an app, of what was told in their channel.

Slack waits three seconds for an answer, which cannot hold words for who pressed: those
go to an address that the press names, before we answer.
"""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

from tocsin.channels.slack import interactions as slack
from tocsin.delivery import Delivery
from tocsin.errors import Unauthorized
from tocsin.intake.signatures import verify
from tocsin.interacting.came import Came
from tocsin.pressing import press

CHANNEL = "slack"
_NOBODY = (
    "no Slack destination has a signing secret: PUT /v1/destinations/<name>/signature"
)


@runtime_checkable
class Whisperer(Protocol):
    """A channel that can speak to who pressed, alone."""

    def whisper(self, response_url: str, words: str) -> None:
        """Says nothing of failures: the press is done, or not, all the same."""


def interact(call: Came) -> dict[str, Any] | None:
    """See `interacting.interact`."""
    among = _signed_for(call)
    came = slack.read(call.body)
    if came.challenge:
        return {"challenge": came.challenge}
    if not came.pressed:
        return None

    def here(delivery: Delivery) -> bool:
        """In the channel where it stands, or the one that it is for."""
        own = call.settings.destinations[delivery.destination].settings
        return came.place in (delivery.place, own.get("channel_id"))

    actor, means = came.actor, call.means
    why = press(came.pressed, actor=actor, among=among, means=means, here=here)
    if why and came.respond_to:
        _whisper(call, came.respond_to, why)
    return None


def _whisper(call: Came, response_url: str, words: str) -> None:
    channel = call.channels(CHANNEL)
    if isinstance(channel, Whisperer):
        channel.whisper(response_url, words)


def _signed_for(call: Came) -> frozenset[str]:
    """The destinations with a secret that signed these very bytes, just now."""
    fitting, refusal = set(), Unauthorized(_NOBODY)
    for name, secrets in call.secrets(CHANNEL):
        try:
            verify(CHANNEL, call.headers, call.body, secrets, call.now)
        except Unauthorized as error:
            refusal = error
        else:
            fitting.add(name)
    if not fitting:
        raise refusal
    return frozenset(fitting)
