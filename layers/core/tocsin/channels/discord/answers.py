"""What Discord's answers mean, as a table of (status, code).

https://docs.discord.com/developers/topics/opcodes-and-status-codes
https://docs.discord.com/developers/topics/rate-limits
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

from tocsin import washing
from tocsin.channels._answers import fields_of, whole
from tocsin.channels._http import (
    NetworkFault,
    Response,
    milliseconds,
    retry_after_ms,
)
from tocsin.ports import Kind, Outcome

REASON = 280
MARGIN = 25
SHORTEST_WAIT = 250
SHORTEST_GLOBAL = 1_000
SHORTEST_BAN = 60_000

_NEW_HOOK = "create a new webhook in Discord and put its URL to destination {name}"
_RENEW = f"Discord no longer knows this webhook; {_NEW_HOOK}"
_TOKEN = f"Discord refuses this webhook's token; {_NEW_HOOK}"
_BOT_UNKNOWN = (
    "Discord does not know this bot's token: reset it on the application's page Bot,"
    " and put it to destination {name}"
)
_BOT_ACCESS = (
    "the bot does not see the channel of {name}: add it to the server and the channel,"
    " then put the destination again"
)
_BOT_RIGHTS = "the bot of {name} may not post there: give it Send Messages, Embed Links"
_BOT_CHANNEL = "there is no such channel (any more): put {name} with another channel_id"
_WORDS = "Discord refuses what this message says ({told})"
_RIGHTS = "the webhook of destination {name} may not post there: check its channel"
_FORUM = "destination {name} is a forum: give it a thread_name, or a thread_id"
_NO_FORUM = "destination {name} is no forum: take thread_name and tags out of it"
_THREAD = "the thread of destination {name} cannot be posted to: change its thread_id"
_SIZE = "Discord finds the message too large ({told})"
_FORM = "Discord refuses the form of the message: {told}"
_BUSY = "Discord has a problem of its own ({status}); it is tried again"

Verdict = tuple[Kind, str]
PERMANENT, TRANSIENT, GONE = Kind.PERMANENT, Kind.TRANSIENT, Kind.GONE

Table = Mapping[tuple[int, int | None], Verdict]

TABLE: Table = {
    (400, 50035): (PERMANENT, _FORM),
    (400, 50006): (PERMANENT, "Discord says the message is empty"),
    (400, 50109): (PERMANENT, _FORM),
    (400, 50045): (PERMANENT, _SIZE),
    (400, 220001): (PERMANENT, _FORUM),
    (400, 220002): (PERMANENT, "destination {name} has thread_name and thread_id"),
    (400, 220003): (PERMANENT, _NO_FORUM),
    (400, 220004): (PERMANENT, _NO_FORUM),
    (400, 40067): (PERMANENT, "this forum asks for a tag: give {name} one in tags"),
    (400, 40058): (PERMANENT, _THREAD),
    (400, 160005): (PERMANENT, _THREAD),
    (400, 50083): (PERMANENT, _THREAD),
    (400, 160006): (TRANSIENT, "the server has as many active threads as it may"),
    (400, 200000): (PERMANENT, _WORDS),
    (400, 200001): (PERMANENT, _WORDS),
    (400, 240000): (PERMANENT, _WORDS),
    (400, 20009): (PERMANENT, _WORDS),
    (400, None): (PERMANENT, _FORM),
    (401, None): (GONE, _TOKEN),
    (403, 50001): (PERMANENT, _RIGHTS),
    (403, 50013): (PERMANENT, _RIGHTS),
    (403, None): (PERMANENT, "Discord forbids this to the webhook ({told})"),
    (404, 10015): (GONE, _RENEW),
    (404, 10003): (PERMANENT, _THREAD),
    (404, 10008): (PERMANENT, "the Discord message that was meant is gone"),
    (404, None): (GONE, _RENEW),
    (408, None): (TRANSIENT, _BUSY),
    (413, None): (PERMANENT, _SIZE),
    (425, None): (TRANSIENT, _BUSY),
}
# Whatever the status: what the code says is more exact.
CODES: dict[int, Verdict] = {
    130000: (TRANSIENT, "Discord is overloaded; it is tried again"),
    40006: (TRANSIENT, "Discord has switched this off for now; it is tried again"),
    50027: (GONE, _TOKEN),
}
# Of bots, which are known by a token and see channels by right.
BOTS: Table = {
    (401, None): (GONE, _BOT_UNKNOWN),
    (403, 50001): (GONE, _BOT_ACCESS),
    (403, 50013): (PERMANENT, _BOT_RIGHTS),
    (404, 10003): (GONE, _BOT_CHANNEL),
    (404, None): (GONE, _BOT_CHANNEL),
    (404, 10008): TABLE[404, 10008],
}
# Of an edit: the message, or the thread it stood in, or our right to it is gone.
UNKNOWN_MESSAGE = frozenset({10003, 10008, 50005})
LIMITS = frozenset({20016, 20028, 20029, 30046, 40062})
BLOCKED = 40333


def judge(
    answer: Response | NetworkFault, *, name: str, token: str, bot: bool = False
) -> Outcome:
    """The outcome of a call to the webhook, or by the bot, of the destination called
    `name`."""
    if isinstance(answer, NetworkFault):
        return Outcome(answer.kind, f"Discord: {answer.reason}")
    fields = fields_of(answer)
    outcome = _judged(answer, fields, name, BOTS if bot else {})
    pause = _pause(answer)
    if not outcome.reason and not pause:
        return outcome
    # Nothing in an answer should repeat the token; should it, it ends here.
    # Of a bot's, the last part is what counts.
    reason = outcome.reason
    for secret in filter(None, (token, token.rpartition(".")[2])):
        reason = reason.replace(secret, "…")
    return replace(
        outcome,
        reason=washing.shortened(washing.line(reason), REASON),
        pause_ms=pause,
    )


def refuses_buttons(answer: Response | NetworkFault) -> bool:
    """Whether it is the message's components that Discord does not take."""
    if isinstance(answer, NetworkFault) or answer.status != 400:
        return False
    errors = fields_of(answer).get("errors")
    return isinstance(errors, dict) and "components" in errors


