"""One request to a stand-in, as the store remembers it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from aiohttp import web


@dataclass(slots=True)
class Call:
    """One request to a stand-in, whatever became of it; secrets are masked."""

    at: float
    provider: str
    webhook: str
    method: str
    path: str
    address: str
    status: int
    code: int | None = None
    reason: str = ""
    retry_after: float | None = None
    fault: str = ""
    message_id: str = ""
    warnings: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def refused(self) -> bool:
        """Whether it was turned down for what it said (429 has its own count)."""
        return 400 <= self.status < 500 and self.status != 429


class Visited(Protocol):
    """What every stand-in learns about a request on its way."""

    request: web.Request
    at: float
    warnings: list[str]
    fault: str
    reason: str
    retry_after: float | None
    message_id: str


def call_of(
    visit: Visited, provider: str, mailbox: str, path: str, *, status: int, now: float
) -> Call:
    """The record of it. `path` hides what is secret; status 0: it got no answer."""
    return Call(
        at=visit.at,
        provider=provider,
        webhook=mailbox,
        method=visit.request.method,
        path=path,
        address=visit.request.remote or "",
        status=status,
        reason=visit.reason,
        retry_after=visit.retry_after,
        fault=visit.fault,
        message_id=visit.message_id,
        warnings=visit.warnings,
        seconds=round(now - visit.at, 4),
    )
