"""What the answers of Amazon SNS mean, by AWS's name for what is wrong.

They are XML, of which a few names are read and nothing is resolved.
https://docs.aws.amazon.com/sns/latest/api/API_Publish.html#API_Publish_Errors
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape

from tocsin import washing
from tocsin.channels._aws import CLOCK, TOLD, Verdict, Verdicts, reason_of
from tocsin.channels._http import NetworkFault, Response, retry_after_ms
from tocsin.ports import Kind, Outcome

# SNS says nothing of how long to wait; it counts by the second.
RATE_WAIT = 5_000
_ID = re.compile(rb"<MessageId>\s*([0-9A-Za-z-]{1,100})\s*</MessageId>")
_CODE = re.compile(rb"<Code>\s*([A-Za-z0-9.]{1,80})\s*</Code>")
_WORDS = re.compile(rb"<Message>([^<]{1,2000})</Message>")
_LEFT = re.compile(rb"<isOptedOut>\s*true\s*</isOptedOut>", re.IGNORECASE)
_OPTED_OUT = re.compile(r"opted[ -]?out", re.IGNORECASE)

_RATE = "SNS asks for fewer texts ({told})"
_GONE = (
    "the number of {name} has opted out of texts from this account ({told}): its owner "
    "can opt in again in the SNS console of {region}; then put the destination again"
)
_FORM = "SNS refuses the text ({told}): check number, sender_id and region of {name}"
_DENIED = (
    "our role may not send texts ({told}): set the template's parameter AllowSms to "
    "yes, deploy, then replay"
)
_BUSY = "SNS has a problem of its own ({told}); it is tried again"

TABLE: Mapping[str, Verdict] = {
    "Throttled": (Kind.LIMITED, _RATE),
    "ThrottledException": (Kind.LIMITED, _RATE),
    "Throttling": (Kind.LIMITED, _RATE),
    "ThrottlingException": (Kind.LIMITED, _RATE),
    "OptedOut": (Kind.GONE, _GONE),
    "AuthorizationError": (Kind.PERMANENT, _DENIED),
    "AccessDenied": (Kind.PERMANENT, _DENIED),
    "AccessDeniedException": (Kind.PERMANENT, _DENIED),
    "ExpiredToken": (Kind.TRANSIENT, CLOCK),
    "InvalidClientTokenId": (Kind.TRANSIENT, CLOCK),
    "InvalidSecurity": (Kind.TRANSIENT, CLOCK),
    "RequestExpired": (Kind.TRANSIENT, CLOCK),
    "SignatureDoesNotMatch": (Kind.TRANSIENT, CLOCK),
    "InternalError": (Kind.TRANSIENT, _BUSY),
    "InternalFailure": (Kind.TRANSIENT, _BUSY),
    "ServiceUnavailable": (Kind.TRANSIENT, _BUSY),
}
_VERDICTS = Verdicts(TABLE, rate=_RATE, denied=_DENIED, form=_FORM, busy=_BUSY)


def judge(
    answer: Response | NetworkFault, *, name: str, region: str, number: str
) -> Outcome:
    """The outcome of a call for the destination called `name`; it never shows whose
    `number` that is."""
    if isinstance(answer, NetworkFault):
        return Outcome(answer.kind, f"SNS: {answer.reason}")
    if 200 <= answer.status < 300:
        return Outcome(Kind.OK, message_id=_found(_ID, answer) or None)
    code, words = _found(_CODE, answer), unescape(_found(_WORDS, answer))
    kind, form = _verdict(answer.status, code, words)
    said = washing.shortened(washing.line(words).replace(number, "…"), TOLD)
    named = {"name": name, "region": region}
    reason = reason_of(form, answer.status, code, said, **named)
    limited = kind is Kind.LIMITED
    wait = (retry_after_ms(answer) or RATE_WAIT) if limited else 0
    return Outcome(kind, reason, wait_ms=wait)


def has_left(answer: Response | NetworkFault) -> bool:
    """Whether SNS says that the number opted out."""
    return isinstance(answer, Response) and _LEFT.search(answer.body) is not None


def _verdict(status: int, code: str, words: str) -> Verdict:
    if 400 <= status < 500 and _OPTED_OUT.search(words):
        return Kind.GONE, _GONE
    return _VERDICTS.of(status, code)


def _found(what: re.Pattern[bytes], answer: Response) -> str:
    found = what.search(answer.body)
    return found[1].decode("utf-8", "replace") if found else ""
