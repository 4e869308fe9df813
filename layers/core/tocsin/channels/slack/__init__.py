"""Slack, through an incoming webhook or a bot: up to ten notifications in one call.

https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
https://docs.slack.dev/reference/methods/chat.postMessage
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from tocsin import __version__
from tocsin.channels import _complaints
from tocsin.channels._http import Http, NetworkFault, Response
from tocsin.channels.slack import (
    answers,
    encoding,
    interactions,
    limits,
    settings,
    signing,
    uploads,
)
from tocsin.message import File, Message
from tocsin.ports import Channel, Kind, Outcome, Probe, Target

if TYPE_CHECKING:
    from tocsin.attic import Room

HOSTS = frozenset({settings.HOOK_HOST, settings.API_HOST, uploads.HOST})
API = f"https://{settings.API_HOST}/api"
USER_AGENT = f"Tocsin/{__version__} (+https://github.com/tocsin-dev/tocsin)"
SHOWN = 100
WHISPER = 1.5  # s
_BROKEN = (
    "what is stored for destination {name} is not valid ({why}); put the destination "
    "again"
)
_TOO_MANY = "more messages than one Slack call holds"
_UNASKED = (
    "Slack cannot be asked about an incoming webhook without posting; its address is"
    " well formed, send a test to be sure"
)
_UNSEEN = "Slack knows the bot; to be told of the channel it lacks a scope"


class Slack:
    """The channel `slack`. It keeps its connections, and nothing else."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def split(self, given: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
        """See `Channel.split`; the secret is the webhook's URL or the bot's token."""
        return settings.split(given)

    def check_signing(self, settings: Mapping[str, Any], secret: str) -> None:
        """See `Presser.check_signing`: the app's Signing Secret, for bots only."""
        signing.check(settings, secret)

    def whisper(self, response_url: str, words: str) -> None:
        """Tell who pressed, and nobody else. Slack waits for our answer to the press
        meanwhile, three seconds at most: so this must not take long."""
        self._http.call(
            "POST",
            response_url,
            body=interactions.whispered(words),
            headers=_plain_headers(),
            deadline=time.monotonic() + WHISPER,
        )

    def fits(self, messages: Sequence[Message]) -> int:
        """See `Channel.fits`: ten, 12,000 code points over all blocks, one thread."""
        return encoding.room_for(messages)

    def send(self, messages: Sequence[Message], target: Target) -> Outcome:
        """See `Channel.send`."""
        try:
            own, bot = _own(target)
        except ValueError as error:
            return Outcome(Kind.PERMANENT, _broken(target, error))
        if len(messages) > limits.MESSAGES:
            return Outcome(Kind.PERMANENT, _TOO_MANY)
        body = encoding.encoded(messages, own, bot=bot, hears=target.hears)
        files = uploads.carried(messages)
        if bot and files:
            return self._sent_with(files, body, own, target)
        url = f"{API}/chat.postMessage" if bot else target.secret
        answer = self._http.call(
            "POST", url, body=body, headers=_headers(target, bot=bot)
        )
        return _judged(answer, target, bot=bot)

    def threads(self, target: Target) -> bool:
        """See `Threader.threads`: a bot's that is not in a thread anyway."""
        return _is_bot(target) and "thread_ts" not in target.settings

    def room(self, target: Target) -> Room | None:
        """See `Uploader.room`: a bot's; a webhook takes none."""
        from tocsin.attic import Room  # noqa: PLC0415 - few messages have files

        whole = limits.FILES
        return Room("Slack", whole, whole) if _is_bot(target) else None

    def _sent_with(
        self,
        files: Sequence[File],
        body: bytes,
        own: settings.Settings,
        target: Target,
    ) -> Outcome:
        """Files first, which nobody sees until the message stands and they are shown
        under it: one that is not taken has shown nothing yet."""
        deadline = self._http.deadline() + limits.UPLOADING
        ask = partial(self._ask, target, deadline)
        try:
            handed = uploads.handed_in(files, ask)
        except uploads.NotTaken as error:
            why = answers.told(str(error), target.secret, answers.REASON)
            return Outcome(Kind.PERMANENT, f"Slack does not take its files: {why}")
        answer = ask("chat.postMessage", body, _plain_headers()["Content-Type"])
        outcome = _judged(answer, target, bot=True)
        if outcome.kind is not Kind.OK:
            return outcome
        channel = outcome.place or own.channel_id or ""
        thread = encoding.thread_in(body) or outcome.message_id or ""
        if fault := uploads.shown(handed, channel, thread, ask):
            why = answers.told(fault, target.secret, answers.REASON)
            return replace(outcome, reason=f"posted without its files: {why}")
        return outcome

    def _ask(
        self, target: Target, deadline: float, where: str, body: bytes, kind: str
    ) -> Response | NetworkFault:
        """A method of the API, or an address that it has named for a file."""
        away = where.startswith("https://")
        headers = {"User-Agent": USER_AGENT, "Content-Type": kind}
        if not away:
            headers["Authorization"] = f"Bearer {target.secret}"
        url = where if away else f"{API}/{where}"
        return self._http.call(
            "POST", url, body=body, headers=headers, deadline=deadline
        )

    def edits(self, target: Target) -> bool:
        """See `Editor.edits`: a bot's messages; a webhook's have no id to name."""
        return _is_bot(target)

    def edit(
        self, messages: Sequence[Message], target: Target, message_id: str, place: str
    ) -> Outcome:
        """See `Editor.edit`; `place` is the channel's id and `message_id` the ts."""
        try:
            own, bot = _own(target)
        except ValueError as error:
            return Outcome(Kind.PERMANENT, _broken(target, error))
        if not bot:
            return Outcome(Kind.PERMANENT, "an incoming webhook of Slack edits nothing")
        if len(messages) > limits.MESSAGES:
            return Outcome(Kind.PERMANENT, _TOO_MANY)
        channel = place or own.channel_id or ""
        body = encoding.edited(
            messages, own, channel=channel, ts=message_id, hears=target.hears
        )
        answer = self._http.call(
            "POST",
            f"{API}/chat.update",
            body=body,
            headers=_headers(target, bot=True),
        )
        outcome = answers.judge_edit(answer, name=target.name, secret=target.secret)
        return outcome.edited_at(place, own.channel_id or "")

    def probe(self, target: Target) -> Probe:
        """See `Channel.probe`: a bot is asked who it is and what its channel is."""
        try:
            own, bot = _own(target)
        except ValueError as error:
            return Probe(False, _broken(target, error))
        if not bot:
            return Probe(True, _UNASKED)
        deadline = self._http.deadline()
        who = self._http.call(
            "POST",
            f"{API}/auth.test",
            body=b"{}",
            headers=_headers(target, bot=True),
            deadline=deadline,
        )
        outcome = _judged(who, target, bot=True)
        if outcome.kind is not Kind.OK:
            return Probe(False, outcome.reason)
        known = _picked(
            _fields_of(who), {"team": "workspace", "user": "bot"}, target.secret
        )
        return self._probe_channel(own.channel_id or "", target, known, deadline)

    def _probe_channel(
        self, channel_id: str, target: Target, known: dict[str, str], deadline: float
    ) -> Probe:
        answer = self._http.call(
            "GET",
            f"{API}/conversations.info?channel={channel_id}",
            headers=_headers(target, bot=True),
            deadline=deadline,
        )
        known["channel_id"] = channel_id
        error = "" if isinstance(answer, NetworkFault) else answers.error_of(answer)
        if error == "missing_scope":
            return Probe(True, f"{_UNSEEN} (channels:read, groups:read)", known)
        outcome = _judged(answer, target, bot=True)
        if outcome.kind is not Kind.OK:
            return Probe(False, outcome.reason, known)
        told = _fields_of(answer).get("channel")
        channel = told if isinstance(told, dict) else {}
        known |= _picked(channel, {"name": "channel"}, target.secret)
        if channel.get("is_archived"):
            return Probe(False, "the channel is archived: unarchive it", known)
        if channel.get("is_member") is False:
            reason = "the bot is not in the channel: type /invite @bot there"
            return Probe(False, reason, known)
        return Probe(True, "Slack knows the bot and its channel", known)