def judge_edit(
    answer: Response | NetworkFault, *, name: str, token: str, bot: bool = False
) -> Outcome:
    """The outcome of an edit of what was posted there."""
    outcome = judge(answer, name=name, token=token, bot=bot)
    code = whole(fields_of(answer).get("code"))
    if outcome.kind in (Kind.PERMANENT, Kind.GONE) and code in UNKNOWN_MESSAGE:
        return replace(outcome, kind=Kind.MISSING)
    return outcome


def _judged(answer: Response, fields: dict[str, Any], name: str, own: Table) -> Outcome:
    status, code = answer.status, whole(fields.get("code"))
    if 200 <= status < 300:
        return Outcome(
            Kind.OK, message_id=_id(fields, "id"), place=_id(fields, "channel_id")
        )
    if status == 429 or code in LIMITS or _blocked(answer, fields, code):
        return _limited(answer, fields, code)
    kind, words = _verdict(status, code, own)
    told = "; ".join(_told(fields)) or f"status {status}"
    return Outcome(kind, words.format(name=name, told=told, status=status))


def _verdict(status: int, code: int | None, own: Table) -> Verdict:
    found = own.get((status, code)) or own.get((status, None))
    if found is not None:
        return found
    if code in CODES:
        return CODES[code]
    found = TABLE.get((status, code)) or TABLE.get((status, None))
    if found is not None:
        return found
    if 400 <= status < 500:
        return PERMANENT, "Discord refuses the message ({told})"
    return TRANSIENT, _BUSY


def _blocked(answer: Response, fields: dict[str, Any], code: int | None) -> bool:
    """Whether Cloudflare turns this machine's address away, whatever the webhook: by a
    page instead of JSON, by a code, or by a code 0 that names no time to wait."""
    if code == BLOCKED:
        return True
    page = bool(answer.body) and answer.json() is None
    if answer.status == 403:
        return page and b"error code: 10" in answer.body
    stated = "retry_after" in fields or "x-ratelimit-scope" in answer.headers
    return answer.status == 429 and not stated and (page or code == 0)


def _limited(answer: Response, fields: dict[str, Any], code: int | None) -> Outcome:
    wait = max(milliseconds(fields.get("retry_after")), retry_after_ms(answer))
    headers = answer.headers
    if _blocked(answer, fields, code):
        wait = max(wait, SHORTEST_BAN)
        reason = "Discord turns this address away for a while (too many bad calls)"
        return Outcome(Kind.LIMITED, reason, wait_ms=wait, everywhere=True)
    wide = (
        fields.get("global") is True
        or "x-ratelimit-global" in headers
        or headers.get("x-ratelimit-scope") == "global"
    )
    wait = wait or milliseconds(headers.get("x-ratelimit-reset-after"))
    wait = max(wait + MARGIN, SHORTEST_GLOBAL if wide else SHORTEST_WAIT)
    reason = f"Discord asks to wait {wait / 1000:.1f} s"
    return Outcome(Kind.LIMITED, reason, wait_ms=wait, everywhere=wide)


def _pause(answer: Response) -> int:
    """After the last call that the bucket allows: until it fills again."""
    if answer.headers.get("x-ratelimit-remaining", "").strip() != "0":
        return 0
    wait = milliseconds(answer.headers.get("x-ratelimit-reset-after"))
    return wait + MARGIN if wait else 0


def _told(fields: dict[str, Any]) -> Iterator[str]:
    """Discord's own message, and the first few of the faults it names by path."""
    message = fields.get("message")
    if isinstance(message, str) and message:
        yield message[:120]
    for path, words in islice(_faults(fields.get("errors"), ""), 3):
        yield f"{path}: {words}"[:120]
    if not message and fields:
        yield ", ".join(str(name)[:40] for name in list(fields)[:3])


def _faults(node: object, path: str, depth: int = 0) -> Iterator[tuple[str, str]]:
    if not isinstance(node, dict) or depth > 8:
        return
    errors = node.get("_errors")
    for error in errors if isinstance(errors, list) else ():
        if isinstance(error, dict):
            yield path, str(error.get("message", error.get("code", "")))
    for name, child in node.items():
        if name != "_errors":
            yield from _faults(child, f"{path}.{name}".lstrip("."), depth + 1)


def _id(fields: dict[str, Any], name: str) -> str | None:
    value = fields.get(name)
    return value if isinstance(value, str) and value.isdigit() else None
