"""What Telegram's answers mean: by its words first, since one status has many causes.

https://core.telegram.org/bots/api#making-requests
https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tocsin import washing
from tocsin.channels import _redaction
from tocsin.channels._answers import SHORTEST_WAIT, fields_of, whole
from tocsin.channels._http import (
    NetworkFault,
    Response,
    milliseconds,
    retry_after_ms,
)
from tocsin.ports import Kind, Outcome

REASON = 280
TOLD = 160
MARGIN = 100
PACE = 1_000  # one message a second to any chat
GROUP_PACE = 3_000  # twenty a minute to a group

_AGAIN = "then put destination {name} again"
_TOKEN = (
    "Telegram does not know this bot token (revoked, or mistyped): copy it from"
    f" BotFather, {_AGAIN}"
)
_RIGHTS = "the bot may not write in chat {chat}: give it the right to send messages"
_FORM = "Telegram refuses the message: {told}"
_SIZE = "Telegram finds the message too large ({told})"
_BUSY = "Telegram has a problem of its own ({status}); it is tried again"

Verdict = tuple[Kind, str]
PERMANENT, TRANSIENT, GONE = Kind.PERMANENT, Kind.TRANSIENT, Kind.GONE

# The first that its description holds, whether it comes with 400 or 403.
WORDS: tuple[tuple[str, Verdict], ...] = (
    (
        "bot was blocked by the user",
        (GONE, f"the user has blocked the bot: have it unblocked, {_AGAIN}"),
    ),
    ("user is deactivated", (GONE, "the user's Telegram account is deleted")),
    (
        "bot was kicked",
        (GONE, f"the bot was removed from chat {{chat}}: add it again, {_AGAIN}"),
    ),
    (
        "bot is not a member",
        (GONE, f"the bot is not a member of chat {{chat}}: add it, {_AGAIN}"),
    ),
    ("group chat was deleted", (GONE, "the group {chat} was deleted")),
    (
        "can't initiate conversation",
        (GONE, f"the user must press Start in the bot first, {_AGAIN}"),
    ),
    ("can't send messages to", (GONE, "chat {chat} is a bot: bots hear no bots")),
    (
        "chat not found",
        (GONE, f"no chat {{chat}} that this bot can see: add the bot to it, {_AGAIN}"),
    ),
    (
        "upgraded to a supergroup",
        (GONE, f"the group {{chat}} is a supergroup now: find its new id, {_AGAIN}"),
    ),
    ("not enough rights", (PERMANENT, _RIGHTS)),
    ("have no rights", (PERMANENT, _RIGHTS)),
    ("need administrator rights", (PERMANENT, _RIGHTS)),
    ("chat_write_forbidden", (PERMANENT, _RIGHTS)),
    ("message is too long", (PERMANENT, _SIZE)),
    ("reply markup is too long", (PERMANENT, _SIZE)),
)
# Of an edit: it says so already, or there is nothing (any more) to be changed.
SAME = "message is not modified"
MISSING = ("message to edit not found", "message can't be edited", "message_id_invalid")
STATUSES: dict[int, Verdict] = {
    401: (GONE, _TOKEN),
    403: (PERMANENT, "Telegram forbids this to the bot: {told}"),
    404: (GONE, _TOKEN),
    408: (TRANSIENT, _BUSY),
    413: (PERMANENT, _SIZE),
    425: (TRANSIENT, _BUSY),
}


def judge(
    answer: Response | NetworkFault, *, name: str, chat: str, token: str
) -> Outcome:
    """The outcome of a call for the destination called `name`."""
    if isinstance(answer, NetworkFault):
        return Outcome(answer.kind, f"Telegram: {answer.reason}")
    fields = fields_of(answer)
    status = _status(answer, fields)
    if 200 <= status < 300:
        return _sent(fields)
    raw = described(answer).encode("utf-8", "replace")
    told = _redaction.shown(raw, (token,), TOLD) or f"status {status}"
    if status == 429:
        return _limited(answer, fields)
    kind, words = _verdict(status, told)
    reason = words.format(name=name, chat=chat, told=told, status=status)
    return Outcome(kind, washing.shortened(reason, REASON))


def judge_edit(
    answer: Response | NetworkFault, *, name: str, chat: str, token: str
) -> Outcome:
    """The outcome of an edit of what was posted there."""
    words = described(answer).lower()
    if SAME in words:
        return Outcome(Kind.OK, "it says so already", pause_ms=PACE)
    outcome = judge(answer, name=name, chat=chat, token=token)
    if any(each in words for each in MISSING):
        return replace(outcome, kind=Kind.MISSING)
    return outcome


def described(answer: Response | NetworkFault) -> str:
    """Telegram's own words for a refusal, "" without any."""
    told = fields_of(answer).get("description")
    return told if isinstance(told, str) else ""


def migrated_to(answer: Response | NetworkFault) -> str | None:
    """The id of the supergroup that the group has become."""
    parameters = fields_of(answer).get("parameters")
    told = parameters if isinstance(parameters, dict) else {}
    found = whole(told.get("migrate_to_chat_id"))
    return str(found) if found and -(2**53) < found < 2**53 else None


def _status(answer: Response, fields: dict[str, Any]) -> int:
    """The HTTP status; `ok: false` under a 200, should it ever come, is believed."""
    code = fields.get("error_code")
    if 200 <= answer.status < 300 and fields.get("ok") is False:
        return code if isinstance(code, int) and code >= 400 else 500
    return answer.status


def _sent(fields: dict[str, Any]) -> Outcome:
    result = fields.get("result")
    message = result if isinstance(result, dict) else {}
    chat = message.get("chat")
    place = _id(chat, "id") if isinstance(chat, dict) else None
    return Outcome(
        Kind.OK,
        message_id=_id(message, "message_id"),
        place=place,
        pause_ms=GROUP_PACE if (place or "").startswith("-") else PACE,
    )


def _limited(answer: Response, fields: dict[str, Any]) -> Outcome:
    parameters = fields.get("parameters")
    stated = parameters.get("retry_after") if isinstance(parameters, dict) else None
    wait = max(milliseconds(stated), retry_after_ms(answer)) + MARGIN
    wait = max(wait, SHORTEST_WAIT)
    reason = f"Telegram asks to wait {wait / 1000:.1f} s"
    return Outcome(Kind.LIMITED, reason, wait_ms=wait)


def _verdict(status: int, told: str) -> Verdict:
    if status in (400, 403):
        lower = told.lower()
        for words, verdict in WORDS:
            if words in lower:
                return verdict
    if status in STATUSES:
        return STATUSES[status]
    return (PERMANENT, _FORM) if 400 <= status < 500 else (TRANSIENT, _BUSY)


def _id(fields: dict[str, Any], name: str) -> str | None:
    value = whole(fields.get(name))
    return None if value is None else str(value)
