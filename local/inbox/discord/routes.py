"""The web face of the Discord stand-in: webhook calls in, Discord's answers out."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import web

from local.inbox.discord.files import IMAGES, Shelf, Upload, read_body, shelve
from local.inbox.discord.form import Json, Refusal
from local.inbox.discord.hooks import Hook, Hooks, Thread, place_post
from local.inbox.discord.mentions import pings
from local.inbox.discord.messages import (
    Snowflakes,
    edited_message,
    is_empty,
    mark_mentions,
    new_message,
)
from local.inbox.discord.pacing import Pacer, Verdict, banned, limited
from local.inbox.discord.payload import (
    COMPONENTS_V2,
    SUPPRESS_NOTIFICATIONS,
    Circumstances,
    Draft,
    empty_message,
    read_edit,
    read_post,
)
from local.inbox.discord.plain import plain_text
from local.inbox.faults import Fault, FaultBook
from local.inbox.store import Arrival, Call, Store

PROVIDER: Final = "discord"
FILES: Final = "/discord/files"
_HOOK: Final = "/webhooks/{webhook}/{token}"
_MESSAGE: Final = _HOOK + "/messages/{message}"
_VERSIONS: Final = ("9", "10")
_AGENT: Final = re.compile(r"DiscordBot \(https?://[^,\s]+, ?[^)]+\)")
_TRUE: Final = ("true", "True", "1")
_TRIED_TOO_OFTEN: Final = ("401", "403", "429")


class NoAnswerError(Exception):
    """The connection was closed instead of answering."""


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

    def flag(self, name: str) -> bool:
        """Whether a switch of the query is on."""
        return self.request.query.get(name) in _TRUE


Action = Callable[[Visit, Hook], web.Response]


class DiscordStandIn:
    """Answers webhook calls as Discord would, and keeps what people would have seen."""

    def __init__(self, store: Store, faults: FaultBook) -> None:
        self.hooks = Hooks()
        self.pacer = Pacer()
        self.strict_agent = True
        self._store = store
        self._faults = faults
        self._ids = Snowflakes()
        self._shelf = Shelf()

    def reset(self) -> None:
        """As on the first start."""
        self.hooks.clear()
        self.pacer = Pacer()
        self.strict_agent = True

    def routes(self) -> list[web.RouteDef]:
        """Every address of the API that a webhook's owner can call."""
        table: list[tuple[str, str, Action]] = [
            ("POST", _HOOK, self._post),
            ("GET", _HOOK, self._probe),
            ("DELETE", _HOOK, self._delete_hook),
            ("GET", _MESSAGE, self._get),
            ("PATCH", _MESSAGE, self._edit),
            ("DELETE", _MESSAGE, self._delete),
        ]
        found = [web.get(FILES + "/{file}", self._file)]
        for method, path, action in table:
            handler = self._handler(f"{method} {path}", action)
            for base in ("/discord/api/v{version}", "/discord/api"):
                found.append(web.route(method, base + path, handler))
        found.append(web.route("*", "/discord/{rest:.*}", self._unknown))
        return found

    # -- one call --------------------------------------------------------------

    def _handler(self, route: str, action: Action) -> Callable[[web.Request], Any]:
        async def handle(request: web.Request) -> web.StreamResponse:
            visit = Visit(
                request=request,
                route=route,
                at=self._store.clock(),
                webhook=request.match_info["webhook"],
                token=request.match_info["token"],
                address=request.remote or "",
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
            return _hang_up(visit.request)
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
        fault = self._faults.draw(visit.webhook, visit.request.method, _words(visit))

        def act() -> web.Response:
            hook = self.hooks.find(visit.webhook, visit.token)
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
            raise Refusal(404, 10015, "Unknown Webhook")
        if fault.mode == "unauthorized":
            raise Refusal(401, 50027, "Invalid Webhook Token")
        return _reply(
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
        if not (visit.webhook.isascii() and visit.webhook.isdigit()):
            visit.warnings.append("the webhook id is not a snowflake")

    # -- the actions -------------------------------------------------------------

    def _post(self, visit: Visit, hook: Hook) -> web.Response:
        around = Circumstances(
            with_components=visit.flag("with_components"),
            app_owned=hook.application_id is not None,
            files=len(visit.uploads),
        )
        draft = read_post(visit.body, around)
        visit.message_id = self._ids.next(visit.at)
        thread = place_post(
            hook,
            visit.request.query.get("thread_id"),
            draft.parts.get("thread_name"),
            visit.message_id,
        )
        message = new_message(visit.message_id, hook, thread, draft, visit.at)
        message["attachments"] = shelve(
            self._shelf,
            FILES,
            visit.message_id,
            visit.uploads,
            draft.parts.get("attachments"),
        )
        self._keep(visit, hook, thread, draft, message)
        if visit.flag("wait"):
            return _reply(200, message, visit.headers)
        return web.Response(status=204, headers=_common(visit.headers))

    def _keep(
        self,
        visit: Visit,
        hook: Hook,
        thread: Thread | None,
        draft: Draft,
        message: Json,
    ) -> None:
        silent = bool(message["flags"] & SUPPRESS_NOTIFICATIONS)
        reached = pings("\n".join(draft.words), draft.allowed, silent=silent)
        mark_mentions(message, reached)
        visit.warnings += draft.warnings
        shown = {**message, "avatar_url": draft.parts.get("avatar_url")}
        arrival = Arrival(
            seq=self._store.next_seq(),
            provider=PROVIDER,
            webhook=hook.id,
            id=visit.message_id,
            received_at=visit.at,
            payload=visit.body,
            message=shown,
            text=plain_text(message),
            headers=dict(visit.request.headers),
            path=_masked(visit),
            query=dict(visit.request.query),
            thread={"id": thread.id, "name": thread.name} if thread else None,
            pings=reached,
            warnings=list(visit.warnings),
        )
        self._store.add(arrival)

    def _probe(self, visit: Visit, hook: Hook) -> web.Response:
        return _reply(200, hook.as_json(visit.token), visit.headers)

    def _delete_hook(self, visit: Visit, hook: Hook) -> web.Response:
        hook.gone = True
        return web.Response(status=204, headers=_common(visit.headers))

    def _get(self, visit: Visit, hook: Hook) -> web.Response:
        return _reply(200, _public(self._find(visit, hook).message), visit.headers)

    def _edit(self, visit: Visit, hook: Hook) -> web.Response:
        arrival = self._find(visit, hook)
        before = arrival.message
        around = Circumstances(
            with_components=visit.flag("with_components"),
            app_owned=hook.application_id is not None,
            files=len(visit.uploads),
            was_v2=bool(before["flags"] & COMPONENTS_V2),
        )
        draft = read_edit(visit.body, around)
        after = edited_message(before, draft, visit.at)
        after["attachments"] = self._edited_files(visit, before, draft)
        if is_empty(after):
            raise empty_message()
        words = "\n".join(draft.words) or after["content"]
        mark_mentions(after, pings(words, draft.allowed))
        visit.warnings += draft.warnings
        self._store.edit(arrival, visit.body, after, plain_text(after))
        return _reply(200, _public(after), visit.headers)

    def _edited_files(self, visit: Visit, before: Json, draft: Draft) -> list[Json]:
        kept: list[Json] = before["attachments"]
        if "attachments" in draft.parts:
            named = {str(given.get("id")) for given in draft.parts["attachments"]}
            kept = [file for file in kept if file["id"] in named]
        if not visit.uploads:
            return kept
        base = f"{visit.message_id}-{int(visit.at * 1000)}"
        about = draft.parts.get("attachments")
        return kept + shelve(self._shelf, FILES, base, visit.uploads, about)

    def _delete(self, visit: Visit, hook: Hook) -> web.Response:
        self._store.remove(self._find(visit, hook))
        return web.Response(status=204, headers=_common(visit.headers))

    def _find(self, visit: Visit, hook: Hook) -> Arrival:
        visit.message_id = visit.request.match_info["message"]
        arrival = self._store.find(PROVIDER, hook.id, visit.message_id)
        inside = (arrival.thread or {}).get("id") if arrival else None
        if arrival is None or inside != visit.request.query.get("thread_id"):
            raise Refusal(404, 10008, "Unknown Message")
        return arrival

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
        return _reply(404, {"message": "404: Not Found", "code": 0}, {})

    async def _file(self, request: web.Request) -> web.Response:
        upload = self._shelf.get(request.match_info["file"])
        if upload is None:
            raise web.HTTPNotFound
        shown = upload.kind in IMAGES
        kind = upload.kind if shown else "application/octet-stream"
        headers = {} if shown else {"Content-Disposition": "attachment"}
        return web.Response(body=upload.content, content_type=kind, headers=headers)

    # -- answers -------------------------------------------------------------------

    def _refuse(self, visit: Visit, refusal: Refusal) -> web.Response:
        visit.code = refusal.code
        if not visit.reason or visit.fault:
            visit.reason = refusal.reason()
        return _reply(refusal.status, refusal.body(), visit.headers)

    def _hold_back(self, visit: Visit, verdict: Verdict) -> web.Response:
        visit.retry_after, visit.shared = verdict.retry_after, verdict.shared
        if isinstance(verdict.body, str):
            visit.reason = "the address is banned by Cloudflare (error 1015)"
            return web.Response(status=429, text=verdict.body, content_type="text/html")
        scope = verdict.headers["X-RateLimit-Scope"]
        visit.reason = f"rate limited ({scope}), wait {verdict.retry_after} s"
        return _reply(429, verdict.body, verdict.headers)

    def _log(self, visit: Visit, status: int) -> None:
        if str(status) in _TRIED_TOO_OFTEN and not visit.shared:
            self.pacer.count_invalid(visit.address, visit.at)
            self._store.tally.invalid[visit.address] += 1
        self._store.log(
            Call(
                at=visit.at,
                provider=PROVIDER,
                webhook=visit.webhook,
                method=visit.request.method,
                path=_masked(visit),
                address=visit.address,
                status=status,
                code=visit.code,
                reason=visit.reason,
                retry_after=visit.retry_after,
                fault=visit.fault,
                message_id=visit.message_id,
                warnings=visit.warnings,
                seconds=round(self._store.clock() - visit.at, 4),
            )
        )


def _words(visit: Visit) -> str:
    return json.dumps(visit.body, ensure_ascii=False) if visit.body else ""


def _masked(visit: Visit) -> str:
    return visit.request.path_qs.replace(visit.token, "***")


def _public(message: Json) -> Json:
    return {key: part for key, part in message.items() if key != "avatar_url"}


def _common(headers: dict[str, str]) -> dict[str, str]:
    # Discord's own answers carry Via; what Cloudflare answers by itself does not.
    return {"Via": "1.1 google", **headers}


def _reply(status: int, body: Any, headers: dict[str, str]) -> web.Response:
    if status in (204, 304) or body is None:
        return web.Response(status=status, headers=_common(headers))
    if isinstance(body, str):
        return web.Response(status=status, text=body, headers=_common(headers))
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return web.Response(
        status=status,
        text=text,
        content_type="application/json",
        headers=_common(headers),
    )


def _hang_up(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=502)
