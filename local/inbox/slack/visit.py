"""One request on its way through the stand-in, and what is learnt about it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web

from local.inbox.slack.refusal import Json, Refusal
from local.inbox.visited import Call, call_of

PROVIDER: Final = "slack"


@dataclass(slots=True)
class Visit:
    """`box` is where the message is shown: a webhook's id (B…) or a channel's (C…)."""

    request: web.Request
    at: float
    bot: bool
    path: str
    box: str = ""
    body: Json = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    fault: str = ""
    reason: str = ""
    retry_after: float | None = None
    message_id: str = ""

    @property
    def words(self) -> str:
        """The body as text, for faults that concern only some messages."""
        return json.dumps(self.body, ensure_ascii=False)

    def call(self, status: int, now: float) -> Call:
        """The record of it."""
        return call_of(self, PROVIDER, self.box, self.path, status=status, now=now)


async def read_body(visit: Visit) -> None:
    """JSON, or a form whose `payload` or blocks are JSON. Raises Refusal."""
    kind = visit.request.content_type
    wrong = "invalid_form_data" if visit.bot else "invalid_payload"
    if visit.request.method == "GET":
        visit.body = dict(visit.request.query)
        return
    if kind == "application/x-www-form-urlencoded":
        visit.body = _form(dict(await visit.request.post()), wrong)
        return
    if visit.bot and kind != "application/json":
        raise Refusal("invalid_post_type")
    try:
        body = json.loads(await visit.request.read() or b"{}")
    except ValueError:
        raise Refusal("invalid_json" if visit.bot else wrong) from None
    if not isinstance(body, dict):
        raise Refusal("json_not_object" if visit.bot else wrong)
    visit.body = body
    if visit.bot and visit.request.charset is None:
        visit.warnings.append("missing_charset")


def _form(form: dict[str, object], wrong: str) -> Json:
    try:
        if "payload" in form:
            return dict(json.loads(str(form["payload"])))
        nested = ("blocks", "attachments", "metadata")
        return {
            name: json.loads(str(value)) if name in nested else str(value)
            for name, value in form.items()
        }
    except (ValueError, TypeError):
        raise Refusal(wrong) from None
