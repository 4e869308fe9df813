"""WhatsApp, through Meta's Cloud API: a template at any time, a text in an open window.

The window is open for 24 hours after the recipient wrote. A text outside of it is often
accepted at first and refused later, by webhook: so one is sent only while the window is
known to be open (`Target.state`), and the template whenever that is not known.
https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from tocsin.channels._answers import fields_of, whole
from tocsin.channels._http import Http, NetworkFault, Response
from tocsin.channels.whatsapp import answers, encoding, limits, settings
from tocsin.message import Message
from tocsin.ports import Channel, Kind, Outcome, Probe, Target

HOST = "graph.facebook.com"
WINDOW = "window_until"
"""The name in `Target.state` of the window's end, in ms since the epoch."""
MARGIN = 60_000
_BROKEN = (
    "what is stored for destination {name} is not valid ({why}); put the destination "
    "again"
)
_SHOWN = {
    "display_phone_number": "number",
    "verified_name": "name",
    "quality_rating": "quality",
}


def _now() -> int:
    return time.time_ns() // 1_000_000


class WhatsApp:
    """The channel `whatsapp`. It keeps its connections, and nothing else."""

    def __init__(self, http: Http, now: Callable[[], int] = _now) -> None:
        self._http = http
        self._now = now

    def split(self, given: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
        """See `Channel.split`; the secret is the access token."""
        return settings.split(given)

    def fits(self, messages: Sequence[Message]) -> int:
        """See `Channel.fits`: as many as a template can name by their titles."""
        return encoding.room_for(messages)

    def send(self, messages: Sequence[Message], target: Target) -> Outcome:
        """See `Channel.send`. What the window or the picture forbids is said by the
        next best body in the same send; nothing that was accepted is sent twice."""
        try:
            own, token = _own(target)
        except ValueError as error:
            return Outcome(Kind.PERMANENT, _broken(target, error))
        if len(messages) > limits.MESSAGES:
            return Outcome(Kind.PERMANENT, "more messages than one WhatsApp call holds")
        deadline = self._http.deadline()
        outdated: dict[str, int] = {}
        if self._is_open(own, target):
            answer = self._told(messages, own, token, deadline)
            if _code(answer) != answers.WINDOW_CLOSED:
                return answers.judge(answer, name=target.name, token=token)
            outdated = {WINDOW: int(target.state[WINDOW])}
        answer = self._post(encoding.template(messages, own), own, token, deadline)
        outcome = answers.judge(answer, name=target.name, token=token)
        return replace(outcome, outdated=outdated)

    def probe(self, target: Target) -> Probe:
        """See `Channel.probe`: asks for the number that sends."""
        try:
            own, token = _own(target)
        except ValueError as error:
            return Probe(False, _broken(target, error))
        fields = ",".join(_SHOWN)
        url = f"https://{HOST}/{own.api_version}/{own.phone_number_id}?fields={fields}"
        answer = self._http.call("GET", url, headers=_headers(token))
        outcome = answers.judge(answer, name=target.name, token=token)
        if outcome.kind is not Kind.OK:
            return Probe(False, outcome.reason)
        return Probe(True, "WhatsApp knows the number that sends", _known(answer))

    def _told(
        self,
        messages: Sequence[Message],
        own: settings.Settings,
        token: str,
        end: float,
    ) -> Response | NetworkFault:
        """As a session message; without its picture if WhatsApp cannot take that."""
        first, *rest = encoding.session(messages, own)
        answer = self._post(first, own, token, end)
        if rest and _code(answer) in answers.MEDIA:
            answer = self._post(rest[0], own, token, end)
        return answer

    def _post(
        self, body: bytes, own: settings.Settings, token: str, deadline: float
    ) -> Response | NetworkFault:
        url = f"https://{HOST}/{own.api_version}/{own.phone_number_id}/messages"
        headers = {**_headers(token), "Content-Type": "application/json"}
        return self._http.call(
            "POST", url, body=body, headers=headers, deadline=deadline
        )

    def _is_open(self, own: settings.Settings, target: Target) -> bool:
        until = whole(target.state.get(WINDOW)) or 0
        return own.session and self._now() + MARGIN < until


def open_channel(base: str | None = None) -> Channel:
    """The channel; `base` stands in for Meta's Graph API on local stacks."""
    return WhatsApp(Http({HOST}, base))


def _own(target: Target) -> tuple[settings.Settings, str]:
    """(its settings, its token). Raises ValueError."""
    token = settings.token_of(target.secret)
    return settings.Settings.model_validate(dict(target.settings)), token


def _headers(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _code(answer: Response | NetworkFault) -> int | None:
    return answers.code_of(answers.error_of(answer) or {})


def _known(answer: Response | NetworkFault) -> dict[str, str]:
    """What may be shown, under our names."""
    fields = fields_of(answer)
    return {
        ours: str(fields[theirs])[:100]
        for theirs, ours in _SHOWN.items()
        if isinstance(fields.get(theirs), str)
    }


def _broken(target: Target, error: ValueError) -> str:
    return _BROKEN.format(name=target.name, why=settings.why(error))
