"""What Slack's answers mean: by the error's name first, by the status second.

A webhook says the name as plain text, the API as JSON, mostly with status 200.
https://docs.slack.dev/reference/methods/chat.postMessage#errors
https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import islice
from typing import Any

from tocsin.channels import _answers, _redaction
from tocsin.channels._answers import text_of
from tocsin.channels._http import NetworkFault, Response
from tocsin.ports import Kind, Outcome

REASON = 280
PAUSE = 1_000  # about one message a second and channel
LONG_PAUSE = 30_000
_NAME = re.compile(r"[a-z][a-z0-9_]{2,60}")

Verdict = tuple[Kind, str]
GONE, PERMANENT, TRANSIENT = Kind.GONE, Kind.PERMANENT, Kind.TRANSIENT

_AGAIN = "then put destination {name} again"
_HOOK = (
    "Slack no longer knows this webhook ({told}): add a new one in the app and put its"
    " URL to destination {name}"
)
_ARCHIVED = (
    f"the channel is archived ({{told}}): unarchive it or take another, {_AGAIN}"
)
_RENEW = (
    "Slack refuses the token ({told}): install the app anew and put its bot token to"
    " destination {name}"
)
_RIGHTS = f"the workspace forbids posting there ({{told}}): ask its admins, {_AGAIN}"
_INVITE = f"the bot is not in the channel ({{told}}): type /invite @bot there, {_AGAIN}"
_SCOPE = f"the bot lacks a scope ({{told}}): add it, install the app anew, {_AGAIN}"
_CHANNEL = (
    "the bot sees no such channel ({told}): check channel_id, invite the bot,"
    " then put destination {name} again"
)
_FORM = "Slack refuses the form of the message ({told})"
_SIZE = "Slack finds the message too large ({told})"
_THREAD = "the thread cannot be posted to ({told}): check thread_ts of {name}"
_BUSY = "Slack has a problem of its own ({told}); it is tried again"
_PARTLY = "Slack failed, and may have posted the message ({told})"
_FULL = "the workspace has used up its messages ({told}); it is tried again"


def _table(*rows: tuple[Kind, str, str]) -> dict[str, Verdict]:
    return {
        name: (kind, words) for kind, words, names in rows for name in names.split()
    }


TABLE: dict[str, Verdict] = _table(
    (GONE, _HOOK, "no_service no_team no_active_hooks invalid_token team_disabled"),
    (GONE, _HOOK, "no_service_id team_not_found"),
    (GONE, _ARCHIVED, "channel_is_archived is_archived"),
    (GONE, _CHANNEL, "channel_not_found"),
    (GONE, _RIGHTS, "action_prohibited posting_to_general_channel_denied"),
    (GONE, _RIGHTS, "restricted_action restricted_action_read_only_channel"),
    (GONE, _RIGHTS, "restricted_action_thread_only_channel no_permission"),
    (GONE, _RIGHTS, "restricted_action_non_threadable_channel ekm_access_denied"),
    (GONE, _RIGHTS, "restricted_action_thread_locked access_denied accesslimited"),
    (
        GONE,
        _RIGHTS,
        "team_access_not_granted org_login_required enterprise_is_restricted",
    ),
    (GONE, _RENEW, "account_inactive token_revoked token_expired invalid_auth"),
    (GONE, _RENEW, "not_authed not_allowed_token_type two_factor_setup_required"),
    (GONE, _SCOPE, "missing_scope"),
    (GONE, _INVITE, "not_in_channel"),
    (PERMANENT, _FORM, "invalid_payload no_text user_not_found invalid_blocks"),
    (PERMANENT, _FORM, "too_many_attachments invalid_attachments invalid_form_data"),
    (
        PERMANENT,
        _FORM,
        "invalid_blocks_format markdown_text_conflict invalid_arguments",
    ),
    (
        PERMANENT,
        _FORM,
        "invalid_arg_name invalid_array_arg invalid_charset invalid_json",
    ),
    (PERMANENT, _FORM, "json_not_object missing_post_type invalid_post_type"),
    (PERMANENT, _FORM, "invalid_metadata_format invalid_metadata_schema"),
    (PERMANENT, _FORM, "attachment_payload_limit_exceeded duplicate_message_not_found"),
    (PERMANENT, _FORM, "duplicate_channel_not_found method_deprecated unknown_method"),
    (PERMANENT, _SIZE, "msg_blocks_too_long msg_too_long metadata_too_large too_long"),
    (PERMANENT, _THREAD, "cannot_reply_to_message thread_not_found invalid_thread_ts"),
    (PERMANENT, _THREAD, "message_not_found"),
    (TRANSIENT, _BUSY, "service_unavailable request_timeout team_added_to_org"),
    (TRANSIENT, _BUSY, "rollup_error"),
    (TRANSIENT, _FULL, "message_limit_exceeded"),
    (Kind.UNKNOWN, _PARTLY, "fatal_error internal_error"),
)
# Of an edit: the message is gone, or may not be changed any more.
MISSING = frozenset(
    {"message_not_found", "cant_update_message", "edit_window_closed"}
    | {"thread_not_found"}
)
LIMITS = frozenset({"ratelimited", "rate_limited"})
STATUS: dict[int, Verdict] = {
    401: (GONE, _RENEW),
    403: (GONE, _RIGHTS),
    404: (GONE, _HOOK),
    410: (GONE, _HOOK),
    408: (TRANSIENT, _BUSY),
    413: (PERMANENT, _SIZE),
    425: (TRANSIENT, _BUSY),
}


def judge(
    answer: Response | NetworkFault, *, name: str, secret: str, bot: bool
) -> Outcome:
    """The outcome of a call for the destination called `name`."""
    if isinstance(answer, NetworkFault):
        return Outcome(answer.kind, f"Slack: {answer.reason}")
    fields = fields_of(answer)
    outcome = _judged(answer, fields, name, bot=bot)
    reason = told(outcome.reason, secret, REASON)
    return replace(outcome, reason=reason, pause_ms=PAUSE)


def judge_edit(answer: Response | NetworkFault, *, name: str, secret: str) -> Outcome:
    """The outcome of an edit of what a bot has posted there."""
    outcome = judge(answer, name=name, secret=secret, bot=True)
    error = "" if isinstance(answer, NetworkFault) else error_of(answer)
    if error in MISSING:
        why = f"the Slack message is gone or may not be changed ({error})"
        return replace(outcome, kind=Kind.MISSING, reason=why)
    return outcome


def told(text: str, secret: str, room: int) -> str:
    """What Slack says, as one short line. Nothing in an answer should repeat the
    secret; should it, it ends here, before a cut could leave half of it."""
    if not text:
        return ""
    parts = (secret, secret.rsplit("/", 1)[-1], secret.rsplit("-", 1)[-1])
    return _redaction.shown(text.encode("utf-8", "replace"), parts, room)


def fields_of(answer: Response) -> dict[str, Any]:
    """The API's answer; empty when it is not JSON."""
    # A webhook says "ok": that this is no JSON need not be found out by an exception.
    return _answers.fields_of(answer) if answer.body.lstrip().startswith(b"{") else {}


