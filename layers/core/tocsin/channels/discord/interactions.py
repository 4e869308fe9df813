"""What Discord tells of presses and commands, and what it is answered. Pure.

https://docs.discord.com/developers/interactions/receiving-and-responding
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tocsin import washing
from tocsin.channels.discord import limits, markdown
from tocsin.errors import Malformed
from tocsin.notification import Notification
from tocsin.prose import headline_of
from tocsin.values import dataclass

SIGNATURE, TIMESTAMP = "x-signature-ed25519", "x-signature-timestamp"
LISTED = 10
NAME, TITLE = 60, 120
UNKNOWN = "Tocsin knows the command /tocsin status, and the buttons of its messages."
QUIET = "Nothing is open among what this channel was told."
_PING, _COMMAND, _COMPONENT = 1, 2, 3
_MESSAGE, _DEFERRED_UPDATE = 4, 6
_EPHEMERAL = 64


@dataclass(frozen=True, slots=True)
class Interaction:
    """One interaction: `pressed` is the name of a button, `command` the words of a
    command, `place` the channel or thread that it happened in."""

    ping: bool = False
    pressed: str = ""
    command: str = ""
    actor: str = ""
    place: str = ""


def read(body: bytes) -> Interaction:
    """Read a body whose signature fits. Raises `Malformed`."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        raise Malformed("the body is not JSON") from None
    if not isinstance(told, dict):
        raise Malformed("not an interaction of Discord's")
    kind, data = told.get("type"), _mapping(told.get("data"))
    return Interaction(
        ping=kind == _PING,
        pressed=_text(data.get("custom_id")) if kind == _COMPONENT else "",
        command=_command(data) if kind == _COMMAND else "",
        actor=_actor(told),
        place=_text(told.get("channel_id")),
    )


def pong() -> dict[str, Any]:
    """By this Discord sees that we are there."""
    return {"type": 1}


def accepted() -> dict[str, Any]:
    """Done: the message itself is edited as soon as its card is refreshed."""
    return {"type": _DEFERRED_UPDATE}


def told(words: str) -> dict[str, Any]:
    """Words that only who asked can see, and that ping nobody."""
    data = {
        "content": washing.shortened(words, limits.CONTENT),
        "flags": _EPHEMERAL,
        "allowed_mentions": {"parse": []},
    }
    return {"type": _MESSAGE, "data": data}


def listed(rows: Sequence[Notification], *, more: bool) -> str:
    """What is open, newest first; `more`: there may be others, older ones."""
    lines = [_line(row) for row in rows[:LISTED]]
    if more or len(rows) > LISTED:
        lines.append("There may be more: the console shows all.")
    return "\n".join(lines) or QUIET


def _line(row: Notification) -> str:
    title = washing.line(headline_of(row.event)[0])
    # Discord counts time in seconds, and shows it in each reader's own words.
    parts = [f"since <t:{row.accepted_at // 1000}:R>"]
    if row.occurrences > 1:
        parts.append(f"{row.occurrences} times")
    if row.ack_at is not None:
        by = markdown.fitted(washing.line(row.ack_by), NAME)
        parts.append(f"acknowledged by {by}")
    shown = markdown.fitted(f"{row.event.severity.value} · {title}", TITLE)
    return f"- **{shown}**, {', '.join(parts)}"


def _command(data: Mapping[str, Any]) -> str:
    """The command and its first word: "tocsin status"."""
    options = data.get("options")
    first = _mapping(options[0]) if isinstance(options, list) and options else {}
    return " ".join(filter(None, (_text(data.get("name")), _text(first.get("name")))))


def _actor(body: Mapping[str, Any]) -> str:
    """The user name, which is nobody else's, as a display name might be."""
    user = _mapping(_mapping(body.get("member")).get("user"))
    user = user or _mapping(body.get("user"))
    name = _text(user.get("username")) or _text(user.get("id")) or "somebody"
    return f"{washing.shortened(washing.line(name), NAME)} (Discord)"


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
