"""What Telegram tells of presses, and what it is answered. Pure.

The answer to an update may be a call of the Bot API: so saying that a press was taken
costs no call of ours.
https://core.telegram.org/bots/api#callbackquery
https://core.telegram.org/bots/api#making-requests-when-getting-updates
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tocsin import washing
from tocsin.channels.telegram import runs
from tocsin.errors import Malformed
from tocsin.values import dataclass

HEADER = "x-telegram-bot-api-secret-token"
NAME = 60
ANSWER = 200
DONE = "Done; the message is about to show it."


@dataclass(frozen=True, slots=True)
class Interaction:
    """One update: `query` is the id of a press, "" for whatever else Telegram tells;
    `pressed` the name of the button, `chats` the names of the chat that it was in: its
    id, and of a public one "@name" in lower case."""

    query: str = ""
    pressed: str = ""
    actor: str = ""
    chats: frozenset[str] = frozenset()


def read(body: bytes) -> Interaction:
    """Read an update whose secret token fits. Raises `Malformed`."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        raise Malformed("the body is not JSON") from None
    if not isinstance(told, dict):
        raise Malformed("not an update of Telegram's")
    query = told.get("callback_query")
    if not isinstance(query, dict):
        return Interaction()
    return Interaction(
        query=_text(query.get("id")),
        pressed=_text(query.get("data")),
        actor=_actor(query.get("from")),
        chats=_chats(_mapping(_mapping(query.get("message")).get("chat"))),
    )


def answered(query: str, words: str = "") -> dict[str, Any]:
    """The call that answers a press, which its button waits for; `words` for who
    pressed, which must be read, or none when all is well."""
    return {
        "method": "answerCallbackQuery",
        "callback_query_id": query,
        "text": runs.shortened(words or DONE, ANSWER),
        "show_alert": bool(words),
    }


def _actor(user: object) -> str:
    """The user name, which is nobody else's; without one, the number, behind the name
    that they go by."""
    told = _mapping(user)
    name = _text(told.get("username"))
    number = told.get("id")
    if not name and isinstance(number, int):
        first = washing.line(_text(told.get("first_name")))
        name = f"{washing.shortened(first, NAME - 20)} {number}".strip()
    name = washing.shortened(washing.line(name), NAME) or "somebody"
    return f"{name} (Telegram)"


def _chats(chat: Mapping[str, Any]) -> frozenset[str]:
    number, name = chat.get("id"), _text(chat.get("username"))
    known = isinstance(number, int) and not isinstance(number, bool)
    told = (str(number) if known else "", f"@{name}".lower() if name else "")
    return frozenset(filter(None, told))


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