def error_of(answer: Response) -> str:
    """The name of the error, as JSON or as plain text; "" when there is none."""
    return _error(answer, fields_of(answer))


def _error(answer: Response, fields: dict[str, Any]) -> str:
    text = fields.get("error") or answer.body[:100].decode("ascii", "replace").strip()
    found = isinstance(text, str) and text != "ok" and _NAME.fullmatch(text)
    return text if found else ""


def _judged(
    answer: Response, fields: dict[str, Any], name: str, *, bot: bool
) -> Outcome:
    status, error = answer.status, _error(answer, fields)
    if status == 429 or error in LIMITS:
        return _answers.limited("Slack", answer, LONG_PAUSE)
    taken = 200 <= status < 300
    if taken and not error and (not bot or fields.get("ok") is True):
        return Outcome(
            Kind.OK, message_id=text_of(fields, "ts"), place=text_of(fields, "channel")
        )
    if taken and not error:
        return Outcome(Kind.UNKNOWN, "Slack's answer says neither yes nor no")
    kind, words = _verdict(status, error)
    said = "; ".join((error or f"status {status}", *_details(fields)))
    return Outcome(kind, words.format(name=name, told=said))


def _verdict(status: int, error: str) -> Verdict:
    if error in TABLE:
        return TABLE[error]
    if status in STATUS:
        return STATUS[status]
    if status < 300 or 400 <= status < 500:
        return PERMANENT, "Slack refuses the message ({told})"
    return TRANSIENT, _BUSY


def _details(fields: dict[str, Any]) -> list[str]:
    """The scope that is needed, and what Slack says is wrong with which block."""
    found = [f"needed: {fields['needed']}"] if fields.get("needed") else []
    metadata = fields.get("response_metadata")
    messages = metadata.get("messages") if isinstance(metadata, dict) else None
    return found + [
        str(one) for one in islice(messages if isinstance(messages, list) else (), 2)
    ]
