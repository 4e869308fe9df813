"""What WhatsApp's answers mean: by the error's code, never by its title.

The same codes come later, by webhook, for messages that were accepted at first.
https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from tocsin import washing
from tocsin.channels import _redaction
from tocsin.channels._answers import fields_of, text_of, whole
from tocsin.channels._http import NetworkFault, Response, retry_after_ms
from tocsin.ports import Kind, Outcome

REASON = 300
DETAILS = 180
TRACE = 40
# One message in 6 s to one person is always allowed; more borrows from later.
PAIR_PAUSE = 6_000
PAIR_WAIT = 16_000
BUSY_WAIT = 30_000
APP_WAIT = 300_000
DAY = 86_400_000

WINDOW_CLOSED = 131047
MEDIA = frozenset({131052, 131053})

_AGAIN = "then put destination {name} again"
_RENEW = (
    "WhatsApp does not accept the token ({told}): make one for a system user with "
    "whatsapp_business_messaging, and put it to destination {name}"
)
_ACCOUNT = (
    f"WhatsApp has stopped this account or number ({{told}}): mend that, {_AGAIN}"
)
_BILLING = f"the account has no valid way to pay ({{told}}): add one, {_AGAIN}"
_COUNTRY = (
    f"this number may not write to that country ({{told}}); {_AGAIN} with another"
)
_REACH = "WhatsApp cannot reach {name}'s recipient ({told}): have them open WhatsApp"
_LISTED = "a test number writes only to listed recipients ({told}): add {name}'s there"
_OPTED_OUT = (
    "the recipient of {name} stopped marketing messages ({told}): make the template a "
    "utility one"
)
_SELF = "destination {name} writes to its own number ({told}): change `to`"
_WINDOW = "the 24 hours since the recipient last wrote are over ({told})"
_TEMPLATE = "the template of {name} cannot be sent as it is ({told})"
_PAUSED = "WhatsApp has stopped the template of {name} ({told}): see its quality rating"
_FORM = "WhatsApp refuses the message ({told})"
_OBJECT = "WhatsApp refuses the call ({told}): check phone_number_id and the template"
_MEDIA = "WhatsApp cannot take the picture ({told})"
_BUSY = "WhatsApp has a problem of its own ({told}); it is tried again"
_PAIR = "too many messages to one recipient ({told})"
_THROUGHPUT = "too many messages from one number ({told})"
_APP = "too many calls by one app ({told})"
_TOMORROW = "WhatsApp wants no more of these today ({told}); it waits a day"

Verdict = tuple[Kind, str, int]


def _table(*rows: tuple[Kind, str, int, Iterable[int]]) -> dict[int, Verdict]:
    return {
        code: (kind, words, wait) for kind, words, wait, codes in rows for code in codes
    }


TABLE: Mapping[int, Verdict] = _table(
    (Kind.GONE, _RENEW, 0, (0, 3, 10, 190, *range(200, 300), 131005)),
    (Kind.GONE, _ACCOUNT, 0, (33, 368, 131031, 131037, 131045, 131063, 131064, 133010)),
    (Kind.GONE, _BILLING, 0, (131042,)),
    (Kind.GONE, _COUNTRY, 0, (130497,)),
    (Kind.PERMANENT, _REACH, 0, (131026, 131062)),
    (Kind.PERMANENT, _LISTED, 0, (131030,)),
    (Kind.PERMANENT, _OPTED_OUT, 0, (131050,)),
    (Kind.PERMANENT, _SELF, 0, (131021,)),
    (Kind.PERMANENT, _WINDOW, 0, (WINDOW_CLOSED,)),
    (Kind.PERMANENT, _TEMPLATE, 0, (132000, 132001, 132005, 132007, 132008, 132012)),
    (Kind.PERMANENT, _PAUSED, 0, (132015, 132016, 132068)),
    (Kind.PERMANENT, _OBJECT, 0, (100,)),
    (Kind.PERMANENT, _FORM, 0, (131008, 131009, 131051)),
    (Kind.PERMANENT, _MEDIA, 0, MEDIA),
    (Kind.TRANSIENT, _BUSY, 0, (1, 2, 131000, 131016, 131057, 133004, 135000)),
    (Kind.LIMITED, _PAIR, PAIR_WAIT, (131056,)),
    (Kind.LIMITED, _THROUGHPUT, BUSY_WAIT, (130429,)),
    (Kind.LIMITED, _APP, APP_WAIT, (4, 80007)),
    (Kind.LIMITED, _TOMORROW, DAY, (130472, 131048, 131049)),
)
STATUS: Mapping[int, Verdict] = {
    401: (Kind.GONE, _RENEW, 0),
    403: (Kind.GONE, _RENEW, 0),
    408: (Kind.TRANSIENT, _BUSY, 0),
    425: (Kind.TRANSIENT, _BUSY, 0),
    429: (Kind.LIMITED, _THROUGHPUT, BUSY_WAIT),
}


def judge(answer: Response | NetworkFault, *, name: str, token: str) -> Outcome:
    """The outcome of a call for the destination called `name`."""
    if isinstance(answer, NetworkFault):
        return Outcome(answer.kind, f"WhatsApp: {answer.reason}")
    fields = fields_of(answer)
    error = error_of(answer)
    if error is None and 200 <= answer.status < 300:
        return _accepted(fields)
    code = code_of(error or {})
    named = f"code {code}" if code is not None else f"status {answer.status}"
    text = "; ".join([named, *_said(error or {}, token)])
    kind, words, wait = _verdict(answer.status, code, error or {})
    wait = (retry_after_ms(answer) or wait) if kind is Kind.LIMITED else 0
    return outcome_of((kind, words, wait), name=name, told=text)


def judge_report(errors: Sequence[Mapping[str, Any]], *, name: str) -> Outcome:
    """The outcome that a webhook's `errors` tell of an accepted message."""
    error = errors[0] if errors else {}
    code = code_of(error)
    told = "; ".join([f"code {code}" if code is not None else "no code", *_said(error)])
    return outcome_of(_verdict(400, code, error), name=name, told=told)


