"""What the answers of Amazon SES mean, by AWS's name for what is wrong.

https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html#API_SendEmail_Errors
https://docs.aws.amazon.com/ses/latest/dg/manage-sending-quotas-errors.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from tocsin.channels._answers import fields_of, text_of
from tocsin.channels._aws import CLOCK, Verdict, Verdicts, reason_of, refusal_of
from tocsin.channels._http import NetworkFault, Response, retry_after_ms
from tocsin.ports import Kind, Outcome

# A rate is counted by the second; SES says nothing of how long to wait.
RATE_WAIT = 5_000
QUOTA_WAIT = 3_600_000
_DAILY = re.compile(r"daily|quota|24.?h", re.IGNORECASE)

_RATE = "SES asks for fewer mails ({told})"
_PAUSED = (
    "SES sends nothing for this account or configuration set ({told}): it was paused, "
    "see the SES console; it is tried again"
)
_SUSPENDED = (
    "AWS has suspended sending for this account ({told}): appeal in the SES console, "
    "then put destination {name} again"
)
_REJECTED = (
    "SES refuses the mail ({told}): verify sender, and in the sandbox every recipient "
    "of {name}, in {region}; then replay"
)
_MAIL_FROM = (
    "the MAIL FROM domain of {name}'s sender is not verified ({told}): set its MX "
    "record, or let SES fall back to its own; then replay"
)
_NOT_FOUND = "SES in {region} knows no such thing ({told}): check configuration_set"
_DENIED = (
    "our role may not send as {name}'s sender ({told}): name its identity in the "
    "parameter SesIdentities, deploy, then replay"
)
_FORM = "SES refuses the call ({told})"
_BUSY = "SES has a problem of its own ({told}); it is tried again"

TABLE: Mapping[str, Verdict] = {
    "TooManyRequestsException": (Kind.LIMITED, _RATE),
    "ThrottlingException": (Kind.LIMITED, _RATE),
    "Throttling": (Kind.LIMITED, _RATE),
    "LimitExceededException": (Kind.LIMITED, _RATE),
    "SendingPausedException": (Kind.TRANSIENT, _PAUSED),
    "AccountSuspendedException": (Kind.GONE, _SUSPENDED),
    "MessageRejected": (Kind.PERMANENT, _REJECTED),
    "MailFromDomainNotVerifiedException": (Kind.PERMANENT, _MAIL_FROM),
    "NotFoundException": (Kind.PERMANENT, _NOT_FOUND),
    "BadRequestException": (Kind.PERMANENT, _FORM),
    "AccessDeniedException": (Kind.PERMANENT, _DENIED),
    "ExpiredTokenException": (Kind.TRANSIENT, CLOCK),
    "InvalidSignatureException": (Kind.TRANSIENT, CLOCK),
    "SignatureDoesNotMatch": (Kind.TRANSIENT, CLOCK),
    "UnrecognizedClientException": (Kind.TRANSIENT, CLOCK),
    "RequestExpired": (Kind.TRANSIENT, CLOCK),
}
_VERDICTS = Verdicts(TABLE, rate=_RATE, denied=_DENIED, form=_FORM, busy=_BUSY)


def judge(answer: Response | NetworkFault, *, name: str, region: str) -> Outcome:
    """The outcome of a call for the destination called `name`."""
    if isinstance(answer, NetworkFault):
        return Outcome(answer.kind, f"SES: {answer.reason}")
    if 200 <= answer.status < 300:
        return Outcome(Kind.OK, message_id=text_of(fields_of(answer), "MessageId"))
    code, words = refusal_of(answer)
    kind, form = _VERDICTS.of(answer.status, code)
    named = {"name": name, "region": region}
    reason = reason_of(form, answer.status, code, words, **named)
    wait = 0
    if kind is Kind.LIMITED:
        daily = code == "LimitExceededException" or _DAILY.search(words)
        wait = retry_after_ms(answer) or (QUOTA_WAIT if daily else RATE_WAIT)
    return Outcome(kind, reason, wait_ms=wait)


def is_unknown(answer: Response | NetworkFault) -> bool:
    """Whether SES says that there is no such thing."""
    return isinstance(answer, Response) and answer.status == 404
