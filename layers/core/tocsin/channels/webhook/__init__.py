"""Webhook: signed calls to an address of the operator's, one notification in each.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tocsin import __version__
from tocsin.channels._http import NetworkFault
from tocsin.channels._public import PublicHttp
from tocsin.channels.webhook import answers, body, settings, signing
from tocsin.message import Message
from tocsin.ports import Channel, Kind, Outcome, Probe, Target

USER_AGENT = f"Tocsin/{__version__} (+https://github.com/tocsin-dev/tocsin)"
_BROKEN = (
    "what is stored for destination {name} is not valid ({why}); put the destination "
    "again"
)


class Webhook:
    """The channel `webhook`. `clock` gives seconds since the epoch: the time of the
    attempt is part of what is signed."""

    def __init__(
        self, http: PublicHttp, clock: Callable[[], float] = time.time
    ) -> None:
        self._http = http
        self._clock = clock

    def split(self, given: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
        """See `Channel.split`; the secret packs address, keys and headers."""
        return settings.split(given)

    def fits(self, _messages: Sequence[Message]) -> int:
        """See `Channel.fits`: one, since each has an id of its own."""
        return 1

    def send(self, messages: Sequence[Message], target: Target) -> Outcome:
        """See `Channel.send`."""
        try:
            receiver = settings.receiver_of(target.secret)
            own = settings.Settings.model_validate(dict(target.settings))
        except ValueError as error:
            return Outcome(Kind.PERMANENT, _broken(target, error))
        if len(messages) != 1:
            return Outcome(Kind.PERMANENT, "a webhook call holds one notification")
        content = body.encoded(messages[0])
        signed = signing.headers(
            body.id_of(messages[0], content),
            int(self._clock()),
            content,
            map(signing.key_of, receiver.secrets),
        )
        answer = self._http.call(
            own.method,
            receiver.url,
            body=content,
            headers={
                **receiver.headers,
                **signed,
                "User-Agent": USER_AGENT,
                "Content-Type": "application/json",
            },
        )
        return answers.judge(answer, receiver)

    def probe(self, target: Target) -> Probe:
        """See `Channel.probe`: asks which methods the address takes (OPTIONS)."""
        try:
            receiver = settings.receiver_of(target.secret)
            own = settings.Settings.model_validate(dict(target.settings))
        except ValueError as error:
            return Probe(False, _broken(target, error))
        answer = self._http.call(
            "OPTIONS",
            receiver.url,
            headers={**receiver.headers, "User-Agent": USER_AGENT},
        )
        if isinstance(answer, NetworkFault):
            return Probe(False, f"the receiver: {answer.reason}")
        ok, reason = answers.there(answer, own.method)
        return Probe(ok, reason, {"host": receiver.host, "method": own.method})


def open_channel(base: str | None = None) -> Channel:
    """The channel; `base` stands in for every receiver on local stacks."""
    return Webhook(PublicHttp(base))


def _broken(target: Target, error: ValueError) -> str:
    return _BROKEN.format(name=target.name, why=settings.why(error))
