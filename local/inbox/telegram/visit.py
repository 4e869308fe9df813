"""One request on its way through the stand-in, and what is learnt about it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web

from local.inbox.shelf import Upload
from local.inbox.store import Json
from local.inbox.visited import Call, call_of

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

    def call(self, status: int, now: float) -> Call:
        """The record of it."""
        path = self.masked_path
        return call_of(self, PROVIDER, self.mailbox, path, status=status, now=now)
