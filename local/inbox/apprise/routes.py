"""Messages in, by host: Pushover's own, and everything that posts JSON as to ntfy."""

from __future__ import annotations

import json
from typing import Any, Final

from aiohttp import web

from local.inbox.apprise import form
from local.inbox.calls_in import CallIn, Manners, Receiver, Refusal, answer
from local.inbox.faults import FaultBook
from local.inbox.quotas import Quota
from local.inbox.store import Json, Store

PROVIDER: Final = "apprise"
PUSHOVER: Final = "api.pushover.net"
_FAULTS: Final[dict[str, tuple[int, Any, dict[str, str]]]] = {
    "gone": (404, {"code": 40401, "http": 404, "error": "page not found"}, {}),
    "unauthorized": (403, {"code": 40301, "http": 403, "error": "forbidden"}, {}),
    "limited": (
        429,
        {"code": 42901, "http": 429, "error": "limit reached: too many requests"},
        {},
    ),
    "html": (502, "<html><h1>502 Bad Gateway</h1></html>", {}),
}


class AppriseStandIn(Receiver):
    """A mailbox is a topic (`ntfy-alerts`), or a person (`pushover-` and the end of
    their key); it takes sixty messages a minute."""

    def __init__(self, store: Store, faults: FaultBook) -> None:
        manners = Manners(PROVIDER, self._take, _FAULTS, Quota(60, 60.0))
        super().__init__(store, faults, manners)

    def routes(self) -> list[web.RouteDef]:
        """Every host of every service."""
        return [web.post("/apprise/{host}/{path:.*}", self._call)]

    async def _call(self, request: web.Request) -> web.StreamResponse:
        host = request.match_info["host"].partition(":")[0]
        mailbox = _mailbox(host, await request.read())
        return await self._desk.take(request, mailbox, f"/{host}/…")

    def _take(self, call: CallIn) -> web.Response:
        host = call.request.match_info["host"].partition(":")[0]
        path = call.request.match_info["path"]
        if host == PUSHOVER and path == "1/messages.json":
            return self._pushover(call)
        if not path:
            return self._ntfy(call, host)
        why = f"the inbox stands in for ntfy and Pushover only, not for {host}"
        raise Refusal(404, why)

    def _ntfy(self, call: CallIn, host: str) -> web.Response:
        shown = form.read_ntfy(call)
        call.message_id = f"ntfy{self._store.next_seq():08d}"
        self._show(call, {"service": "ntfy", "at": host, **shown}, call.json())
        topic = call.mailbox.removeprefix("ntfy-")
        told = {"id": call.message_id, "event": "message", "topic": topic}
        return answer(200, {**told, "message": shown["body"]})

    def _pushover(self, call: CallIn) -> web.Response:
        fields = form.fields_of(call.body)
        shown = form.read_pushover(fields)
        call.message_id = f"pushover{self._store.next_seq():08d}"
        hidden = {**fields, "token": "***", "user": "***"}
        self._show(call, {"service": "Pushover", "at": PUSHOVER, **shown}, hidden)
        return answer(200, {"status": 1, "request": call.message_id})

    def _show(self, call: CallIn, shown: Json, payload: Json) -> None:
        text = "\n".join(filter(None, (shown["title"], shown["body"], shown["link"])))
        self._desk.keep(call, payload, shown, text)


def _mailbox(host: str, body: bytes) -> str:
    if host == PUSHOVER:
        return f"pushover-{form.fields_of(body).get('user', '')[-4:]}"
    try:
        topic = form.topic_of(json.loads(body))
    except ValueError:
        topic = ""
    return f"ntfy-{topic}" if topic else f"apprise-{host}"
