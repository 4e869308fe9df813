"""Telegram, through a bot: as many notifications in one message as it holds whole.

https://core.telegram.org/bots/api#sendmessage
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tocsin import __version__, washing
from tocsin.channels import _complaints
from tocsin.channels._answers import fields_of
from tocsin.channels._http import Http, NetworkFault, Response
from tocsin.channels.telegram import (
    adapting,
    answers,
    encoding,
    limits,
    settings,
)
from tocsin.channels.telegram.encoding import Letter
from tocsin.channels.telegram.settings import Settings
from tocsin.message import File, Message
from tocsin.ports import Channel, Kind, Outcome, Probe, Target

if TYPE_CHECKING:
    from tocsin.attic import Room

_Form = tuple[str, bytes]
HOST = "api.telegram.org"
USER_AGENT = f"Tocsin/{__version__}"
_BROKEN = (
    "what is stored for destination {name} is not valid ({why}); put the destination "
    "again"
)
_TOO_MANY = "more messages than one call holds"


class Telegram:
    """The channel `telegram`. It keeps its connections, and which groups have moved."""

    def __init__(
        self, http: Http, sleep: Callable[[float], object] = time.sleep
    ) -> None:
        self._http = http
        self._sleep = sleep
        self._moved: dict[str, str] = {}

    def split(self, given: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
        """See `Channel.split`; the secret is the bot token."""
        return settings.split(given)

    def check_signing(self, _settings: Mapping[str, Any], secret: str) -> None:
        """See `Presser.check_signing`: the secret token of the bot's webhook."""
        settings.check_secret_token(secret)

    def fits(self, messages: Sequence[Message]) -> int:
        """See `Channel.fits`: ten at most, none of them shortened."""
        return encoding.room_for(messages)

    def room(self, _target: Target) -> Room:
        """See `Uploader.room`: by the Bot API's own server."""
        from tocsin.attic import Room  # noqa: PLC0415 - few messages have files

        return Room("Telegram", limits.FILE, limits.FILE)

    def send(self, messages: Sequence[Message], target: Target) -> Outcome:
        """See `Channel.send`. A form that Telegram refuses is changed and sent again,
        all within the time of one call."""
        try:
            token, own = _own(target)
        except ValueError as error:
            return Outcome(Kind.PERMANENT, _broken(target, error))
        if len(messages) > limits.MESSAGES:
            return Outcome(Kind.PERMANENT, _TOO_MANY)
        letter = encoding.encoded(messages, own, hears=target.hears)
        carried = encoding.carried(messages)
        deadline = self._http.deadline() + (limits.UPLOADING if carried else 0.0)
        outcome, letter = self._concluded(letter, target.name, token, deadline)
        if not carried or letter.file or outcome.kind is not Kind.OK:
            return outcome
        return self._followed(carried, letter, outcome, target.name, token, deadline)

    def threads(self, _target: Target) -> bool:
        """See `Threader.threads`: as replies."""
        return True

    def edits(self, _target: Target) -> bool:
        """See `Editor.edits`: a bot changes what it has said itself."""
        return True

    def edit(
        self, messages: Sequence[Message], target: Target, message_id: str, place: str
    ) -> Outcome:
        """See `Editor.edit`; `place` is the id of the chat."""
        try:
            token, own = _own(target)
            number = int(message_id)
        except ValueError as error:
            return Outcome(Kind.PERMANENT, _broken(target, error))
        if len(messages) > limits.MESSAGES:
            return Outcome(Kind.PERMANENT, _TOO_MANY)
        chat = place or own.chat
        letter = encoding.edited(
            messages, own, chat=chat, message_id=number, hears=target.hears
        )
        deadline = self._http.deadline()
        outcome, _ = self._concluded(letter, target.name, token, deadline)
        # Of a chat that is known by its name we do not know whether it is that one.
        return outcome.edited_at(place, place if own.chat[0] == "@" else own.chat)

    def probe(self, target: Target) -> Probe:
        """See `Channel.probe`: asks who the bot is, and whether it sees the chat."""
        try:
            token, own = _own(target)
        except ValueError as error:
            return Probe(False, _broken(target, error))
        chat = self._moved.get(own.chat, own.chat)
        deadline = self._http.deadline()
        details: dict[str, str] = {}
        for method in ("getMe", f"getChat?chat_id={quote(chat)}"):
            answer = self._call("GET", token, method, None, deadline)
            outcome = answers.judge(answer, name=target.name, chat=chat, token=token)
            if outcome.kind is not Kind.OK:
                return Probe(False, outcome.reason)
            details |= _details(fields_of(answer).get("result"))
        return Probe(True, "Telegram knows this bot, and the bot its chat", details)

    def _followed(
        self,
        carried: Sequence[File],
        letter: Letter,
        outcome: Outcome,
        name: str,
        token: str,
        deadline: float,
    ) -> Outcome:
        """The message stands, whatever becomes of the files that answer it, one call a
        second as the chat allows."""
        from tocsin.channels.telegram import files  # noqa: PLC0415 - few messages have files

        told, pause = [outcome.reason], outcome.pause_ms
        aside = letter.aside(outcome.message_id or "0")
        for call in files.following(carried, aside):
            self._sleep(answers.PACE / 1000)
            answer = self._call("POST", token, call.method, call.form, deadline)
            judged = answers.judge(answer, name=name, chat=letter.chat, token=token)
            pause = max(pause + outcome.pause_ms, judged.wait_ms)
            if judged.kind is not Kind.OK:
                told.append(f"posted without {call.names}: {judged.reason}")
        reason = washing.shortened("; ".join(filter(None, told)), answers.REASON)
        return replace(outcome, reason=reason, pause_ms=pause)

    def _concluded(
        self, letter: Letter, name: str, token: str, deadline: float
    ) -> tuple[Outcome, Letter]:
        """(what came of it, the letter that it came of)."""
        judge = answers.judge if letter.edits is None else answers.judge_edit
        answer, letter, told = self._delivered(letter, token, deadline)
        outcome = judge(answer, name=name, chat=letter.chat, token=token)
        if any(told):
            reason = "; ".join(filter(None, (outcome.reason, *told)))
            short = washing.shortened(reason, answers.REASON)
            outcome = replace(outcome, reason=short)
        return outcome, letter

    def _delivered(
        self, letter: Letter, token: str, deadline: float
    ) -> tuple[Response | NetworkFault, Letter, list[str]]:
        """(the last answer, the letter it is about, what was changed on the way)."""
        told = list[str]()
        given = letter.chat
        if given in self._moved:
            letter = letter.moved(self._moved[given])
            told.append(adapting.moved(letter.chat))
        while True:
            answer = self._call("POST", token, letter.method, letter.form(), deadline)
            change = adapting.adapted(letter, answer)
            if change is None or len(told) == adapting.MOST:
                return answer, letter, told
            letter = change.letter
            told.append(change.told)
            if letter.chat != given:
                self._moved[given] = letter.chat

    def _call(
        self, verb: str, token: str, method: str, form: _Form | None, deadline: float
    ) -> Response | NetworkFault:
        headers, body = {"User-Agent": USER_AGENT}, None
        if form is not None:
            headers["Content-Type"], body = form
        url = f"https://{HOST}/bot{token}/{method}"
        return self._http.call(verb, url, body=body, headers=headers, deadline=deadline)


def open_channel(base: str | None = None) -> Channel:
    """The channel; `base` stands in for https://api.telegram.org on local stacks."""
    return Telegram(Http({HOST}, base))


def _own(target: Target) -> tuple[str, Settings]:
    """Its token and its settings. Raises ValueError."""
    token = settings.token_of(target.secret)
    return token, Settings.model_validate(dict(target.settings))


def _details(result: object) -> dict[str, str]:
    """What may be shown of a bot or of a chat."""
    fields = result if isinstance(result, dict) else {}
    named = {
        "bot": fields.get("username") if fields.get("is_bot") else None,
        "chat": fields.get("title"),
        "type": fields.get("type"),
        "topics": "yes" if fields.get("is_forum") else None,
    }
    return {
        name: washing.shortened(washing.line(str(value)), 100)
        for name, value in named.items()
        if value
    }


def _broken(target: Target, error: ValueError) -> str:
    why = _complaints.why(error, settings.faults_of)
    return _BROKEN.format(name=target.name, why=why)
