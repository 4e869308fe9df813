"""Cards in. A workflow answers before it has looked: what it cannot post is lost
without a word to the sender, and told only here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from aiohttp import web

from local.inbox.calls_in import (
    HIDDEN,
    CallIn,
    Manners,
    Receiver,
    Refusal,
    answer,
)
from local.inbox.faults import FaultBook
from local.inbox.quotas import Quota
from local.inbox.store import Json, Store

PROVIDER: Final = "teams"
SIZE: Final = 28_672
SAFE_SIZE: Final = 20_480
VERSIONS: Final = ("1.0", "1.1", "1.2", "1.3", "1.4")
ACTIONS: Final = 6
CARD: Final = "application/vnd.microsoft.card.adaptive"
_WORKFLOW: Final = re.compile(r"workflows/([^/]+)/triggers/[^/]+/paths/invoke")
_FAULTS: Final[dict[str, tuple[int, Any, dict[str, str]]]] = {
    "gone": (404, {"error": {"code": "WorkflowNotFound", "message": "Not found"}}, {}),
    "unauthorized": (
        401,
        {"error": {"code": "DirectApiAuthorizationRequired", "message": "No"}},
        {},
    ),
    "limited": (429, {"error": {"code": "TooManyRequests", "message": "Slow"}}, {}),
    "html": (502, "<html><h1>Bad Gateway</h1></html>", {}),
}


class TeamsStandIn(Receiver):
    """A mailbox is a workflow: `workflow-` and the last letters of its id. It takes
    four cards a second."""

    def __init__(self, store: Store, faults: FaultBook) -> None:
        manners = Manners(PROVIDER, self._take, _FAULTS, Quota(4, 1.0))
        super().__init__(store, faults, manners)

    def routes(self) -> list[web.RouteDef]:
        """Every host of workflows."""
        return [
            web.options("/teams/{host}/{path:.*}", self._methods),
            web.post("/teams/{host}/{path:.*}", self._call),
        ]

    async def _methods(self, request: web.Request) -> web.Response:
        return answer(200, None, {"Allow": "POST, OPTIONS"})

    async def _call(self, request: web.Request) -> web.StreamResponse:
        found = _WORKFLOW.search(request.match_info["path"])
        mailbox = f"workflow-{found[1][-6:]}" if found else "workflow-unknown"
        return await self._desk.take(request, mailbox, f"/…/invoke?sig={HIDDEN}")

    def _take(self, call: CallIn) -> web.Response:
        if call.mailbox == "workflow-unknown":
            raise Refusal(404, "no workflow has this address", _FAULTS["gone"][1])
        if not call.request.query.get("sig"):
            raise Refusal(401, "the address has no sig", _FAULTS["unauthorized"][1])
        payload = call.json()
        try:
            card = read_card(payload, len(call.body))
        except ValueError as error:
            call.reason = f"answered 202 and never posted: {error}"
            call.warnings.append(str(error))
            return answer(202)
        if len(call.body) > SAFE_SIZE:
            call.warnings.append("more than 20 KB: Teams may drop it without a word")
        call.message_id = f"card-{self._store.next_seq()}"
        self._desk.keep(call, payload, card, "\n".join(_words(card)))
        return answer(202)


def read_card(payload: Json, size: int) -> Json:
    """The card in a message. Raises ValueError for one that no workflow can post."""
    if size > SIZE:
        raise ValueError(f"the message has {size} bytes, more than {SIZE}")
    attachments = payload.get("attachments")
    if payload.get("type") != "message" or not isinstance(attachments, list):
        raise ValueError("not a message with attachments")
    (first, *_) = attachments or [None]
    if not isinstance(first, dict) or first.get("contentType") != CARD:
        raise ValueError(f"the attachment is not of the type {CARD}")
    card = first.get("content")
    if not isinstance(card, dict) or card.get("type") != "AdaptiveCard":
        raise ValueError("the attachment is no adaptive card")
    if card.get("version") not in VERSIONS:
        raise ValueError(f"Teams does not know version {card.get('version')!r}")
    if not isinstance(card.get("body"), list):
        raise ValueError("the card has no body")
    _check_actions(card.get("actions", []))
    return card


def _check_actions(actions: Any) -> None:
    if not isinstance(actions, list) or len(actions) > ACTIONS:
        raise ValueError(f"actions is not a list of at most {ACTIONS}")
    for action in actions:
        if not isinstance(action, dict) or action.get("type") != "Action.OpenUrl":
            raise ValueError("only Action.OpenUrl works in a workflow's card")


def _words(value: Any) -> Iterator[str]:
    """What a reader sees of a card."""
    if isinstance(value, dict):
        for name, one in value.items():
            if name in ("text", "title") and isinstance(one, str):
                yield one
            else:
                yield from _words(one)
    elif isinstance(value, list):
        for one in value:
            yield from _words(one)
