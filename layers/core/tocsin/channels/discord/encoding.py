"""Messages as the body of one webhook call."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from hashlib import sha256
from itertools import chain
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from pydantic_core import PydanticSerializationError, to_json

from tocsin.channels._hushing import hushed
from tocsin.channels.discord import limits, markdown
from tocsin.channels.discord.embeds import Draft, drafts, weight
from tocsin.channels.discord.settings import Settings
from tocsin.message import File, Link, Message, Press
from tocsin.rendering import preview_of
from tocsin.values import dataclass

if TYPE_CHECKING:
    from tocsin.channels._multipart import Form

JSON = "application/json"
PINGS_ROOM = 1500
_PING = re.compile(r"(?P<wide>@everyone|@here)|(?P<kind>user|role):(?P<id>\d{1,20})")


@dataclass(frozen=True, slots=True)
class Call:
    """One call: the query, and the body, which is JSON in UTF-8 unless there are files
    with it."""

    query: str
    body: bytes
    media: str = JSON


def room_for(messages: Sequence[Message]) -> int:
    """How many of the leading messages one call can hold, at least 1: facts and code
    shortened, nothing else left out, all for one thread."""
    room, count = limits.EMBED_SUM, 0
    for message in messages[: limits.EMBEDS]:
        if message.thread != messages[0].thread:
            break
        room -= weight(message)
        if room < 0:
            break
        count += 1
    return max(1, count)


def encoded(
    messages: Sequence[Message],
    settings: Settings,
    thread_id: str | None,
    *,
    bot: bool = False,
) -> Call:
    """All of them (at most ten) in one call, the most severe first. A `bot` says which
    message it is, so that Discord posts it once, should it come again."""
    ordered = _ordered(messages)
    shown = _shown(ordered, settings)
    payload = {name: part for name, part in shown.items() if part}
    if settings.username:
        payload["username"] = settings.username
    if settings.avatar_url:
        payload["avatar_url"] = settings.avatar_url
    buttons = bool(shown["components"])
    thread_id = settings.thread_id or (None if settings.forum else thread_id)
    answers = ordered[0].answers
    if settings.forum and answers:
        thread_id = answers.place
    elif settings.forum:
        payload |= _post(ordered[0], settings)
    query = _query(thread_id, components=buttons, wait=True)
    if bot:
        query = ""
        payload |= {"nonce": nonce_of(messages), "enforce_nonce": True}
    files = [file for message in ordered for file in message.files if file.content]
    if not files:
        return Call(query, _json(payload))
    form = _with_files(payload, files, _names(ordered))
    return Call(query, form.body, form.media)


def edited(
    messages: Sequence[Message],
    settings: Settings,
    thread_id: str | None,
    *,
    bot: bool = False,
) -> Call:
    """The edit that makes a message show all of these. What is empty is given too,
    since whatever an edit leaves out stays, and mentions are parsed anew."""
    payload = _shown(_ordered(hushed(messages)), settings)
    query = "" if bot else _query(thread_id, components=True)
    return Call(query, _json(payload))


def nonce_of(messages: Sequence[Message]) -> str:
    """The same for the same words to the same people, whenever they are tried again;
    another once they are to be said once more, or because what stood there is gone:
    for that one Discord would answer with the message that was deleted.

    https://docs.discord.com/developers/resources/message#create-message
    """
    said = sorted(
        f"{one.id} {one.generation} {one.anew} {one.state}" for one in messages
    )
    return sha256("\n".join(said).encode()).hexdigest()[: limits.NONCE]


def _with_files(
    payload: Mapping[str, Any], files: Sequence[File], names: Mapping[File, str]
) -> Form:
    """https://docs.discord.com/developers/reference#uploading-files"""
    from tocsin.channels._multipart import Part, form  # noqa: PLC0415 - as below

    told = [
        {"id": place, "filename": names[file], "description": file.name}
        for place, file in enumerate(files)
    ]
    parts = [
        Part(f"files[{place}]", names[file], file.media, file.content)
        for place, file in enumerate(files)
    ]
    whole = _json({**payload, "attachments": told})
    return form({"payload_json": (JSON, whole)}, parts)


def _names(messages: Sequence[Message]) -> dict[File, str]:
    """What the files of these are called, all different."""
    files = [file for message in messages for file in message.files]
    if not files:
        return {}
    from tocsin.channels._multipart import names_of  # noqa: PLC0415 - few messages have files

    return names_of(files)


def _ordered(messages: Sequence[Message]) -> list[Message]:
    return sorted(messages, key=lambda message: -message.rank)


