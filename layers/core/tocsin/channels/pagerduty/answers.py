"""What PagerDuty's answers mean.

https://developer.pagerduty.com/docs/events-api-v2-overview#response-codes--retry-logic
"""

from __future__ import annotations

from tocsin import washing
from tocsin.channels._answers import fields_of, limited
from tocsin.channels._http import NetworkFault, Response
from tocsin.ports import Kind, Outcome

REASON = 280
# About 120 events a minute and key; the documentation asks for half a minute of rest.
WAIT = 30_000
_LATER = (408, 425)


def judge(
    answer: Response | NetworkFault, *, name: str, key: str, message_id: str | None
) -> Outcome:
    """The outcome of a call for the destination called `name`."""
    if isinstance(answer, NetworkFault):
        return Outcome(answer.kind, f"PagerDuty: {answer.reason}")
    status = answer.status
    if 200 <= status < 300:
        return Outcome(Kind.OK, message_id=message_id)
    if status == 429:
        return limited("PagerDuty", answer, WAIT)
    if status in _LATER or not 400 <= status < 500:
        reason = f"PagerDuty has a problem of its own ({status}); it is tried again"
        return Outcome(Kind.TRANSIENT, reason)
    told = washing.line(_told(answer)).replace(key, "…") or f"status {status}"
    reason = f"PagerDuty refuses the event: {told}"
    if "routing" in told.lower():
        reason = f"{reason}; put the Integration Key of destination {name} again"
    return Outcome(Kind.PERMANENT, washing.shortened(reason, REASON))


def _told(answer: Response) -> str:
    """PagerDuty's own message, and the first faults that it names."""
    fields = fields_of(answer)
    errors = fields.get("errors")
    named = errors[:3] if isinstance(errors, list) else []
    words = [fields.get("message"), *named]
    return "; ".join(word for word in words if isinstance(word, str) and word)
