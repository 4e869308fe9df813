"""One request to a stand-in, as the store remembers it."""

from __future__ import annotations

from typing import Protocol

from aiohttp import web

from local.inbox.store import Call


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
