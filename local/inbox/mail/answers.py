"""Ordered faults in the words of SMTP: codes of HTTP become the nearest of mail."""

from __future__ import annotations

from typing import Final

from local.inbox.faults import Fault

TAKEN: Final = "250 2.0.0 Ok: taken"
GONE: Final = "550 5.1.1 The mailbox does not exist"
LOGIN: Final = "535 5.7.8 Authentication credentials invalid"
THROTTLED: Final = "454 Throttling failure: Maximum sending rate exceeded."
PAGE: Final = "<html><h1>Service Unavailable</h1></html>"
LATER: Final = "451 4.3.0 Try again later"
_AS_MAIL: Final = {
    400: "554 5.6.0 The mail is not valid",
    401: LOGIN,
    403: LOGIN,
    404: GONE,
    410: GONE,
    413: "552 5.3.4 The mail is too large",
    422: "554 5.6.0 The mail is not valid",
    429: THROTTLED,
    500: LATER,
    502: LATER,
    503: LATER,
    504: LATER,
}
_MODES: Final = {
    "gone": GONE,
    "unauthorized": LOGIN,
    "limited": THROTTLED,
    "html": PAGE,
}


def told(fault: Fault) -> str:
    """The line that a fault of this mode is answered with."""
    if fault.mode != "status":
        return _MODES.get(fault.mode, LATER)
    if isinstance(fault.body, str):
        return f"{fault.status} {' '.join(fault.body.split())}"
    if fault.status in _AS_MAIL:
        return _AS_MAIL[fault.status]
    code = fault.status if fault.status >= 400 else 451
    return f"{code} {code // 100}.0.0 As ordered"


def status(line: str) -> int:
    """The code of an answer; 0 for what is none."""
    return int(line[:3]) if line[:3].isdigit() else 0
