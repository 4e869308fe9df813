"""Attaching: which files go along with a call, and what is said of those that do not.

Nothing here can fail a delivery: a file that is too large, gone, or not to be had is a
link, or a fact beside the message that says so.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from threading import BoundedSemaphore

from tocsin import washing
from tocsin.attachments import DEFAULT_NAME, MEDIA, size_in_words
from tocsin.attic import Attic, Room, Uploader
from tocsin.errors import NotFound, TooLarge, Unavailable
from tocsin.message import Fact, File, Link, Message, Text
from tocsin.ports import Target
from tocsin.values import dataclass

# Of one call, whatever its provider takes: a sender has 256 MB, and a file is in it up
# to four times over.
WHOLE = 8_000_000
FETCHING = 3.0  # seconds for all files of one call
WAITING = 2.0  # seconds for another lane to be done with its files
AT_ONCE = 2
BYTES = "application/octet-stream"
GONE = "not kept any more"
LATE = "could not be fetched in time"
FAILED = "could not be fetched"
_TURNS = BoundedSemaphore(AT_ONCE)

Leads = Callable[[File], str]
"""A link to the file for whoever has it, "" when there is none."""


@dataclass(frozen=True, slots=True)
class Baggage:
    """The files of one destination's messages; `room` None = it takes links only."""

    room: Room | None
    attic: Callable[[], Attic]
    leads: Leads

    @contextmanager
    def turn(self) -> Iterator[bool]:
        """Few calls hold files at a time; whether this one may now."""
        mine = _TURNS.acquire(timeout=WAITING)
        try:
            yield mine
        finally:
            if mine:
                _TURNS.release()

    def planned(self, message: Message, *, last: bool = False) -> Message:
        """The message with those files only that one call can carry; no call is made.
        The others are links, with the reason where the channel carries files at all.
        `last`: there is no attempt after this one, so it carries none."""
        room = self.room
        message = replace(message, files=tuple(map(_clean, message.files)))
        if room is None:
            return self._shown(message)
        if last:
            return self.bare(message, "left out of the last attempt")
        kept: list[File] = []
        left = message
        for file in message.files:
            why = _excess(file, kept, room)
            if not why:
                kept.append(file)
            else:
                left = self._told(left, file, why)
        return replace(left, files=tuple(kept))

    def fitting(self, messages: Sequence[Message]) -> int:
        """How many of the leading messages one call can carry with their files; at
        least one, since each has been planned to fit alone."""
        whole = count = 0
        for position, message in enumerate(messages):
            whole += sum(file.size for file in message.files)
            count += len(message.files)
            room = self.room
            over = room and (whole > _whole(room) or count > room.count)
            if position and over:
                return position
        return len(messages)

    def fetched(self, messages: Sequence[Message]) -> list[Message]:
        """The messages, their files with content; of those that cannot be had it is
        said why."""
        if self.room is None:
            return list(messages)
        with suppress(Exception):  # Told of each file that it is asked for.
            self.attic()  # Made first: on a new process that takes longer than a file.
        deadline, left = time.monotonic() + FETCHING, _whole(self.room)
        made = []
        for message in messages:
            told, files = message, list[File]()
            for file in message.files:
                most = min(file.size or self.room.each, left)
                found = self._fetched(file, most, deadline)
                if isinstance(found, File):
                    left -= len(found.content)
                    files.append(found)
                else:
                    told = self._told(told, file, found)
            made.append(replace(told, files=tuple(files)))
        return made

    def bare(self, message: Message, why: str = "") -> Message:
        """The message without its files, which are links; `why` is said of each."""
        left = message
        for file in message.files:
            provider = self.room.provider if self.room else "its channel"
            left = self._told(left, file, why or f"not taken by {provider}")
        return replace(left, files=())

    def _fetched(self, file: File, most: int, deadline: float) -> File | str:
        """The file with its content, or why it cannot be had."""
        if file.content:
            return file
        seconds = deadline - time.monotonic()
        if seconds <= 0:
            return LATE
        try:
            content = self.attic().fetch(file.source, file.id, most, seconds)
        except NotFound:
            return GONE
        except TooLarge:
            return _too_large(file, self.room)
        except Exception:  # noqa: BLE001 - whatever it is, people are told without
            return LATE if time.monotonic() > deadline else FAILED
        return replace(file, content=content)

    def _shown(self, message: Message) -> Message:
        """Files as links, the first picture as one where it can be shown."""
        left = message
        for file in message.files:
            url = self._url(file)
            left = _linked(left, file, url)
            if file.is_picture and url and left.picture is None:
                left = replace(left, picture=url)
        return replace(left, files=())

    def _told(self, message: Message, file: File, why: str) -> Message:
        """With a link to the file, if there is one to be had, and a fact."""
        fact = Fact(f"📎 {_name(file)}", Text(why), inline=False)
        left = replace(message, facts=(*message.facts, fact))
        return left if why == GONE else _linked(left, file, self._url(file))

    def _url(self, file: File) -> str:
        # Without its key a message goes out without the link: the lesser evil.
        with suppress(Unavailable):
            return self.leads(file)
        return ""


def room_of(channel: object, target: Target) -> Room | None:
    """What a call of this channel can carry to this destination."""
    return channel.room(target) if isinstance(channel, Uploader) else None


def _clean(file: File) -> File:
    """Of an event that came by a topic nobody has looked its files up."""
    name = washing.shortened(washing.line(file.name), 200) or DEFAULT_NAME
    return replace(file, name=name, media=file.media if file.media in MEDIA else BYTES)


def _whole(room: Room) -> int:
    return min(room.whole, WHOLE)


def _excess(file: File, kept: Sequence[File], room: Room) -> str:
    """Why it does not go along, "" if it does."""
    if file.size > min(room.each, _whole(room)):
        return _too_large(file, room)
    if len(kept) >= room.count:
        return f"one too many for a message: at most {room.count}"
    if file.size + sum(each.size for each in kept) > _whole(room):
        size = size_in_words(_whole(room))
        return f"{size_in_words(file.size)}: more than {size} with the others"
    return ""


def _too_large(file: File, room: Room | None) -> str:
    size = f": {size_in_words(file.size)}" if file.size else ""
    return f"too large for {room.provider if room else 'its channel'}{size}"


def _linked(message: Message, file: File, url: str) -> Message:
    if not url:
        return message
    link = Link(f"📎 {_name(file)}", url)
    return replace(message, links=(*message.links, link))


def _name(file: File) -> str:
    return washing.shortened(file.name, 60)
