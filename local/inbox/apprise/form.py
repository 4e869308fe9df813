"""What ntfy and Pushover ask of a message, and how they refuse one.

https://docs.ntfy.sh/publish/#publish-as-json
https://pushover.net/api#messages
"""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import parse_qs

from local.inbox.calls_in import CallIn, Refusal
from local.inbox.store import Json

NTFY_MESSAGE: Final = 4096
NTFY_TITLE: Final = 250
PUSHOVER_MESSAGE: Final = 1024
PUSHOVER_TITLE: Final = 250
_TOPIC: Final = re.compile(r"[-_A-Za-z0-9]{1,64}", re.ASCII)
_KEY: Final = re.compile(r"[A-Za-z0-9]{30}", re.ASCII)
_PRIORITIES: Final = {
    "1": "min",
    "2": "low",
    "3": "",
    "4": "high",
    "5": "max",
}


def topic_of(told: object) -> str:
    """The topic of a message to ntfy; "" where there is none."""
    topic = told.get("topic") if isinstance(told, dict) else None
    found = isinstance(topic, str) and _TOPIC.fullmatch(topic)
    return str(topic) if found else ""


def read_ntfy(call: CallIn) -> Json:
    """What a person sees of it. Raises Refusal."""
    told = call.json()
    if not topic_of(told):
        raise ntfy_refusal(400, 40009, "invalid request: topic invalid")
    message, title = told.get("message", ""), told.get("title", "")
    if not isinstance(message, str) or not isinstance(title, str):
        raise ntfy_refusal(400, 40024, "invalid request: message is not a text")
    if len(title.encode()) > NTFY_TITLE:
        call.warnings.append("a title of more than 250 bytes is cut")
    if len(message.encode()) > NTFY_MESSAGE:
        call.warnings.append("more than 4096 bytes: ntfy makes a file of it")
    asked = told.get("priority") or call.request.headers.get("X-Priority", 3)
    priority = str(asked)
    if priority not in _PRIORITIES:
        raise ntfy_refusal(400, 40007, "invalid priority parameter")
    return {
        "title": title,
        "body": message or "triggered",
        "priority": _PRIORITIES[priority],
        "link": _web(told.get("click")),
    }


def ntfy_refusal(status: int, code: int, words: str) -> Refusal:
    """In ntfy's form."""
    link = "https://ntfy.sh/docs/publish/"
    body = {"code": code, "http": status, "error": words, "link": link}
    return Refusal(status, words, body)


def fields_of(body: bytes) -> dict[str, str]:
    """The fields of a form."""
    text = body.decode("utf-8", "replace")
    return {
        name: values[-1]
        for name, values in parse_qs(text, keep_blank_values=True).items()
    }


def read_pushover(fields: dict[str, str]) -> Json:
    """What a person sees of it. Raises Refusal."""
    if not _KEY.fullmatch(fields.get("token", "")):
        raise pushover_refusal("token", "application token is invalid")
    if not _KEY.fullmatch(fields.get("user", "")):
        raise pushover_refusal("user", "user identifier is invalid")
    message, title = fields.get("message", ""), fields.get("title", "")
    if not message.strip():
        raise pushover_refusal("message", "message cannot be blank")
    if len(message) > PUSHOVER_MESSAGE:
        raise pushover_refusal("message", "message is too long")
    if len(title) > PUSHOVER_TITLE:
        raise pushover_refusal("title", "title is too long")
    if fields.get("priority", "0") not in ("-2", "-1", "0", "1", "2"):
        raise pushover_refusal("priority", "priority is invalid")
    urgent = fields.get("priority") in ("1", "2")
    return {
        "title": title or "Tocsin",
        "body": message,
        "priority": "high" if urgent else "",
        "link": _web(fields.get("url")),
    }


def pushover_refusal(field: str, words: str) -> Refusal:
    """In Pushover's form."""
    request = "00000000-0000-0000-0000-000000000000"
    body = {"status": 0, "request": request, "errors": [words], field: "invalid"}
    return Refusal(400, words, body)


def _web(value: Any) -> str:
    text = value if isinstance(value, str) else ""
    return text if text.startswith(("https://", "http://")) else ""
