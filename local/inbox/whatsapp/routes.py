"""Messages in, and people who write back: that opens a window of 24 hours."""

from __future__ import annotations

import re
from typing import Any, Final

from aiohttp import web

from local.inbox.calls_in import CallIn, Manners, Receiver, answer
from local.inbox.faults import FaultBook
from local.inbox.quotas import Quota
from local.inbox.store import Json, Store
from local.inbox.whatsapp import form

PROVIDER: Final = "whatsapp"
WINDOW: Final = 24 * 3600.0
_BEARER: Final = re.compile(r"Bearer [A-Za-z0-9_.|~-]{20,}", re.ASCII)
_EXPIRED: Final = form.error(190, "Error validating access token")
_FAULTS: Final[dict[str, tuple[int, Any, dict[str, str]]]] = {
    "gone": (403, form.error(131031, "The account is locked"), {}),
    "unauthorized": (401, _EXPIRED, {}),
    "blocked": (400, form.error(131026, "Message undeliverable"), {}),
    "limited": (400, form.error(131056, "Too many messages to this recipient"), {}),
    "html": (502, "<html><h1>502 Bad Gateway</h1></html>", {}),
}


class WhatsAppStandIn(Receiver):
    """A mailbox is a person: their number, as +41791234567. They get ten messages a
    minute."""

    def __init__(self, store: Store, faults: FaultBook) -> None:
        manners = Manners(PROVIDER, self._take, _FAULTS, Quota(10, 60.0))
        super().__init__(store, faults, manners)
        self._open_until: dict[tuple[str, str], float] = {}

    def reset(self) -> None:
        """As on the first start, with every window closed."""
        super().reset()
        self._open_until.clear()

    def routes(self) -> list[web.RouteDef]:
        """Two addresses of the Graph API, and one by which a person writes."""
        number = r"/whatsapp/{version:v\d+\.\d}/{number:\d+}"
        return [
            web.get(number, self._ask),
            web.post(f"{number}/messages", self._call),
            web.post("/whatsapp/people/{person}/messages", self._write),
        ]

    async def _ask(self, request: web.Request) -> web.StreamResponse:
        return await self._desk.take(request, "", request.path)

    async def _call(self, request: web.Request) -> web.StreamResponse:
        path = request.path.removeprefix("/whatsapp")
        return await self._desk.take(request, await _mailbox(request), path)

    def _take(self, call: CallIn) -> web.Response:
        if not _BEARER.fullmatch(call.request.headers.get("Authorization", "")):
            raise form.refusal(190, "Error validating access token", 401)
        number = call.request.match_info["number"]
        if call.request.method == "GET":
            return answer(200, _described(number))
        told = call.json()
        shown = form.read_message(told)
        if shown["type"] != "template" and not self._is_open(number, call):
            raise form.refusal(
                131047, "more than 24 hours have passed since the customer last replied"
            )
        call.message_id = f"wamid.inbox{self._store.next_seq():08d}"
        if shown["type"] == "template" and shown["template"] not in form.TEMPLATES:
            call.warnings.append("the inbox does not know this template's own words")
        self._desk.keep(call, told, shown | {"from": "Tocsin"}, shown["body"])
        return answer(
            200,
            {
                "messaging_product": "whatsapp",
                "contacts": [{"input": told["to"], "wa_id": call.mailbox[1:]}],
                "messages": [{"id": call.message_id, "message_status": "accepted"}],
            },
        )

    def _is_open(self, number: str, call: CallIn) -> bool:
        return self._open_until.get((number, call.mailbox), 0.0) > call.at

    async def _write(self, request: web.Request) -> web.Response:
        """A person writes: `{"phone_number_id": …, "text": …}`. The answer is the
        webhook that WhatsApp would send."""
        told = await request.json()
        number, person = str(told["phone_number_id"]), request.match_info["person"]
        now = self._store.clock()
        self._open_until[number, person] = now + WINDOW
        return web.json_response(_webhook(number, person, str(told["text"]), now))


async def _mailbox(request: web.Request) -> str:
    try:
        told = await request.json()
    except ValueError:
        return ""
    return form.recipient(told) if isinstance(told, dict) else ""


def _described(number: str) -> Json:
    return {
        "display_phone_number": "+1 555-078-3881",
        "verified_name": "Tocsin",
        "quality_rating": "GREEN",
        "id": number,
    }


def _webhook(number: str, person: str, text: str, now: float) -> Json:
    message = {
        "from": person.lstrip("+"),
        "id": f"wamid.written{int(now)}",
        "timestamp": str(int(now)),
        "type": "text",
        "text": {"body": text},
    }
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550783881", "phone_number_id": number},
        "messages": [message],
    }
    changes = [{"field": "messages", "value": value}]
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": "102290129340398", "changes": changes}],
    }
