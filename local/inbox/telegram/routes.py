"""The web face of the Telegram stand-in: Bot API calls in, Telegram's answers out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any, Final

from aiohttp import web

from local.inbox.discord.answers import NoAnswerError, hang_up
from local.inbox.faults import Fault, FaultBook
from local.inbox.pressing import Pressed
from local.inbox.shelf import Shelf
from local.inbox.store import Arrival, Store
from local.inbox.telegram.actions import Actions
from local.inbox.telegram.chats import bot_of, chat_of
from local.inbox.telegram.pacing import Pacer
from local.inbox.telegram.payload import read_parameters
from local.inbox.telegram.refusal import Refusal, bad, forbidden
from local.inbox.telegram.updates import Updates
from local.inbox.telegram.visit import Visit

_PATH: Final = "/telegram/bot{token}/{method}"
_PAGE: Final = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center>"
    "<h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body></html>"
)
_WORDS: Final = {500: "Internal Server Error", 401: "Unauthorized", 404: "Not Found"}

Action = Callable[[Visit], Any]


class TelegramStandIn:
    """Answers calls as the Bot API would, and keeps what people would have seen."""

    def __init__(self, store: Store, faults: FaultBook, shelf: Shelf) -> None:
        self.pacer = Pacer()
        self._store = store
        self._faults = faults
        self._updates = Updates()
        actions = Actions(store, shelf)
        # Method names are read in any case, as Telegram does.
        self._actions: dict[str, Action] = {
            "getme": actions.get_me,
            "getchat": actions.get_chat,
            "sendmessage": actions.send,
            "sendphoto": actions.send_files,
            "senddocument": actions.send_files,
            "sendmediagroup": actions.send_files,
            "editmessagetext": actions.edit,
            "editmessagecaption": actions.edit_caption,
            "deletemessage": actions.delete,
            "setwebhook": self._updates.set,
            "getwebhookinfo": self._updates.info,
        }

    def reset(self) -> None:
        """As on the first start."""
        self.pacer = Pacer()
        self._updates.clear()

    @property
    def application(self) -> dict[str, str]:
        """See `Pressable`: each bot says by setWebhook where it is told of presses."""
        return {}

    async def press(self, arrival: Arrival, button: str, user: str) -> Pressed:
        """See `Pressable`."""
        return await self._updates.press(arrival, button, user)

    def routes(self) -> list[web.RouteDef]:
        """Every method, and what is none."""
        return [
            web.get(_PATH, self._handle),
            web.post(_PATH, self._handle),
            web.route("*", "/telegram/{rest:.*}", self._nothing),
        ]

    async def _nothing(self, request: web.Request) -> web.Response:
        return _reply(404, Refusal(404, "Not Found").body())

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        token = request.match_info["token"]
        visit = Visit(
            request=request,
            at=self._store.clock(),
            bot=bot_of(token),
            token=token,
            method=request.match_info["method"].lower(),
        )
        visit.given, visit.files = await read_parameters(request)
        try:
            response = await self._answer(visit)
        except Refusal as refusal:
            response = self._refuse(visit, refusal)
        except NoAnswerError:
            self._store.log(visit.call(0, self._store.clock()))
            return hang_up(request)
        self._store.log(visit.call(response.status, self._store.clock()))
        return response

    async def _answer(self, visit: Visit) -> web.Response:
        action = self._actions.get(visit.method)
        if action is None or not visit.bot:
            raise Refusal(404, "Not Found")
        visit.mailbox = _mailbox(visit)
        fault = self._faults.draw(visit.mailbox, visit.request.method, visit.words)
        if fault is None:
            return self._act(visit, action)
        visit.fault, visit.reason = fault.mode, f"{fault.mode}, as ordered"
        if fault.mode == "slow":
            await asyncio.sleep(fault.seconds)
            return self._act(visit, action)
        if fault.stores:
            self._act(visit, action)
        return await self._fail(visit, fault)

    def _act(self, visit: Visit, action: Action) -> web.Response:
        if visit.method.startswith("send"):
            self._pace(visit)
        return _reply(200, {"ok": True, "result": action(visit)})

    def _pace(self, visit: Visit) -> None:
        chat = chat_of(visit.given.get("chat_id"))
        if wait := self.pacer.wait(visit.bot, chat, visit.at):
            raise _limited(wait)

    async def _fail(self, visit: Visit, fault: Fault) -> web.Response:
        if fault.mode in ("hang", "drop"):
            await asyncio.sleep(fault.seconds)
            raise NoAnswerError
        if fault.mode == "html":
            return web.Response(status=502, text=_PAGE, content_type="text/html")
        if fault.mode == "status":
            words = _WORDS.get(fault.status, "Bad Request: as ordered")
            body = fault.body or Refusal(fault.status, words).body()
            return _reply(fault.status, body, fault.headers)
        raise _ordered(visit, fault)

    def _refuse(self, visit: Visit, refusal: Refusal) -> web.Response:
        wait = refusal.parameters.get("retry_after")
        visit.retry_after = wait
        visit.reason = refusal.description
        headers = {} if wait is None else {"Retry-After": str(wait)}
        return _reply(refusal.status, refusal.body(), headers)


def _mailbox(visit: Visit) -> str:
    """The chat a call is about, for the fault book; "" when it names none."""
    try:
        return chat_of(visit.given.get("chat_id")).mailbox
    except Refusal:
        return ""


def _ordered(visit: Visit, fault: Fault) -> Refusal:
    if fault.mode == "limited":
        return _limited(max(1, round(fault.seconds)))
    if fault.mode == "unauthorized":
        return Refusal(401, "Unauthorized")
    if fault.mode == "blocked":
        return forbidden("bot was blocked by the user")
    if fault.mode == "kicked":
        return forbidden("bot was kicked from the supergroup chat")
    if fault.mode == "migrated":
        successor = chat_of(visit.given.get("chat_id")).successor()
        words = "group chat was upgraded to a supergroup chat"
        return bad(words, migrate_to_chat_id=successor)
    return bad("chat not found")


def _limited(wait: int) -> Refusal:
    words = f"Too Many Requests: retry after {wait}"
    return Refusal(429, words, retry_after=wait)


def _reply(
    status: int, body: Any, headers: dict[str, str] | None = None
) -> web.Response:
    raw = isinstance(body, str)
    text = body if raw else json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    kind = "text/plain" if raw else "application/json"
    return web.Response(status=status, text=text, content_type=kind, headers=headers)
