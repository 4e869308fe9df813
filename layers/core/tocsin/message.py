"""Messages: the neutral, channel-free text of a notification, ready to be encoded."""

from __future__ import annotations

from dataclasses import field
from datetime import datetime

from tocsin.values import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """Words from outside. Data (`markup=False`) is shown, never obeyed; the sender's
    own Markdown (`markup=True`) passes, but cannot mention anyone."""

    text: str
    markup: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """A short named value; empty ones never get here."""

    name: str
    value: Text
    inline: bool = True


@dataclass(frozen=True, slots=True)
class Link:
    """A labelled web address. `acts`: it leads to doing what a `Press` also does."""

    label: str
    url: str
    acts: bool = False


@dataclass(frozen=True, slots=True)
class Press:
    """A button for channels that tell us when somebody presses it: what it says, and
    the name by which we know it again."""

    label: str
    name: str


PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")


@dataclass(frozen=True, slots=True)
class File:
    """A file that belongs to a message: what is known of it, under which source and id
    it is kept, the notification (`owner`) whose how-manieth attachment it is and, on
    its way to a provider that takes it, its `content`."""

    name: str
    media: str
    size: int
    source: str = ""
    id: str = ""
    owner: str = ""
    place: int = 0
    content: bytes = field(default=b"", repr=False)

    @property
    def is_picture(self) -> bool:
        """Whether it can be shown in a message."""
        return self.media in PICTURES


@dataclass(frozen=True, slots=True)
class Posted:
    """What stands already: its id and its place, as its provider named them."""

    id: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """What a reader must know in two seconds, in the order of `LOOK`: least important
    parts are dropped first when a channel runs out of room (picture, footer, body,
    facts from the end); preview, title and state line never.

    `files` are sent along, where they have content; whatever cannot be is a link or a
    fact by then. The eight before them are for programs: `id` names this message for
    ever, at every attempt; `key` names its problem, or is "" where there is none;
    `state` is "notice", "firing", "acknowledged" or "resolved"; `generation` is raised
    when it is to be said once more, `anew` when what stood there is gone; `type` and
    `severity` are the event's; `presses` are shown where a channel has buttons that
    act. `answers` is the first message of its incident, where it is to be put under
    that.
    """

    icon: str
    title: str
    colour: int
    at: datetime
    zone: str = "UTC"
    url: str | None = None
    preview: str | None = None
    body: Text | None = None
    code: str | None = None
    facts: tuple[Fact, ...] = ()
    state_line: str | None = None
    links: tuple[Link, ...] = ()
    footer: str = ""
    picture: str | None = None
    pings: tuple[str, ...] = ()
    thread: str = ""
    rank: int = 1
    id: str = ""
    key: str = ""
    state: str = "notice"
    generation: int = 0
    anew: int = 0
    type: str = ""
    severity: str = "info"
    presses: tuple[Press, ...] = ()
    files: tuple[File, ...] = ()
    answers: Posted | None = None
