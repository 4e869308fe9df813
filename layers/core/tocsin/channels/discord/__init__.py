"""Discord, through incoming webhooks or a bot: up to ten notifications in one call.

https://docs.discord.com/developers/resources/webhook#execute-webhook
https://docs.discord.com/developers/resources/message#create-message
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tocsin import __version__, washing
from tocsin.channels import _complaints
from tocsin.channels._answers import fields_of
from tocsin.channels._http import Http, NetworkFault, Response
from tocsin.channels.discord import answers, encoding, limits, settings
from tocsin.message import Message
from tocsin.ports import Channel, Kind, Outcome, Probe, Target

if TYPE_CHECKING:
    from tocsin.attic import Room

HOST = "discord.com"
# Anything less than this form is turned away with a 40333.
USER_AGENT = f"DiscordBot (https://github.com/tocsin-dev/tocsin, {__version__})"
_BROKEN = (
    "what is stored for destination {name} is not valid ({why}); put the destination "
    "again"
)
_NO_APPLICATION = (
    "this webhook belongs to no application, so that its buttons are links: have it"
    " made by the application's bot, or take public_key out"
)
_TOO_MANY = "more messages than one Discord call holds"
# The channel is there for others, or for nobody.
_UNSEEN = (403, 404)
_KINDS = {1: "incoming", 2: "channel follower", 3: "application"}


class Discord:
    """The channel `discord`. It keeps its connections, and which webhooks have turned
    out to belong to no application."""

    def __init__(self, http: Http) -> None:
        self._http = http
        self._ownerless: set[str] = set()

    def split(self, given: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
        """See `Channel.split`; the secret is the webhook's URL, or the bot's token."""
        return settings.split(given)

    def fits(self, messages: Sequence[Message]) -> int:
        """See `Channel.fits`: ten embeds, 6000 code points, one thread."""
        return encoding.room_for(messages)

    def room(self, _target: Target) -> Room:
        """See `Uploader.room`: what a server without boosts takes."""
        from tocsin.attic import Room  # noqa: PLC0415 - few messages have files

        return Room("Discord", limits.FILE, limits.REQUEST, limits.FILES)

    def send(self, messages: Sequence[Message], target: Target) -> Outcome:
        """See `Channel.send`."""
        try:
            hook, own = _own(target)
        except ValueError as error:
            return Outcome(Kind.PERMANENT, _broken(target, error))
        if len(messages) > limits.EMBEDS:
            return Outcome(Kind.PERMANENT, _TOO_MANY)
        bot = isinstance(hook, settings.Bot)

        def encode(own: settings.Settings) -> encoding.Call:
            return encoding.encoded(messages, own, hook.thread_id, bot=bot)

        answer, told = self._taken("POST", hook.posts, hook, own, encode)
        outcome = answers.judge(answer, name=target.name, token=hook.token, bot=bot)
        return _with(outcome, told)

    def threads(self, target: Target) -> bool:
        """See `Threader.threads`: in a forum, where each message opens a post."""
        return bool(target.settings.get("thread_name") or target.settings.get("tags"))

    def edits(self, _target: Target) -> bool:
        """See `Editor.edits`: a webhook changes what it has posted itself."""
        return True

    def edit(
        self, messages: Sequence[Message], target: Target, message_id: str, place: str
    ) -> Outcome:
        """See `Editor.edit`. `place` is the channel, or the thread, that it stands in:
        a thread must be named again. Files stay as they are; should one not be there
        that an embed shows, the edit is made without."""
        try:
            hook, own = _own(target)
        except ValueError as error:
            return Outcome(Kind.PERMANENT, _broken(target, error))
        if len(messages) > limits.EMBEDS:
            return Outcome(Kind.PERMANENT, _TOO_MANY)
        thread = place or None
        if not (own.forum or own.thread_id or hook.thread_id):
            thread = None
        url, bot = hook.message(message_id, place), isinstance(hook, settings.Bot)

        def encode(own: settings.Settings) -> encoding.Call:
            return encoding.edited(messages, own, thread, bot=bot)

        answer, told = self._taken("PATCH", url, hook, own, encode)
        outcome = answers.judge_edit(
            answer, name=target.name, token=hook.token, bot=bot
        )
        if outcome.kind is Kind.PERMANENT and any(one.files for one in messages):
            plain = [replace(message, files=()) for message in messages]
            return self.edit(plain, target, message_id, place)
        here = hook.id if bot else place
        return _with(outcome, told).edited_at(place, here)

    def probe(self, target: Target) -> Probe:
        """See `Channel.probe`: reads the webhook, or the bot's channel, which posts
        nothing. Of a bot that does not see its channel the details tell the
        application, by which it can be let in."""
        try:
            hook, own = _own(target)
        except ValueError as error:
            return Probe(False, _broken(target, error))
        answer = self._asked(hook.endpoint, hook)
        bot = isinstance(hook, settings.Bot)
        outcome = answers.judge(answer, name=target.name, token=hook.token, bot=bot)
        if outcome.kind is not Kind.OK:
            unseen = not isinstance(answer, NetworkFault) and answer.status in _UNSEEN
            known = self._application(hook) if bot and unseen else {}
            return Probe(False, outcome.reason, known)
        details = _details(fields_of(answer))
        if bot:
            return Probe(True, "Discord shows the bot its channel", details)
        if own.public_key and "application_id" not in details:
            return Probe(False, _NO_APPLICATION, details)
        return Probe(True, "Discord knows this webhook", details)

    def _application(self, hook: settings.Hook | settings.Bot) -> dict[str, str]:
        """Whose bot it is. A token says so in no form that Discord promises.

        https://docs.discord.com/developers/resources/application#get-current-application
        """
        answer = self._asked(settings.APPLICATION, hook)
        told = str(fields_of(answer).get("id", ""))
        return {"application_id": told} if settings.is_snowflake(told) else {}

    def _asked(
        self, url: str, hook: settings.Hook | settings.Bot
    ) -> Response | NetworkFault:
        headers = {"User-Agent": USER_AGENT, **hook.headers}
        return self._http.call("GET", url, headers=headers)

    def _taken(
        self,
        method: str,
        url: str,
        hook: settings.Hook | settings.Bot,
        own: settings.Settings,
        encode: Callable[[settings.Settings], encoding.Call],
    ) -> tuple[Response | NetworkFault, str]:
        """(the answer, what was changed to get it). Only an application's webhook may
        have buttons that act: on another Discord refuses the whole message, posts
        nothing, and is given it with links instead, within the time of one call."""
        deadline, call = self._http.deadline(), encode(own)
        if call.media != encoding.JSON:
            deadline += limits.UPLOADING
        spare = call
        if own.public_key:
            spare = encode(own.model_copy(update={"public_key": None}))
        if call == spare:
            return self._told(method, url, hook, call, deadline), ""
        if hook.id not in self._ownerless:
            answer = self._told(method, url, hook, call, deadline)
            if not answers.refuses_buttons(answer):
                return answer, ""
        answer = self._told(method, url, hook, spare, deadline)
        if not isinstance(answer, NetworkFault) and 200 <= answer.status < 300:
            self._ownerless.add(hook.id)
        return answer, _NO_APPLICATION

    def _told(
        self,
        method: str,
        url: str,
        hook: settings.Hook | settings.Bot,
        call: encoding.Call,
        deadline: float,
    ) -> Response | NetworkFault:
        named = {"User-Agent": USER_AGENT, "Content-Type": call.media}
        return self._http.call(
            method,
            f"{url}?{call.query}" if call.query else url,
            body=call.body,
            headers={**named, **hook.headers},
            deadline=deadline,
        )


def open_channel(base: str | None = None) -> Channel:
    """The channel; `base` stands in for https://discord.com on local stacks."""
    return Discord(Http({HOST}, base))


def _own(
    target: Target,
) -> tuple[settings.Hook | settings.Bot, settings.Settings]:
    """Its webhook or its bot, and its settings. Raises ValueError."""
    own = settings.Settings.model_validate(dict(target.settings))
    if own.channel_id is None:
        return settings.hook_of(target.secret), own
    token = settings.bot_token_of(target.secret)
    return settings.Bot(own.thread_id or own.channel_id, token), own


def _with(outcome: Outcome, told: str) -> Outcome:
    """And what operators should know of a message that was posted otherwise."""
    if outcome.kind is not Kind.OK or not told:
        return outcome
    return replace(outcome, reason=told)


def _details(fields: Mapping[str, Any]) -> dict[str, str]:
    """What may be shown of a webhook object. Its token and URL stay out."""
    details = {
        name: washing.shortened(washing.line(str(fields[name])), 100)
        for name in ("name", "channel_id", "guild_id", "application_id")
        if fields.get(name)
    }
    if (kind := fields.get("type")) in _KINDS:
        details["type"] = _KINDS[kind]
    return details


def _broken(target: Target, error: ValueError) -> str:
    why = _complaints.why(error, settings.faults_of)
    return _BROKEN.format(name=target.name, why=why)
