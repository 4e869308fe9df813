"""Messages as the parameters of one sendMessage call."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import field, replace
from typing import Any

from tocsin import washing
from tocsin.channels._hushing import hushed
from tocsin.channels.telegram import limits, links, runs
from tocsin.channels.telegram.drafts import draft, drafts, weight
from tocsin.channels.telegram.runs import Run, Runs
from tocsin.channels.telegram.settings import GENERAL, Settings
from tocsin.message import File, Message
from tocsin.rendering import preview_of
from tocsin.values import dataclass

JSON = "application/json"
SEPARATOR = "\n\n"
PREVIEW = 200
_LIGHT = 40  # with five looks per message and ten mentions: a hundred
_PING = re.compile(r"user:(\d{1,16})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Letter:
    """What one call says and to whom, before it is JSON: a refusal of its address, its
    topic or its looks leads to another letter with the same words. `edits` is the id of
    the message that shall say so, None = a new one; `spare` are the buttons that it has
    where none may act. The words are the caption of its `file`, or of the one that it
    was posted with (`captioned`); it replies to the message `answers`."""

    chat: str
    topic: int | None
    words: Runs
    keyboard: links.Keyboard
    silent: bool
    plain: bool = False
    edits: int | None = None
    spare: links.Keyboard = field(default_factory=list)
    file: File | None = None
    captioned: bool = False
    as_document: bool = False
    answers: int | None = None

    @property
    def method(self) -> str:
        """The method of the Bot API that takes it."""
        if self.edits is not None:
            return "editMessageCaption" if self.captioned else "editMessageText"
        if self.file is None:
            return "sendMessage"
        return f"send{self._field.capitalize()}"

    @property
    def room(self) -> int:
        """How long its words may be."""
        return limits.CAPTION if self.file or self.captioned else limits.TEXT

    def under_its_file(self) -> Letter:
        """The edit of a caption, where no text stands."""
        return replace(self, captioned=True)

    def with_document(self) -> Letter:
        """With its file as it is, since it is no photo to Telegram."""
        return replace(self, as_document=True)

    def moved(self, chat: str) -> Letter:
        """To the supergroup that the group has become; its topics are not the old
        one's."""
        return replace(self, chat=chat)

    def unthreaded(self) -> Letter:
        """To the chat itself."""
        return replace(self, topic=None)

    def plainly(self) -> Letter:
        """Without any markup, its addresses in words."""
        return replace(self, plain=True)

    def unbuttoned(self) -> Letter:
        """With links in the text, as far as they fit, instead of buttons."""
        words = [*self.words]
        for button in (one for row in self.spare for one in row):
            label = runs.inert(f"\n↗ {button['text']}")
            words.append(Run(label, url=button["url"], light=True))
        return replace(self, keyboard=[], words=runs.cut(words, self.room))

    def form(self) -> tuple[str, bytes]:
        """(content type, body) of the call: JSON in UTF-8, or a form with its file."""
        parameters = self._parameters()
        if self.file is None:
            return JSON, _json(parameters)
        from tocsin.channels.telegram import files  # noqa: PLC0415 - few messages have files

        return files.form_of(parameters, [files.part_of(self.file, self._field)])

    @property
    def _field(self) -> str:
        photo = self.file is not None and self.file.media in limits.PHOTOS
        return "photo" if photo and not self.as_document else "document"

    def body(self) -> bytes:
        """What goes over the wire."""
        return self.form()[1]

    def aside(self, message_id: str) -> dict[str, Any]:
        """Parameters of what follows it: an answer to it, which makes no sound."""
        told: dict[str, Any] = {"chat_id": _chat_id(self.chat)}
        if self.topic is not None:
            told["message_thread_id"] = self.topic
        answered = {"message_id": int(message_id), "allow_sending_without_reply": True}
        return {**told, "disable_notification": True, "reply_parameters": answered}

    def _parameters(self) -> dict[str, Any]:
        payload: dict[str, Any] = {"chat_id": _chat_id(self.chat)}
        if self.edits is not None:
            payload["message_id"] = self.edits
        if self.topic is not None:
            payload["message_thread_id"] = self.topic
        words = "caption" if self.room == limits.CAPTION else "text"
        if self.plain:
            payload[words] = runs.shortened(self._plain(), self.room)
        else:
            shown = runs.cut(self.words, self.room) if self.captioned else self.words
            payload[words] = runs.html(shown, _LIGHT)
            payload["parse_mode"] = "HTML"
        if words == "text":
            payload["link_preview_options"] = {"is_disabled": True}
        if self.silent:
            payload["disable_notification"] = True
        if self.answers is not None:
            payload["reply_parameters"] = {"message_id": self.answers}
        if self.keyboard:
            payload["reply_markup"] = links.markup(self.keyboard)
        return payload

    def _plain(self) -> str:
        named = [run.url for run in self.words if run.url.startswith("http")]
        return "\n".join([runs.plain(self.words), *dict.fromkeys(named)])


