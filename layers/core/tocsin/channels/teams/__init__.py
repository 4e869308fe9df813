"""Microsoft Teams, through the address of a workflow that posts adaptive cards.

https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tocsin.channels._http import NetworkFault
from tocsin.channels._public import PublicHttp
from tocsin.channels.teams import answers, cards, settings
from tocsin.message import Message
from tocsin.ports import Channel, Kind, Outcome, Probe, Target

_BROKEN = (
    "what is stored for destination {name} is not valid ({why}); put the destination "
    "again"
)


class Teams:
    """The channel `teams`. It keeps its connections, and nothing else."""

    def __init__(self, http: PublicHttp) -> None:
        self._http = http

    def split(self, given: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
        """See `Channel.split`; the secret is the workflow's whole address."""
        return settings.split(given)

    def fits(self, _messages: Sequence[Message]) -> int:
        """See `Channel.fits`: one card in a call."""
        return 1

    def send(self, messages: Sequence[Message], target: Target) -> Outcome:
        """See `Channel.send`. Teams says nothing of a card that its workflow cannot
        post, so that all that can be checked is checked here."""
        if len(messages) != 1:
            return Outcome(Kind.PERMANENT, "a Teams call holds one notification")
        try:
            url = settings.workflow(target.secret)
        except ValueError as error:
            why = _BROKEN.format(name=target.name, why=error)
            return Outcome(Kind.PERMANENT, why)
        body = cards.encoded(messages[0])
        if len(body) > cards.LIMIT:
            return Outcome(Kind.PERMANENT, "the card is larger than Teams takes")
        answer = self._http.call(
            "POST", url, body=body, headers={"Content-Type": "application/json"}
        )
        return answers.judge(answer, name=target.name, url=url)

    def probe(self, target: Target) -> Probe:
        """See `Channel.probe`: asks for methods (OPTIONS), which starts no workflow."""
        try:
            url = settings.workflow(target.secret)
        except ValueError as error:
            return Probe(False, _BROKEN.format(name=target.name, why=error))
        answer = self._http.call("OPTIONS", url)
        if not isinstance(answer, NetworkFault) and answer.status in (405, 501):
            return Probe(True, "the workflow's host answers")
        outcome = answers.judge(answer, name=target.name, url=url)
        if outcome.kind is Kind.OK:
            return Probe(True, "the workflow's host answers")
        return Probe(False, outcome.reason)


def open_channel(base: str | None = None) -> Channel:
    """The channel; `base` stands in for every host of workflows on local stacks."""
    return Teams(PublicHttp(base))
