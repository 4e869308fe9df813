"""The web face of the Slack stand-in: calls in, Slack's answers out."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Final

from aiohttp import web

from local.inbox.faults import Fault, FaultBook
from local.inbox.pressing import Pressed
from local.inbox.shelf import Shelf
from local.inbox.slack.actions import Actions
from local.inbox.slack.app import App
from local.inbox.slack.pacing import Pacer
from local.inbox.slack.refusal import Json, Refusal
from local.inbox.slack.uploads import Uploads
from local.inbox.slack.visit import Visit, read_body
from local.inbox.store import Arrival, Store

_HOOK: Final = "/slack/services/{team}/{hook}/{secret}"
_METHOD: Final = "/slack/api/{method}"
_TEAM: Final = re.compile(r"T[A-Z0-9]{2,20}", re.ASCII)
_BOX: Final = re.compile(r"[BCDG][A-Z0-9]{2,30}", re.ASCII)
_OUTAGE: Final = "<!DOCTYPE html><html><body><h1>Slack is down</h1></body></html>"
_OF_NO_CHANNEL: Final = ("auth.test", "files.getUploadURLExternal")
Action = Callable[[Visit], Json]


class SlackStandIn:
    """Answers as Slack would, and keeps what people would have seen. `api` gives where
    the stack's API answers, for presses."""

    def __init__(
        self, store: Store, faults: FaultBook, api: Callable[[], str], shelf: Shelf
    ) -> None:
        self.pacer = Pacer()
        self._app = App(api)
        self._store = store
        self._faults = faults
        self._actions = Actions(store)
        self._uploads = Uploads(store, shelf)
        self._methods: dict[str, Action] = {
            "auth.test": self._actions.who,
            "chat.delete": self._actions.delete,
            "chat.postMessage": self._actions.post,
            "chat.update": self._actions.update,
            "conversations.info": self._actions.channel,
            "files.completeUploadExternal": self._uploads.complete,
            "files.getUploadURLExternal": self._uploads.ask,
        }

    @property
    def application(self) -> dict[str, str]:
        """See `Pressable`."""
        return self._app.told

    async def press(self, arrival: Arrival, button: str, user: str) -> Pressed:
        """See `Pressable`."""
        return await self._app.press(arrival, button, user)

    def reset(self) -> None:
        """As on the first start."""
        self.pacer = Pacer()

    def routes(self) -> list[web.RouteDef]:
        """Webhooks, and the methods of the API."""
        return [
            web.post(_HOOK, self._hook),
            web.get(_METHOD, self._method),
            web.post(_METHOD, self._method),
            *self._app.routes(),
            *self._uploads.routes(),
        ]

    async def _hook(self, request: web.Request) -> web.StreamResponse:
        found = request.match_info
        path = f"/slack/services/{found['team']}/{found['hook']}/***"
        visit = Visit(request, self._store.clock(), False, path, found["hook"])

        def act() -> Json:
            if not _TEAM.fullmatch(found["team"]):
                raise Refusal("no_team")
            if not _BOX.fullmatch(found["hook"]):
                raise Refusal("no_service")
            return self._actions.post(visit)

        return await self._serve(visit, act)

    async def _method(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        visit = Visit(request, self._store.clock(), True, f"/slack/api/{method}")

        def act() -> Json:
            _check_token(request)
            action = self._methods.get(method)
            if action is None:
                raise Refusal("unknown_method", req_method=method)
            if method not in _OF_NO_CHANNEL and not _BOX.fullmatch(visit.box):
                raise Refusal("channel_not_found")
            return action(visit)

        return await self._serve(visit, act)

    # -- one call --------------------------------------------------------------

    async def _serve(self, visit: Visit, act: Callable[[], Json]) -> web.StreamResponse:
        try:
            response = await self._answer(visit, act)
        except Refusal as refusal:
            visit.reason = refusal.reason()
            response = _refused(visit, refusal)
        except ConnectionAbortedError:
            self._log(visit, 0)
            if visit.request.transport is not None:
                visit.request.transport.abort()
            return web.Response(status=502)
        self._log(visit, response.status)
        return response

    async def _answer(self, visit: Visit, act: Callable[[], Json]) -> web.Response:
        await read_body(visit)
        if visit.bot:
            named = visit.body.get("channel") or visit.body.get("channel_id")
            visit.box = str(named or "")
        if visit.path.endswith(("chat.postMessage", "***")):
            wait = self.pacer.wait(visit.box, visit.at)
            if wait:
                return _held_back(visit, wait)
        fault = self._faults.draw(visit.box, visit.request.method, visit.words)
        if fault is None:
            return _taken(visit, act())
        visit.fault, visit.reason = fault.mode, f"{fault.mode}, as ordered"
        if fault.mode == "slow":
            await asyncio.sleep(fault.seconds)
            return _taken(visit, act())
        if fault.stores:
            act()
        return await _fail(visit, fault)

    def _log(self, visit: Visit, status: int) -> None:
        self._store.log(visit.call(status, self._store.clock()))


def _check_token(request: web.Request) -> None:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind != "Bearer" or not token:
        raise Refusal("not_authed")
    if not token.startswith(("xoxb-", "xoxp-")):
        raise Refusal("invalid_auth")


def _taken(visit: Visit, body: Json) -> web.Response:
    return web.json_response(body) if visit.bot else web.Response(text="ok")


def _refused(visit: Visit, refusal: Refusal) -> web.Response:
    if visit.bot:
        return web.json_response(refusal.body())
    return web.Response(status=refusal.status, text=refusal.error)


def _held_back(visit: Visit, wait: float) -> web.Response:
    visit.retry_after = wait
    visit.reason = f"rate limited, wait {wait:g} s"
    headers = {"Retry-After": f"{wait:g}"}
    if visit.bot:
        body = {"ok": False, "error": "ratelimited"}
        return web.json_response(body, status=429, headers=headers)
    return web.Response(status=429, text="rate_limited", headers=headers)


async def _fail(visit: Visit, fault: Fault) -> web.Response:
    if fault.mode in ("hang", "drop"):
        await asyncio.sleep(fault.seconds)
        raise ConnectionAbortedError
    if fault.mode == "limited":
        return _held_back(visit, fault.seconds)
    if fault.mode == "html":
        return web.Response(status=503, text=_OUTAGE, content_type="text/html")
    if fault.mode == "gone":
        raise Refusal("is_archived" if visit.bot else "no_service")
    if fault.mode == "unauthorized":
        raise Refusal("token_revoked" if visit.bot else "invalid_token")
    told = fault.body
    if told is not None and not isinstance(told, str):
        return web.json_response(told, status=fault.status, headers=fault.headers)
    return web.Response(status=fault.status, text=told, headers=fault.headers)
