"""Texts in, by number, as SNS takes them."""

from __future__ import annotations

from typing import Any, Final

from aiohttp import web

from local.inbox.calls_in import CallIn, Manners, Receiver
from local.inbox.faults import FaultBook
from local.inbox.quotas import Quota
from local.inbox.sms import form
from local.inbox.store import Store

PROVIDER: Final = "sms"
_LEFT: Final = "Invalid parameter: PhoneNumber Reason: the number is opted out"
_FAULTS: Final[dict[str, tuple[int, Any, dict[str, str]]]] = {
    "gone": (400, form.error("InvalidParameter", _LEFT), {}),
    "unauthorized": (403, form.error("AuthorizationError", "not authorized"), {}),
    "limited": (400, form.error("Throttling", "Rate exceeded"), {}),
    "html": (502, "<html><h1>502 Bad Gateway</h1></html>", {}),
}


class SmsStandIn(Receiver):
    """A mailbox is a telephone: its number, as +41791234567. Twenty texts a second."""

    def __init__(self, store: Store, faults: FaultBook) -> None:
        manners = Manners(PROVIDER, self._take, _FAULTS, Quota(20, 1.0))
        super().__init__(store, faults, manners)

    def routes(self) -> list[web.RouteDef]:
        """The one address of SNS."""
        return [web.post("/sms/", self._call)]

    async def _call(self, request: web.Request) -> web.StreamResponse:
        mailbox = form.number_of(form.fields_of(await request.read()))
        return await self._desk.take(request, mailbox, "/")

    def _take(self, call: CallIn) -> web.Response:
        form.check_signature(call.request.headers.get("Authorization", ""))
        fields = form.fields_of(call.body)
        action = fields.get("Action", "")
        if action == "CheckIfPhoneNumberIsOptedOut":
            return _told(action, "<isOptedOut>false</isOptedOut>")
        if action != "Publish":
            words = "the inbox stands in for texts to telephone numbers only"
            raise form.refusal("InvalidAction", words)
        shown = form.read_text(fields)
        if shown["kind"] == "Promotional":
            call.warnings.append("Promotional: it may be late, or left out")
        call.message_id = f"sms{self._store.next_seq():08d}"
        self._desk.keep(call, dict(fields), shown, shown["body"])
        return _told(action, f"<MessageId>{call.message_id}</MessageId>")


def _told(action: str, inside: str) -> web.Response:
    return web.Response(text=form.answered(action, inside), content_type="text/xml")
