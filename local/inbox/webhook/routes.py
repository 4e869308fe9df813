"""The receiver: calls in, an answer out, and what a program would have got to see."""

from __future__ import annotations

import base64
import re
from typing import Any, Final

from aiohttp import web

from local.inbox.calls_in import (
    HIDDEN,
    CallIn,
    Manners,
    Receiver,
    Refusal,
    answer,
    words_in,
)
from local.inbox.faults import FaultBook
from local.inbox.store import Json, Store
from local.inbox.webhook import signatures

PROVIDER: Final = "webhook"
LIMIT: Final = 20_000
METHODS: Final = ("POST", "PUT")
_TYPE: Final = re.compile(r"[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*")
_FAULTS: Final[dict[str, tuple[int, Any, dict[str, str]]]] = {
    "gone": (410, {"error": "this receiver is gone"}, {}),
    "unauthorized": (401, {"error": "who is there?"}, {}),
    "limited": (429, {"error": "slower, please"}, {}),
    "html": (503, "<html><h1>Service Unavailable</h1></html>", {}),
}


class WebhookStandIn(Receiver):
    """Answers for any host. A mailbox of the inbox is a host. There is no limit, until
    one is ordered."""

    def __init__(self, store: Store, faults: FaultBook) -> None:
        super().__init__(store, faults, Manners(PROVIDER, self._take, _FAULTS))
        self._secrets: dict[str, list[str]] = {}

    def routes(self) -> list[web.RouteDef]:
        """The receivers, and where programs tell their secrets."""
        return [
            web.options("/webhook/{host}/{path:.*}", self._methods),
            web.route("*", "/webhook/{host}/{path:.*}", self._call),
            web.get("/_control/receivers", self._known),
            web.post("/_control/receivers", self._learn),
        ]

    def reset(self) -> None:
        """As on the first start: no secret is known."""
        super().reset()
        self._secrets.clear()

    async def _methods(self, request: web.Request) -> web.Response:
        return answer(204, None, {"Allow": ", ".join((*METHODS, "OPTIONS"))})

    async def _call(self, request: web.Request) -> web.StreamResponse:
        host, path = request.match_info["host"], request.match_info["path"]
        shown = f"/{path}?{HIDDEN}" if request.query_string else f"/{path}"
        return await self._desk.take(request, host, shown)

    def _take(self, call: CallIn) -> web.Response:
        if call.request.method not in METHODS:
            raise Refusal(405, f"this receiver takes {' and '.join(METHODS)}")
        signed = signatures.read(call.request.headers)
        call.message_id = signed.id
        secrets = self._secrets.get(call.mailbox, [])
        if secrets:
            signatures.check(signed, call.body, secrets, call.at)
        payload = call.json()
        call.warnings += mistakes(payload, len(call.body))
        if self._desk.find(call, signed.id):
            call.warnings.append("the same webhook-id again: taken once")
        else:
            shown = {
                "method": call.request.method,
                "id": signed.id,
                "verified": bool(secrets),
                "signatures": len(signed.signatures),
                "body": payload,
            }
            self._desk.keep(call, payload, shown, "\n".join(words_in(payload)))
        return answer(204)

    async def _known(self, request: web.Request) -> web.Response:
        counts = {host: len(secrets) for host, secrets in self._secrets.items()}
        return answer(200, {"receivers": counts})

    async def _learn(self, request: web.Request) -> web.Response:
        """Body: {"host": …, "secrets": ["whsec_…"]}; from now on they are checked."""
        try:
            body = await request.json()
            host, secrets = str(body["host"]), [str(one) for one in body["secrets"]]
            for secret in secrets:
                base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except (ValueError, KeyError, TypeError):
            return answer(400, {"error": "write {host, secrets: [whsec_<base64>]}"})
        self._secrets[host] = secrets
        return await self._known(request)


def mistakes(payload: Json, size: int) -> list[str]:
    """What Standard Webhooks asks of a body and this one does not have."""
    found = []
    kind, moment = payload.get("type"), payload.get("timestamp")
    if not (isinstance(kind, str) and _TYPE.fullmatch(kind)):
        found.append("type is not words divided by dots")
    if not (isinstance(moment, str) and re.match(r"\d{4}-\d\d-\d\dT.*Z$", moment)):
        found.append("timestamp is not a moment in ISO 8601")
    if not isinstance(payload.get("data"), dict):
        found.append("data is not an object")
    if size > LIMIT:
        found.append(f"the body has {size} bytes, more than {LIMIT}")
    return found
