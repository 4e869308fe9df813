"""Message objects: what Discord makes of a draft, and what an edit makes of that."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from local.inbox.discord.form import Json
from local.inbox.discord.hooks import Hook, Thread
from local.inbox.discord.payload import Draft

_EPOCH_MS: Final = 1_420_070_400_000


class Snowflakes:
    """Ids that carry their time and never repeat."""

    def __init__(self) -> None:
        self._last = 0

    def next(self, now: float) -> str:
        """A fresh id for this moment (epoch seconds)."""
        timed = (int(now * 1000) - _EPOCH_MS) << 22
        self._last = max(timed, self._last + 1)
        return str(self._last)


def new_message(
    message_id: str, hook: Hook, thread: Thread | None, draft: Draft, now: float
) -> Json:
    """The Message object of a post."""
    parts = draft.parts
    message: Json = {
        "type": 0,
        "content": parts.get("content", ""),
        "mentions": [],
        "mention_roles": [],
        "mention_everyone": False,
        "attachments": [],
        "embeds": parts.get("embeds", []),
        "timestamp": iso(now),
        "edited_timestamp": None,
        "flags": parts.get("flags", 0),
        "components": parts.get("components", []),
        "id": message_id,
        "channel_id": thread.id if thread else hook.channel_id,
        "author": {
            "id": hook.id,
            "username": parts.get("username") or hook.name,
            "avatar": None,
            "discriminator": "0000",
            "public_flags": 0,
            "flags": 0,
            "bot": True,
            "global_name": None,
        },
        "pinned": False,
        "tts": parts.get("tts", False),
        "webhook_id": hook.id,
    }
    if hook.application_id:
        message["application_id"] = hook.application_id
    if parts.get("poll"):
        message["poll"] = parts["poll"]
    return message


def mark_mentions(message: Json, pings: Json) -> None:
    """Write who is pinged into the Message object."""
    message["mention_everyone"] = pings["everyone"]
    message["mention_roles"] = pings["roles"]
    message["mentions"] = [
        {"id": user, "username": f"user {user}", "discriminator": "0000"}
        for user in pings["users"]
    ]


def edited_message(before: Json, draft: Draft, now: float) -> Json:
    """The Message object after an edit: what was not given stays."""
    kept = ("content", "embeds", "components", "flags", "poll")
    given = {key: draft.parts[key] for key in kept if key in draft.parts}
    return {**before, **given, "edited_timestamp": iso(now)}


def is_empty(message: Json) -> bool:
    """Whether nothing would be shown."""
    shown = ("content", "embeds", "components", "attachments", "poll")
    return not any(message.get(key) for key in shown)


def iso(now: float) -> str:
    """A moment as Discord writes it."""
    return datetime.fromtimestamp(now, UTC).isoformat()
