"""Events in; alerts open, acknowledged and resolved, as a service would list them."""

from __future__ import annotations

import hashlib
from typing import Any, Final

from aiohttp import web

from local.inbox.calls_in import CallIn, Manners, Receiver, answer, words_in
from local.inbox.faults import FaultBook
from local.inbox.pagerduty import form
from local.inbox.quotas import Quota
from local.inbox.store import Arrival, Json, Store

PROVIDER: Final = "pagerduty"
_NO_KEY: Final = form.invalid("'routing_key' is missing or is not a valid key")
_FAULTS: Final[dict[str, tuple[int, Any, dict[str, str]]]] = {
    "gone": (_NO_KEY.status, _NO_KEY.body, {}),
    "unauthorized": (403, {"status": "forbidden", "message": "Forbidden"}, {}),
    "limited": (429, {"status": "throttle exceeded", "message": "Throttled"}, {}),
    "html": (502, "<html><h1>502 Bad Gateway</h1></html>", {}),
}
_STATES: Final = {
    "trigger": "triggered",
    "acknowledge": "acknowledged",
    "resolve": "resolved",
}


class PagerDutyStandIn(Receiver):
    """A mailbox is a service: `pd-` and the last four letters of its key, and takes 120
    events a minute."""

    def __init__(self, store: Store, faults: FaultBook) -> None:
        manners = Manners(PROVIDER, self._take, _FAULTS, Quota(120, 60.0))
        super().__init__(store, faults, manners)

    def routes(self) -> list[web.RouteDef]:
        """The two addresses of the Events API."""
        return [
            web.post("/pagerduty/v2/enqueue", self._call),
            web.post("/pagerduty/v2/change/enqueue", self._call),
        ]

    async def _call(self, request: web.Request) -> web.StreamResponse:
        path = request.path.removeprefix("/pagerduty")
        return await self._desk.take(request, await _mailbox(request), path)

    def _take(self, call: CallIn) -> web.Response:
        event = call.json()
        form.read_key(event, len(call.body))
        if call.path.startswith("/v2/change"):
            form.check_change(event)
            return self._change(call, event)
        form.check_alert(event)
        call.warnings += form.mistakes(event)
        call.message_id = event.get("dedup_key") or _invented(call)
        self._alert(call, event)
        told = {"status": "success", "message": "Event processed"}
        return answer(202, {**told, "dedup_key": call.message_id})

    def _alert(self, call: CallIn, event: Json) -> None:
        """An open alert is updated; after its end the same key opens another."""
        state = _STATES[event["event_action"]]
        known = self._desk.find(call, call.message_id)
        if known is not None and known.message["state"] != "resolved":
            self._update(known, event, state)
        elif state == "triggered":
            shown = _shown(event, state, call.message_id)
            self._desk.keep(call, _hidden(event), shown, "\n".join(words_in(shown)))
        else:
            call.reason = f"no alert is open under this dedup_key: {state} is dropped"

    def _update(self, known: Arrival, event: Json, state: str) -> None:
        before = known.message
        after = {**before, "state": state}
        if state == "triggered":
            after = _shown(event, before["state"], before["id"])
            after["times"] = before["times"] + 1
        self._store.edit(known, _hidden(event), after, "\n".join(words_in(after)))

    def _change(self, call: CallIn, event: Json) -> web.Response:
        call.message_id = _invented(call)
        shown = _shown(event, "change", call.message_id)
        self._desk.keep(call, _hidden(event), shown, "\n".join(words_in(shown)))
        return answer(202, {"status": "success", "message": "Change event processed"})


async def _mailbox(request: web.Request) -> str:
    try:
        key = str((await request.json())["routing_key"])
    except (ValueError, KeyError, TypeError):
        key = ""
    return f"pd-{key[-4:]}"


def _shown(event: Json, state: str, name: str) -> Json:
    """What a person sees of it."""
    kept = ("client", "client_url", "links", "images")
    alert = {key: event[key] for key in kept if key in event}
    return {**alert, **event["payload"], "id": name, "state": state, "times": 1}


def _hidden(event: Json) -> Json:
    return {**event, "routing_key": "***"}


def _invented(call: CallIn) -> str:
    seed = f"{call.at}".encode() + call.body
    return hashlib.sha256(seed).hexdigest()[:32]
