"""What a receiver's answers mean, as Standard Webhooks has it.

Only 2xx is success and only 410 is the end. Everything else, a 400 or a 404 as well as
a redirect, is tried again: a receiver is somebody's own code, which is mended.
https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

from tocsin.channels import _redaction
from tocsin.channels._answers import SHORTEST_WAIT
from tocsin.channels._http import NetworkFault, Response, retry_after_ms
from tocsin.channels.webhook.settings import Receiver
from tocsin.ports import Kind, Outcome

# 429 without a time to wait.
WAIT = 30_000
# 502 and 504: whatever stands before the receiver is overloaded.
BREATH = 5_000
_OVERLOADED = (502, 504)
_SLOWER = (429, 502, 503, 504)


def judge(answer: Response | NetworkFault, receiver: Receiver) -> Outcome:
    """The outcome of a call; its reason holds nothing of the destination's secrets."""
    if isinstance(answer, NetworkFault):
        return Outcome(answer.kind, f"the receiver: {answer.reason}")
    status = answer.status
    if 200 <= status < 300:
        return Outcome(Kind.OK)
    told = _redaction.shown(answer.body, receiver.hidden())
    reason = f"{_words(status)}: {told}" if told else _words(status)
    if status == 410:
        return Outcome(Kind.GONE, reason)
    wait = retry_after_ms(answer)
    if status == 429 or (wait and status in _SLOWER):
        return Outcome(Kind.LIMITED, reason, wait_ms=max(wait or WAIT, SHORTEST_WAIT))
    pause = BREATH if status in _OVERLOADED else 0
    return Outcome(Kind.TRANSIENT, reason, pause_ms=pause)


def there(answer: Response, method: str) -> tuple[bool, str]:
    """What the answer to an OPTIONS says: (whether calls should arrive, in words)."""
    status, allowed = answer.status, answer.headers.get("allow", "")
    if status in (405, 501):
        return True, f"there is a server, which does not say whether it takes {method}"
    if not 200 <= status < 300:
        return False, _words(status)
    named = {name.strip().upper() for name in allowed.split(",") if name.strip()}
    if named and method not in named:
        return False, f"the receiver does not take {method}: change `method`"
    return True, "the receiver answers"


def _words(status: int) -> str:
    if 300 <= status < 400:
        return (
            f"the receiver redirects ({status}), which is not followed: give the "
            "address it redirects to"
        )
    if status == 410:
        return "the receiver says that it is gone (410): no more calls are made"
    if status == 429:
        return "the receiver asks to be called less often (429)"
    return f"the receiver answered {status}"