def carried(messages: Sequence[Message]) -> list[File]:
    """The files that have content, in order."""
    return [file for one in messages for file in one.files if file.content]


def room_for(messages: Sequence[Message]) -> int:
    """How many of the leading messages one call can hold whole, at least 1."""
    room, count = limits.TEXT - PREVIEW - limits.MENTIONED * 24, 0
    for message in messages[: limits.MESSAGES]:
        room -= weight(message) + len(SEPARATOR)
        if room < 0:
            break
        count += 1
    return max(1, count)


def encoded(
    messages: Sequence[Message], settings: Settings, *, hears: bool = False
) -> Letter:
    """All of them (at most ten) in one call, the most severe first. `hears`: presses
    of buttons reach us."""
    ordered = sorted(messages, key=lambda message: -message.rank)
    single = len(ordered) == 1
    keyboard = spare = links.keyboard(ordered[0].links) if single else []
    if hears and single and ordered[0].presses:
        ordered = [_without_acting_links(ordered[0])]
        keyboard = links.keyboard(ordered[0].links, ordered[0].presses)
    head = [*_preview(ordered), *_mentions(ordered)]
    room = limits.TEXT - sum([runs.size(row) + 1 for row in head])
    room -= len(SEPARATOR) * len(ordered)
    made = (
        [draft(ordered[0], alone=True).squeezed(room)]
        if single
        else drafts(ordered, room)
    )
    parts = [one.rows() for one in made]
    if single:
        parts[0][1:1] = head
    elif head:
        parts.insert(0, head)
    letter = Letter(
        chat=settings.chat,
        topic=None if settings.topic == GENERAL else settings.topic,
        words=runs.joined([runs.joined(part, "\n") for part in parts], SEPARATOR),
        keyboard=keyboard,
        silent=_silent(ordered, settings),
        spare=spare,
        answers=_answered(ordered[0]),
    )
    found = carried(ordered)
    fits = len(found) == 1 and single and runs.size(letter.words) <= limits.CAPTION
    return replace(letter, file=found[0]) if fits else letter


def edited(
    messages: Sequence[Message],
    settings: Settings,
    *,
    chat: str,
    message_id: int,
    hears: bool = False,
) -> Letter:
    """The edit that makes a message show all of these; it makes no sound anyway."""
    letter = encoded(hushed(messages), settings, hears=hears)
    return replace(letter, chat=chat, topic=None, silent=False, edits=message_id)


def _without_acting_links(message: Message) -> Message:
    """A button that acts stands for them."""
    kept = tuple(link for link in message.links if not link.acts)
    return replace(message, links=kept)


def _preview(messages: Sequence[Message]) -> list[Runs]:
    """One line that counts them; a single message is its own, beginning as it does
    with icon and title."""
    preview = preview_of(messages) if len(messages) > 1 else None
    words = washing.line((preview or "")[: limits.TEXT])
    return [(Run(runs.shortened(words, PREVIEW, runs.inert), "b"),)] if words else []


def _mentions(messages: Sequence[Message]) -> list[Runs]:
    """One line of those who are named; Telegram knows no `everyone` and no roles."""
    row: list[Run] = []
    for user in _granted(messages):
        row += [Run(" " if row else "🔔 "), Run(f"user {user}", url=_user(user))]
    return [tuple(row)] if row else []


def _granted(messages: Sequence[Message]) -> Iterator[str]:
    pings = dict.fromkeys(ping for one in messages for ping in one.pings)
    found = [match[1] for ping in pings if (match := _PING.fullmatch(ping))]
    yield from found[: limits.MENTIONED]


def _user(user: str) -> str:
    return f"tg://user?id={user}"


def _silent(messages: Sequence[Message], settings: Settings) -> bool:
    """Whether it comes without a sound: nothing in it is bad enough for one."""
    if any(_granted(messages)):
        return False
    return all(message.rank < settings.loud_from for message in messages)


def _answered(message: Message) -> int | None:
    answers = message.answers
    return int(answers.id) if answers and answers.id.isdecimal() else None


def _chat_id(chat: str) -> int | str:
    return chat if chat.startswith("@") else int(chat)


def _json(payload: dict[str, Any]) -> bytes:
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")