def open_channel(base: str | None = None) -> Channel:
    """The channel; `base` stands in for both of Slack's hosts on local stacks."""
    return Slack(Http(HOSTS, base))


def _own(target: Target) -> tuple[settings.Settings, bool]:
    """(its settings, whether it is a bot). Raises ValueError."""
    own = settings.Settings.model_validate(dict(target.settings))
    if not _is_bot(target):
        settings.hook_of(target.secret)
        return own, False
    settings.token_of(target.secret)
    if own.channel_id is None:
        raise ValueError("channel_id: a bot must be told its channel")
    return own, True


def _is_bot(target: Target) -> bool:
    return target.secret.startswith("xox")


def _plain_headers() -> dict[str, str]:
    return {
        "User-Agent": USER_AGENT,
        "Content-Type": "application/json; charset=utf-8",
    }


def _headers(target: Target, *, bot: bool) -> dict[str, str]:
    headers = _plain_headers()
    if bot:
        headers["Authorization"] = f"Bearer {target.secret}"
    return headers


def _judged(answer: Response | NetworkFault, target: Target, *, bot: bool) -> Outcome:
    return answers.judge(answer, name=target.name, secret=target.secret, bot=bot)


def _fields_of(answer: Response | NetworkFault) -> dict[str, Any]:
    return {} if isinstance(answer, NetworkFault) else answers.fields_of(answer)


def _picked(
    fields: Mapping[str, Any], names: Mapping[str, str], secret: str
) -> dict[str, str]:
    """What may be shown, under our names; nothing else of an answer is."""
    return {
        ours: answers.told(str(fields[theirs]), secret, SHOWN)
        for theirs, ours in names.items()
        if fields.get(theirs)
    }


def _broken(target: Target, error: ValueError) -> str:
    why = _complaints.why(error, settings.faults_of)
    return _BROKEN.format(name=target.name, why=why)
