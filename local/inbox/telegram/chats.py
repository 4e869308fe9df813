"""Chats: which there are, of what kind, and under which name."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Any, Final

from local.inbox.telegram.refusal import bad

GENERAL: Final = 1
SUPERGROUP: Final = -1_000_000_000_000
_ID: Final = re.compile(r"-?[1-9]\d{0,15}", re.ASCII)
_NAME: Final = re.compile(r"@[A-Za-z]\w{3,31}", re.ASCII)
_TOKEN: Final = re.compile(r"(\d{1,20}):[A-Za-z0-9_-]{35}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Chat:
    """A private chat, a group, a supergroup or a channel; any id has one."""

    id: int
    name: str = ""

    @property
    def mailbox(self) -> str:
        """Under which its messages are kept: what the sender calls it."""
        return self.name or str(self.id)

    @property
    def kind(self) -> str:
        """Telegram's word for it."""
        if self.name:
            return "channel"
        if self.id > 0:
            return "private"
        return "supergroup" if self.id < SUPERGROUP else "group"

    @property
    def crowded(self) -> bool:
        """Whether the limit per minute counts."""
        return self.id < 0

    def as_json(self) -> dict[str, Any]:
        """The Chat object of a message."""
        if self.kind == "private":
            return {"id": self.id, "type": "private", "first_name": f"User {self.id}"}
        found = {"id": self.id, "type": self.kind, "title": f"Chat {self.mailbox}"}
        if self.name:
            found["username"] = self.name[1:]
        return found

    def whole(self) -> dict[str, Any]:
        """What getChat tells."""
        topics = {"is_forum": True} if self.kind == "supergroup" else {}
        return (
            self.as_json() | topics | {"accent_color_id": 1, "max_reaction_count": 11}
        )

    def successor(self) -> int:
        """The supergroup that this group becomes."""
        return SUPERGROUP - abs(self.id) % 1_000_000_000_000


def chat_of(given: object) -> Chat:
    """Read `chat_id`. Raises Refusal."""
    text = "" if given is None or isinstance(given, bool) else str(given).strip()
    if not text:
        raise bad("chat_id is empty")
    if _ID.fullmatch(text):
        return Chat(int(text))
    if _NAME.fullmatch(text):
        digest = hashlib.sha256(text.lower().encode()).digest()
        return Chat(SUPERGROUP - 1 - int.from_bytes(digest[:4]), text)
    raise bad("chat not found")


def bot_of(token: str) -> int:
    """The bot's id; 0 for what is no token."""
    match = _TOKEN.fullmatch(token)
    return int(match[1]) if match else 0


def bot(number: int) -> dict[str, Any]:
    """The User object of a bot."""
    return {
        "id": number,
        "is_bot": True,
        "first_name": "Tocsin",
        "username": f"bot_{number}_bot",
    }


def topic_of(given: object, chat: Chat) -> int | None:
    """Read `message_thread_id`. Raises Refusal; General cannot be named."""
    if given is None or given == "":
        return None
    if isinstance(given, bool) or not str(given).isdigit():
        raise bad("invalid message thread identifier specified")
    topic = int(str(given))
    if topic in (0, GENERAL) or chat.kind in ("private", "channel"):
        raise bad("message thread not found")
    return topic
