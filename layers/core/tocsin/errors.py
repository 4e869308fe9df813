"""Every error that Tocsin raises on purpose, as one tree.

TocsinError
├── Refused               the caller's fault: answered 4xx, changes nothing
│   ├── Malformed         400  not JSON, not UTF-8, nested too deep
│   ├── Unauthorized      401  no key, or one we do not know
│   ├── Forbidden         403  the key lacks the scope
│   ├── NotFound          404
│   ├── NotAllowed        405  wrong method
│   ├── Conflict          409  it changed meanwhile, or the key was used before
│   ├── Gone              410  it was there, and its time is over
│   ├── Outdated          412  the ETag named is not the current one
│   ├── TooLarge          413
│   ├── Unsupported       415  wrong content type
│   ├── Invalid           422  understood, but a field is wrong
│   └── TooMany           429  more than the source may send; later is fine
├── Unavailable           ours or AWS's fault: answered 503, try again
│   └── Unreadable             a stored row of another version of this code
└── Stale                 a conditional write lost: someone else was faster
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tocsin.values import dataclass


class TocsinError(Exception):
    """The root of all errors raised on purpose."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a request: `field` is a dotted path ("" = the whole)."""

    field: str
    reason: str


class Refused(TocsinError):
    """The caller's fault: `status` is HTTP's, `faults` name field and reason."""

    status = 400
    title = "Refused"

    def __init__(self, detail: str, faults: Iterable[Fault] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.faults = tuple(faults)


class Malformed(Refused):
    """The body cannot be read at all."""

    status, title = 400, "Malformed request"


class Unauthorized(Refused):
    """No key was given, or one that is not known."""

    status, title = 401, "Key missing or unknown"


class Forbidden(Refused):
    """The key is known and may not do this."""

    status, title = 403, "Not allowed for this key"


class NotFound(Refused):
    """There is no such thing."""

    status, title = 404, "Not found"


class NotAllowed(Refused):
    """The path exists, the method does not."""

    status, title = 405, "Method not allowed"


class Conflict(Refused):
    """The request contradicts what is stored."""

    status, title = 409, "Conflict"


class Gone(Refused):
    """It was there, and its time is over."""

    status, title = 410, "No longer there"


class Outdated(Refused):
    """The caller's copy (ETag) is not the current one."""

    status, title = 412, "Changed meanwhile"


class TooLarge(Refused):
    """Larger than a stated limit."""

    status, title = 413, "Too large"


class Unsupported(Refused):
    """A content type that no adapter reads."""

    status, title = 415, "Unsupported content type"


class Invalid(Refused):
    """Readable, but at least one field is wrong."""

    status, title = 422, "Invalid request"


class TooMany(Refused):
    """More than was agreed on; `wait_s` says when there is room again."""

    status, title = 429, "Too many events"

    def __init__(
        self, detail: str, faults: Iterable[Fault] = (), *, wait_s: int = 60
    ) -> None:
        super().__init__(detail, faults)
        self.wait_s = wait_s


class Unavailable(TocsinError):
    """Our side cannot do it now; the same request may be sent again."""


class Unreadable(Unavailable):
    """A stored row that this version of the code does not understand."""


class Stale(TocsinError):
    """A conditional write lost. `losers` are the positions that had changed."""

    def __init__(self, losers: Sequence[int] = ()) -> None:
        super().__init__(f"changed meanwhile: {list(losers)}")
        self.losers = tuple(losers)
