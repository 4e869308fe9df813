"""Messages as the body of one call."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from tocsin.channels._hushing import hushed
from tocsin.channels.slack import limits, mrkdwn
from tocsin.channels.slack.drafts import Draft, drafts, flat, section, weight
from tocsin.channels.slack.settings import Settings, thread_of
from tocsin.message import Message
from tocsin.rendering import preview_of

PREVIEW = 600
PINGS_ROOM = 800
ABOVE = PREVIEW + PINGS_ROOM + 100
_WIDE = {"@everyone": "<!channel>", "@here": "<!here>"}
_PING = re.compile(r"user:([UW][A-Z0-9]{4,20})|role:(S[A-Z0-9]{4,20})", re.ASCII)


def room_for(messages: Sequence[Message]) -> int:
    """How many of the leading messages one call can hold, at least 1: facts and code
    shortened, nothing else left out, all for one thread."""
    room, count = limits.BLOCK_SUM - ABOVE, 0
    thread = thread_of(messages[0].thread) if messages else None
    for message in messages[: limits.MESSAGES]:
        room -= weight(message)
        if room < 0 or thread_of(message.thread) != thread:
            break
        count += 1
    return max(1, count)


def encoded(
    messages: Sequence[Message], settings: Settings, *, bot: bool, hears: bool = False
) -> bytes:
    """All of them (at most ten) in one call, the most severe first. `hears`: presses
    of a bot's buttons reach us."""
    ordered = _ordered(messages)
    payload = _shown(ordered, settings, hears=bot and hears)
    payload |= {"unfurl_links": False, "unfurl_media": False}
    if bot:
        payload |= _as_bot(ordered, settings)
    return _json(payload)


def thread_in(body: bytes) -> str:
    """The thread that an encoded message is for, "" for none."""
    return str(json.loads(body).get("thread_ts", ""))


def edited(
    messages: Sequence[Message],
    settings: Settings,
    *,
    channel: str,
    ts: str,
    hears: bool = False,
) -> bytes:
    """The edit that makes a bot's message show all of these."""
    shown = _shown(_ordered(hushed(messages)), settings, hears=hears)
    return _json({"channel": channel, "ts": ts, **shown})


def _ordered(messages: Sequence[Message]) -> list[Message]:
    return sorted(messages, key=lambda message: -message.rank)


def _shown(
    ordered: Sequence[Message], settings: Settings, *, hears: bool
) -> dict[str, Any]:
    room = limits.BLOCK_SUM - ABOVE
    made = drafts(ordered, room, buttons=settings.buttons, hears=hears)
    line = _line(ordered)
    top = made[0].title if len(made) == 1 else f"*{line}*"
    return {
        "text": line,
        "blocks": [section(" ".join((top, *_pings(ordered))))],
        "attachments": list(filter(None, map(_attachment, made))),
        "parse": "none",
        "link_names": False,
    }


def _json(payload: dict[str, Any]) -> bytes:
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")


def _attachment(draft: Draft) -> dict[str, Any] | None:
    """The coloured bar and what stands beside it; None when nothing does."""
    blocks = draft.blocks()[: limits.ATTACHMENT_BLOCKS]
    colour = min(max(draft.message.colour, 0), 0xFFFFFF)
    return {"color": f"#{colour:06X}", "blocks": blocks} if blocks else None


def _as_bot(messages: Sequence[Message], settings: Settings) -> dict[str, Any]:
    answers = messages[0].answers
    thread = thread_of(messages[0].thread) or settings.thread_ts
    told = {
        "channel": settings.channel_id,
        "thread_ts": thread or (answers.id if answers else None),
        "username": settings.username,
        "icon_emoji": settings.icon_emoji,
        "icon_url": settings.icon_url,
    }
    return {name: value for name, value in told.items() if value}


def _line(messages: Sequence[Message]) -> str:
    """The line that lists, lock screens and screen readers show."""
    line = preview_of(messages)
    if not line:
        first = messages[0]
        line = f"{first.icon} {first.title}"
        if len(messages) > 1:
            line = f"{first.icon} {len(messages)} notifications"
    return mrkdwn.fitted(flat(line), PREVIEW) or "Notification"


def _pings(messages: Sequence[Message]) -> list[str]:
    """The words that ping, for exactly these; what is no id of Slack is left out."""
    words: list[str] = []
    room = PINGS_ROOM
    for ping in dict.fromkeys(ping for one in messages for ping in one.pings):
        match = _PING.fullmatch(ping)
        word = _WIDE.get(ping)
        if match:
            word = f"<@{match[1]}>" if match[1] else f"<!subteam^{match[2]}>"
        room -= len(word or "") + 1
        if word and room >= 0:
            words.append(word)
    return words
