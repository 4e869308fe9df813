"""The web face of the Discord stand-in: webhook calls in, Discord's answers out."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from aiohttp import web

from local.inbox.discord.actions import FILES, Actions
from local.inbox.discord.answers import NoAnswerError, hang_up, reply
from local.inbox.discord.application import Application
from local.inbox.discord.files import read_body
from local.inbox.discord.form import Refusal
from local.inbox.discord.hooks import UNKNOWN_WEBHOOK, Hook, Hooks, unknown_webhook
from local.inbox.discord.pacing import Pacer, Verdict, banned, limited
from local.inbox.discord.visit import PROVIDER, Visit
from local.inbox.faults import Fault, FaultBook
from local.inbox.pressing import Pressed
from local.inbox.shelf import Shelf
from local.inbox.store import Arrival, Store
from local.inbox.visited import Call, call_of

_BASES: Final = ("/discord/api/v{version}", "/discord/api")
_HOOK: Final = "/webhooks/{webhook}/{token}"
_MESSAGE: Final = _HOOK + "/messages/{message}"
_CHANNEL: Final = "/channels/{webhook}"
_ME: Final = "@me"
_BOT: Final = "Bot "
_VERSIONS: Final = ("9", "10")
_AGENT: Final = re.compile(r"DiscordBot \(https?://[^,\s]+, ?[^)]+\)")
_TRIED_TOO_OFTEN: Final = ("401", "403", "429")


Action = Callable[[Visit, Hook], web.Response]


class DiscordStandIn:
    """Answers webhook calls as Discord would, and keeps what people would have seen.
    `api` gives where the stack's API answers, for presses."""

    def __init__(
        self, store: Store, faults: FaultBook, api: Callable[[], str] = str
    ) -> None:
        self.hooks = Hooks()
        self._application = Application(self.hooks, api)
        self.pacer = Pacer()
        self.strict_agent = True
        self._store = store
        self._faults = faults
        self._shelf = Shelf()
        self._told_gone: set[str] = set()
        self._actions = Actions(store, self._shelf)

    @property
    def application(self) -> dict[str, str]:
        """See `Pressable`."""
        return self._application.told

    async def press(self, arrival: Arrival, button: str, user: str) -> Pressed:
        """See `Pressable`."""
        return await self._application.press(arrival, button, user)

    def reset(self) -> None:
        """As on the first start."""
        self.hooks.clear()
        self.pacer = Pacer()
        self.strict_agent = True
        self._told_gone.clear()

    def routes(self) -> list[web.RouteDef]:
        """Every address of the API that a webhook's owner can call."""
        table: list[tuple[str, str, Action]] = [
            ("POST", _HOOK, self._actions.post),
            ("GET", _HOOK, self._actions.probe),
            ("DELETE", _HOOK, self._actions.delete_hook),
            ("GET", _MESSAGE, self._actions.get),
            ("PATCH", _MESSAGE, self._actions.edit),
            ("DELETE", _MESSAGE, self._actions.delete),
            ("GET", f"/applications/{{webhook:{_ME}}}", self._actions.application),
            ("GET", _CHANNEL, self._actions.channel),
            ("POST", f"{_CHANNEL}/messages", self._actions.post_once),
            ("GET", f"{_CHANNEL}/messages/{{message}}", self._actions.get),
            ("PATCH", f"{_CHANNEL}/messages/{{message}}", self._actions.edit),
            ("DELETE", f"{_CHANNEL}/messages/{{message}}", self._actions.delete),
        ]
        found = [web.get(FILES + "/{file}", self._shelf.serve)]
        for method, path, action in table:
            handler = self._handler(f"{method} {path}", action)
            found += [web.route(method, base + path, handler) for base in _BASES]
        found.append(web.route("*", "/discord/{rest:.*}", self._unknown))
        return found

    # -- one call --------------------------------------------------------------

    def _handler(self, route: str, action: Action) -> Callable[[web.Request], Any]:
        async def handle(request: web.Request) -> web.StreamResponse:
            given = request.headers.get("Authorization", "")
            visit = Visit(
                request=request,
                route=route,
                at=self._store.clock(),
                webhook=request.match_info["webhook"],
                token=request.match_info.get("token") or given or "no token",
                address=request.remote or "",
                bot="token" not in request.match_info,
            )
            return await self._serve(visit, action)

        return handle

    async def _serve(self, visit: Visit, action: Action) -> web.StreamResponse:
        try:
            response = await self._answer(visit, action)
        except Refusal as refusal:
            response = self._refuse(visit, refusal)
        except NoAnswerError:
            self._log(visit, 0)
            return hang_up(visit.request)
        self._log(visit, response.status)
        return response

    async def _answer(self, visit: Visit, action: Action) -> web.Response:
        # The body is read first: a client must never find the connection closed on it.
        trouble = await self._read(visit)
        verdict = self.pacer.admit_address(visit.address, visit.at)
        if not verdict.allowed:
            return self._hold_back(visit, verdict)
        self._check_agent(visit)
        self._check_path(visit)
        channel = self.hooks.channel_of(visit.webhook)
        verdict = self.pacer.admit_call(visit.route, visit.webhook, channel, visit.at)
        visit.headers = verdict.headers
        if not verdict.allowed:
            return self._hold_back(visit, verdict)
        return await self._act(visit, action, trouble)

    async def _read(self, visit: Visit) -> Refusal | None:
        if visit.request.method not in ("POST", "PATCH"):
            return None
        try:
            visit.body, visit.uploads = await read_body(visit.request)
        except Refusal as refusal:
            return refusal
        return None

    async def _act(
        self, visit: Visit, action: Action, trouble: Refusal | None
    ) -> web.Response:
        fault = self._faults.draw(visit.webhook, visit.request.method, visit.words)

        def act() -> web.Response:
            hook = self._owner(visit)
            if trouble is not None:
                raise trouble
            return action(visit, hook)

        if fault is None:
            return act()
        visit.fault, visit.reason = fault.mode, f"{fault.mode}, as ordered"
        if fault.mode == "slow":
            await asyncio.sleep(fault.seconds)
            return act()
        if fault.stores:
            act()
        return await self._fail(visit, fault)

    def _owner(self, visit: Visit) -> Hook:
        """The webhook, or the bot, that calls. Raises Refusal."""
        if not visit.bot:
            return self.hooks.find(visit.webhook, visit.token)
        if not visit.token.startswith(_BOT):
            raise Refusal(401, 0, "401: Unauthorized")
        return self.hooks.bot(visit.webhook, self.application["application_id"])

    async def _fail(self, visit: Visit, fault: Fault) -> web.Response:
        if fault.mode in ("hang", "drop"):
            await asyncio.sleep(fault.seconds)
            raise NoAnswerError
        if fault.mode == "limited":
            verdict = limited(fault.seconds, fault.scope, visit.headers)
            return self._hold_back(visit, verdict)
        if fault.mode == "html":
            return self._hold_back(visit, banned())
        if fault.mode == "gone":
            raise unknown_webhook()
        if fault.mode == "unauthorized":
            raise Refusal(401, 50027, "Invalid Webhook Token")
        return reply(
            fault.status, fault.body, {**visit.headers, **(fault.headers or {})}
        )

    # -- what is checked before a webhook is looked at ---------------------------

    def _check_agent(self, visit: Visit) -> None:
        agent = visit.request.headers.get("User-Agent", "")
        if _AGENT.match(agent):
            return
        if self.strict_agent:
            told = "internal network error"
            visit.reason = "User-Agent must be: DiscordBot (https://your.site, 1.0)"
            raise Refusal(403, 40333, told)
        visit.warnings.append("User-Agent is not of the form DiscordBot (url, version)")

    def _check_path(self, visit: Visit) -> None:
        version = visit.request.match_info.get("version")
        if version is None:
            visit.warnings.append("unversioned API path: Discord answers as v6")
        elif version not in _VERSIONS:
            raise Refusal(400, 50041, "Invalid API version provided")
        named = visit.webhook.isascii() and visit.webhook.isdigit()
        if not named and visit.webhook != _ME:
            visit.warnings.append("the webhook id is not a snowflake")

    async def _unknown(self, request: web.Request) -> web.Response:
        call = Call(
            at=self._store.clock(),
            provider=PROVIDER,
            webhook="",
            method=request.method,
            path=request.path,
            address=request.remote or "",
            status=404,
            reason="no such address in the webhook API",
        )
        self._store.log(call)
        return reply(404, {"message": "404: Not Found", "code": 0}, {})

    # -- answers -------------------------------------------------------------------

    def _refuse(self, visit: Visit, refusal: Refusal) -> web.Response:
        visit.code = refusal.code
        if refusal.code == UNKNOWN_WEBHOOK:
            if visit.webhook in self._told_gone:
                visit.warnings.append("called again after Unknown Webhook")
            self._told_gone.add(visit.webhook)
        if not visit.reason or visit.fault:
            visit.reason = refusal.reason()
        return reply(refusal.status, refusal.body(), visit.headers)

    def _hold_back(self, visit: Visit, verdict: Verdict) -> web.Response:
        visit.retry_after, visit.shared = verdict.retry_after, verdict.shared
        if isinstance(verdict.body, str):
            visit.reason = "the address is banned by Cloudflare (error 1015)"
            return web.Response(status=429, text=verdict.body, content_type="text/html")
        scope = verdict.headers["X-RateLimit-Scope"]
        visit.reason = f"rate limited ({scope}), wait {verdict.retry_after} s"
        return reply(429, verdict.body, verdict.headers)

    def _log(self, visit: Visit, status: int) -> None:
        if str(status) in _TRIED_TOO_OFTEN and not visit.shared:
            self.pacer.count_invalid(visit.address, visit.at)
            self._store.tally.invalid[visit.address] += 1
        now, path = self._store.clock(), visit.masked_path
        told = call_of(visit, PROVIDER, visit.webhook, path, status=status, now=now)
        self._store.log(replace(told, address=visit.address, code=visit.code))
