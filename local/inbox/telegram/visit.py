"""One request on its way through the stand-in, and what is learnt about it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web

from local.inbox.shelf import Upload
from local.inbox.store import Call, Json

PROVIDER: Final = "telegram"


@dataclass(slots=True)
class Visit:
    """One request on its way through the stand-in."""

    request: web.Request
    at: float
    bot: int
    token: str
    method: str
    given: Json = field(default_factory=dict)
    files: dict[str, Upload] = field(default_factory=dict)
    mailbox: str = ""
    warnings: list[str] = field(default_factory=list)
    fault: str = ""
    reason: str = ""
    retry_after: float | None = None
    message_id: str = ""

    @property
    def masked_path(self) -> str:
        """Path and query without the token."""
        return self.request.path_qs.replace(self.token, "***")

    @property
    def words(self) -> str:
        """The parameters as text, for faults that concern only some messages."""
        return json.dumps(self.given, ensure_ascii=False) if self.given else ""

    def logged(self, status: int, now: float) -> Call:
        """What is remembered of it."""
        return Call(
            at=self.at,
            provider=PROVIDER,
            webhook=self.mailbox,
            method=self.request.method,
            path=self.masked_path,
            address=self.request.remote or "",
            status=status,
            reason=self.reason,
            retry_after=self.retry_after,
            fault=self.fault,
            message_id=self.message_id,
            warnings=self.warnings,
            seconds=round(now - self.at, 4),
        )
