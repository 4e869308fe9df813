"""Previews: what is asked for one, and what is answered, as types."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, JsonValue
from typing_extensions import TypedDict

from tocsin.api.queries import Listed
from tocsin.catalog.declared import Glob
from tocsin.events import Event, Frozen
from tocsin.rules.config import DestinationName

MOST = 12
Named = Annotated[str, Field(max_length=40)]


class WordsShape(TypedDict):
    """`markdown`: its author's own Markdown, kept within bounds; else plain words."""

    text: str
    markdown: bool


class ShownFact(WordsShape):
    """A short named value; `inline` ones stand side by side."""

    name: str
    inline: bool


class ShownLink(TypedDict):
    """`acts`: the link does something. In a preview it is a stand-in."""

    label: str
    url: str
    acts: bool


class Shown(TypedDict):
    """A message before it is a channel's; a channel leaves out what it cannot show."""

    icon: str
    title: str
    url: str | None
    colour: str
    preview: str | None
    state_line: str | None
    body: WordsShape | None
    code: str | None
    facts: list[ShownFact]
    links: list[ShownLink]
    footer: str
    picture: str | None
    pings: list[str]
    at: str


class PreviewShape(TypedDict):
    """`payload` is what the provider would be handed, without secrets, and without
    where it goes (`to`, `chat_id`, `channel`) unless the key has the scope admin; where
    it is null `reason` says why. `method` and `headers` are told of a webhook, whose
    receiver reads them; its signature is not a real one. `fallback`: why it is in the
    built-in look although there is a template."""

    channel: str
    destination: str
    fallback: str
    shown: Shown
    payload: Any
    method: str
    headers: dict[str, str]
    reason: str


class PreviewList(TypedDict):
    """In the order asked for."""

    previews: list[PreviewShape]


class WaitShape(TypedDict):
    """`count` that wait for the same moment, told in one message."""

    waits_for: str
    at: str
    count: int
    preview: PreviewShape


class WaitList(TypedDict):
    """The next first. `more`: others may wait beyond those that were read."""

    destination: str
    waiting: list[WaitShape]
    more: bool


class WaitLists(TypedDict):
    """Of each destination for which anything waits."""

    digests: list[WaitList]
    more: bool


class Imagined(Frozen):
    """An event; and where it is to be seen: on channels, or at destinations with their
    settings. `templates` are tried in the place of those of the routing file."""

    event: Event
    channels: Annotated[tuple[Named, ...], Field(max_length=MOST)] = ()
    destinations: Annotated[tuple[DestinationName, ...], Field(max_length=MOST)] = ()
    templates: (
        Annotated[dict[Glob, dict[str, JsonValue]], Field(max_length=50)] | None
    ) = None


class Where(Frozen):
    """On which channels, or at which destinations; without either where it was sent."""

    channel: Listed = ()
    destination: Listed = ()


class Whose(Frozen):
    """The destination."""

    destination: DestinationName
