"""One request on its way through the stand-in, and what is learnt about it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import web

from local.inbox.shelf import Upload

PROVIDER: Final = "discord"
_TRUE: Final = ("true", "True", "1")


@dataclass(slots=True)
class Visit:
    """One request on its way through the stand-in."""

    request: web.Request
    route: str
    at: float
    webhook: str
    token: str
    address: str
    body: Any = None
    uploads: list[Upload] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    fault: str = ""
    reason: str = ""
    code: int | None = None
    retry_after: float | None = None
    message_id: str = ""
    shared: bool = False
    bot: bool = False

    @property
    def masked_path(self) -> str:
        """Path and query without the token."""
        return self.request.path_qs.replace(self.token, "***")

    @property
    def words(self) -> str:
        """The body as text, for faults that concern only some messages."""
        return json.dumps(self.body, ensure_ascii=False) if self.body else ""

    def flag(self, name: str) -> bool:
        """Whether a switch of the query is on. A bot needs none: it is answered with
        the message, and may have components."""
        return self.bot or self.request.query.get(name) in _TRUE
