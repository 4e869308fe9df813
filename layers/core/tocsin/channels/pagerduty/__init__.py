"""PagerDuty, through Events API v2: a problem opens an alert, and its end resolves it.

https://developer.pagerduty.com/docs/events-api-v2-overview
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from tocsin.channels._http import Http
from tocsin.channels.pagerduty import answers, encoding, settings
from tocsin.message import Message
from tocsin.ports import Channel, Kind, Outcome, Probe, Target

HOSTS = {"us": "events.pagerduty.com", "eu": "events.eu.pagerduty.com"}
_BROKEN = (
    "what is stored for destination {name} is not valid ({why}); put the destination "
    "again"
)
_ONE = "a PagerDuty call holds one notification"


class PagerDuty:
    """The channel `pagerduty`. It keeps its connections, and nothing else."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def split(self, given: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
        """See `Channel.split`; the secret is the routing key."""
        return settings.split(given)

    def fits(self, _messages: Sequence[Message]) -> int:
        """See `Channel.fits`: one event in a call."""
        return 1

    def send(self, messages: Sequence[Message], target: Target) -> Outcome:
        """See `Channel.send`."""
        if len(messages) != 1:
            return Outcome(Kind.PERMANENT, _ONE)
        event = encoding.event_of(messages[0])
        return self._told(event, target, event.dedup_key or None)

    def edits(self, _target: Target) -> bool:
        """See `Editor.edits`: an alert is changed by what is said under its name."""
        return True

    def edit(
        self, messages: Sequence[Message], target: Target, message_id: str, _place: str
    ) -> Outcome:
        """See `Editor.edit`. PagerDuty hears that somebody is on it, or that it is
        over; whatever else has changed would wake people."""
        if len(messages) != 1:
            return Outcome(Kind.PERMANENT, _ONE)
        if messages[0].state not in encoding.CHANGES_OF_STATE:
            return Outcome(Kind.OK, "nothing that PagerDuty must know")
        event = replace(encoding.event_of(messages[0]), dedup_key=message_id)
        return self._told(event, target, message_id)

    def probe(self, target: Target) -> Probe:
        """See `Channel.probe`: resolves what was never opened, which changes nothing
        and is refused where the key is."""
        outcome = self._told(encoding.PROBE, target, None)
        if outcome.kind is not Kind.OK:
            return Probe(False, outcome.reason)
        return Probe(True, "PagerDuty takes events for this routing key")

    def _told(
        self, event: encoding.Event, target: Target, message_id: str | None
    ) -> Outcome:
        try:
            key = settings.routing_key(target.secret)
            own = settings.Settings.model_validate(dict(target.settings))
        except ValueError as error:
            why = settings.why(error)
            return Outcome(Kind.PERMANENT, _BROKEN.format(name=target.name, why=why))
        answer = self._http.call(
            "POST",
            f"https://{HOSTS[own.region]}{event.path}",
            body=event.encoded(key),
            headers={"Content-Type": "application/json"},
        )
        return answers.judge(answer, name=target.name, key=key, message_id=message_id)


def open_channel(base: str | None = None) -> Channel:
    """The channel; `base` stands in for both regions on local stacks."""
    return PagerDuty(Http(HOSTS.values(), base))