def outcome_of(verdict: Verdict, *, name: str, told: str) -> Outcome:
    """A verdict in words."""
    kind, words, wait = verdict
    reason = words.format(name=name, told=washing.line(told))
    return Outcome(
        kind, washing.shortened(reason, REASON), wait_ms=wait, pause_ms=PAIR_PAUSE
    )


def error_of(answer: Response | NetworkFault) -> dict[str, Any] | None:
    """The error of an answer, None when it tells of none."""
    error = fields_of(answer).get("error")
    return error if isinstance(error, dict) else None


def code_of(error: Mapping[str, Any]) -> int | None:
    """Its number."""
    return whole(error.get("code"))


def _verdict(status: int, code: int | None, error: Mapping[str, Any]) -> Verdict:
    if code is not None and code in TABLE:
        return TABLE[code]
    if status in STATUS:
        return STATUS[status]
    if error.get("is_transient") is True or not 400 <= status < 500:
        return Kind.TRANSIENT, _BUSY, 0
    return Kind.PERMANENT, _FORM, 0


def _accepted(fields: Mapping[str, Any]) -> Outcome:
    """Taken; whether it arrives is told later, by webhook."""
    messages = fields.get("messages")
    first = messages[0] if isinstance(messages, list) and messages else {}
    row = first if isinstance(first, dict) else {}
    held = row.get("message_status") == "held_for_quality_assessment"
    reason = "WhatsApp holds it to assess the template's quality" if held else ""
    told = text_of(row, "id")
    return Outcome(Kind.OK, reason, pause_ms=PAIR_PAUSE, message_id=told)


def _said(error: Mapping[str, Any], token: str = "") -> Iterator[str]:
    """WhatsApp's own words, and the number under which its support finds the call.
    Should they repeat the token, it ends here, before a cut could leave half of it."""
    data = error.get("error_data")
    details = data.get("details") if isinstance(data, dict) else None
    words = details or error.get("message") or error.get("title")
    for text, room in ((words, DETAILS), (error.get("fbtrace_id"), TRACE)):
        if isinstance(text, str) and text:
            raw = text.encode("utf-8", "replace")
            shown = _redaction.shown(raw, [token] if token else [], room)
            yield shown if room == DETAILS else f"fbtrace {shown}"
