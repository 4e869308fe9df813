"""What the host of a workflow answers. A workflow that fails later says nothing.

https://learn.microsoft.com/azure/logic-apps/logic-apps-http-endpoint
"""

from __future__ import annotations

from tocsin import washing
from tocsin.channels import _redaction
from tocsin.channels._answers import limited
from tocsin.channels._http import NetworkFault, Response
from tocsin.ports import Kind, Outcome

REASON = 280
WAIT = 10_000
_LATER = (408, 425)
_GONE = (404, 410)
_RENEW = "make a new workflow in Teams and put its address to destination {name}"
_OFF = "WorkflowTriggerIsNotEnabled"


def judge(answer: Response | NetworkFault, *, name: str, url: str) -> Outcome:
    """The outcome of a call for the destination called `name`."""
    if isinstance(answer, NetworkFault):
        return Outcome(answer.kind, f"Teams: {answer.reason}")
    told = _redaction.shown(answer.body, _redaction.secrets_in_url(url), REASON)
    kind, words = _judged(answer.status, told)
    if kind is Kind.OK:
        return Outcome(kind)
    if kind is Kind.LIMITED:
        return limited("Teams", answer, WAIT)
    reason = washing.shortened(f"{words.format(name=name)}{_after(told)}", REASON)
    return Outcome(kind, reason)


def _judged(status: int, told: str) -> tuple[Kind, str]:
    # Connectors answered 200 with such words; a proxy before a workflow may still.
    if status == 429 or "HTTP error 429" in told:
        return Kind.LIMITED, ""
    if status == 413 or "HTTP error 413" in told:
        return Kind.PERMANENT, "Teams finds the card too large"
    if 200 <= status < 300:
        return Kind.OK, ""
    return _refused(status, told) if 400 <= status < 500 else _troubled(status)


def _refused(status: int, told: str) -> tuple[Kind, str]:
    if status in _LATER:
        return _troubled(status)
    if _OFF in told:
        return Kind.PERMANENT, "the workflow of destination {name} is switched off"
    if status in _GONE:
        return Kind.GONE, f"Teams no longer knows this workflow; {_RENEW}"
    if status in (401, 403):
        return Kind.PERMANENT, f"Teams refuses the address; {_RENEW}"
    return Kind.PERMANENT, f"Teams refuses the card ({status})"


def _troubled(status: int) -> tuple[Kind, str]:
    words = f"Teams has a problem of its own ({status}); it is tried again"
    return Kind.TRANSIENT, words


def _after(told: str) -> str:
    return f": {told}" if told else ""