def _shown(messages: Sequence[Message], settings: Settings) -> dict[str, Any]:
    """What people see of a message, empty parts and all."""
    presses: list[dict[str, Any]] = []
    if settings.public_key and len(messages) == 1:
        presses = [_press(press) for press in messages[0].presses]
        messages = [_without_acting_links(messages[0])]
    room = limits.ROWS * limits.BUTTONS_PER_ROW - len(presses)
    links = _links(messages[0], room) if settings.buttons and len(messages) == 1 else []
    embeds = drafts(messages, linked=not links)
    pings, allowed = _pings(messages)
    return {
        "content": _content(messages, pings),
        "embeds": _embeds(embeds, _names(messages)),
        "components": _rows([*presses, *links]),
        "allowed_mentions": allowed,
    }


def _embeds(embeds: Sequence[Draft], names: Mapping[File, str]) -> list[dict[str, Any]]:
    """Of embeds with the same address Discord shows only the first: a fragment, which
    leads to the same page, tells them apart."""
    seen: set[str] = set()
    made = []
    for position, one in enumerate(embeds, 1):
        url = markdown.linkable(one.message.url, limits.URL - 4)
        if url in seen:
            url = None if "#" in url else f"{url}#{position}"
        if url:
            seen.add(url)
        embed = one.embed(url)
        pictures = [file for file in one.message.files if file.is_picture]
        if pictures and "image" not in embed:
            embed["image"] = {"url": f"attachment://{names[pictures[0]]}"}
        made.append(embed)
    return made


def _content(messages: Sequence[Message], pings: Sequence[str]) -> str:
    tail = " ".join(pings)
    preview = preview_of(messages) or ""
    room = limits.CONTENT - len(tail) - 1
    return " ".join(filter(None, (markdown.fitted(_flat(preview), room), tail)))


def _pings(messages: Sequence[Message]) -> tuple[list[str], dict[str, Any]]:
    """(the words that ping, the permission that goes with exactly these)."""
    words: list[str] = []
    wide = False
    named: dict[str, list[str]] = {"user": [], "role": []}
    room = PINGS_ROOM
    for match in _granted(messages):
        kind = match["kind"]
        sign = "&" if kind == "role" else ""
        word = match["wide"] or f"<@{sign}{match['id']}>"
        room -= len(word) + 1
        if room < 0 or (kind and len(named[kind]) == limits.MENTIONED):
            continue
        words.append(word)
        if kind:
            named[kind].append(match["id"])
        else:
            wide = True
    allowed: dict[str, Any] = {"parse": ["everyone"] if wide else []}
    allowed |= {f"{kind}s": ids for kind, ids in named.items() if ids}
    return words, allowed


def _granted(messages: Sequence[Message]) -> Iterator[re.Match[str]]:
    given = chain.from_iterable([one.pings for one in messages])
    for ping in dict.fromkeys(given):
        if match := _PING.fullmatch(ping):
            yield match


def _rows(buttons: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    width = limits.BUTTONS_PER_ROW
    return [
        {"type": 1, "components": list(buttons[start : start + width])}
        for start in range(0, len(buttons), width)
    ]


def _press(press: Press) -> dict[str, Any]:
    return {"type": 2, "style": 2, "label": press.label, "custom_id": press.name}


def _without_acting_links(message: Message) -> Message:
    """A button that acts stands for them."""
    kept = tuple(link for link in message.links if not link.acts)
    return message if kept == message.links else replace(message, links=kept)


def _links(message: Message, room: int) -> list[Mapping[str, Any]]:
    """Link buttons; none unless every link can be one. Several messages have none,
    since a button does not say which of them it belongs to."""
    made = [_button(link) for link in message.links[:room]]
    buttons = [button for button in made if button is not None]
    return buttons if len(buttons) == len(made) else []


def _button(link: Link) -> Mapping[str, Any] | None:
    url = markdown.linkable(link.url, limits.BUTTON_URL)
    label = _flat(link.label)[: limits.BUTTON_LABEL].strip()
    if url is None or not label:
        return None
    return {"type": 2, "style": 5, "label": label, "url": url}


def _post(message: Message, settings: Settings) -> dict[str, Any]:
    name = _flat(message.thread or settings.thread_name or message.title)
    post: dict[str, Any] = {
        "thread_name": name[: limits.THREAD_NAME].strip() or "Notifications"
    }
    if settings.tags:
        post["applied_tags"] = list(settings.tags)
    return post


@lru_cache(maxsize=64)
def _query(thread_id: str | None, *, components: bool, wait: bool = False) -> str:
    said = {
        "wait": "true" if wait else None,
        "thread_id": thread_id,
        "with_components": "true" if components else None,
    }
    return urlencode({name: value for name, value in said.items() if value})


def _json(payload: Mapping[str, Any]) -> bytes:
    """As UTF-8; pydantic's writer takes a fifth of the time, but no lone surrogates."""
    try:
        return to_json(payload)
    except PydanticSerializationError:
        text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
        return text.encode("utf-8", "replace")


def _flat(text: str) -> str:
    text = text.strip()[: limits.DESCRIPTION]
    return text if text.isprintable() else " ".join(text.split())
