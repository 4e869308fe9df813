"""The control API: programs read what arrived, wait for it, and order misbehaviour."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from itertools import islice
from typing import Any, Final, Protocol

from aiohttp import web

from local.inbox.discord.routes import DiscordStandIn
from local.inbox.faults import FaultBook, read_fault
from local.inbox.front_door import FrontDoor
from local.inbox.quotas import Quota, Windows
from local.inbox.store import Json, Store, matches

PREFIX: Final = "/_control"
_WAIT_MAX: Final = 300.0
_PAGE: Final = 1000


class Paced(Protocol):
    """Limits, each with a name that no other stand-in's has."""

    limits: dict[str, Windows]

    def configure(self, name: str, quota: Quota | None) -> None:
        """Change one. Raises ValueError for a name that is none."""

    def settings(self) -> Json:
        """Those in force."""


class StandIn(Protocol):
    """What every provider's stand-in lets itself be told."""

    @property
    def pacer(self) -> Paced:
        """Its limits."""

    def reset(self) -> None:
        """As on the first start."""


class Control:
    """Handlers over the shared parts. Bad input gets a 400 with a plain reason."""

    def __init__(
        self,
        store: Store,
        faults: FaultBook,
        discord: DiscordStandIn,
        door: FrontDoor,
        others: Sequence[StandIn] = (),
    ) -> None:
        self._store = store
        self._faults = faults
        self._discord = discord
        self._door = door
        self._stand_ins: tuple[StandIn, ...] = (discord, *others)

    def routes(self) -> list[web.RouteDef]:
        """Every address under the prefix."""
        table = [
            ("GET", "/health", self._health),
            ("GET", "/messages", self._messages),
            ("DELETE", "/messages", self._clear),
            ("GET", "/messages/{id}", self._message),
            ("GET", "/wait", self._wait),
            ("GET", "/calls", self._calls),
            ("GET", "/stats", self._stats),
            ("GET", "/behaviour", self._behaviours),
            ("POST", "/behaviour", self._behave),
            ("DELETE", "/behaviour", self._behave_again),
            ("GET", "/limits", self._limits),
            ("POST", "/limits", self._limit),
            ("GET", "/webhooks", self._webhooks),
            ("POST", "/webhooks", self._webhook),
            ("GET", "/names", self._names),
            ("POST", "/names", self._name),
            ("GET", "/upstream", self._upstream),
            ("POST", "/upstream", self._point_upstream),
            ("POST", "/reset", self._reset),
        ]
        return [web.route(method, PREFIX + path, call) for method, path, call in table]

    # -- reading -----------------------------------------------------------------

    async def _health(self, request: web.Request) -> web.Response:
        return web.json_response(
            {
                "status": "ok",
                "messages": len(self._store),
                "last": self._store.last_seq,
                "upstream": self._door.upstream or None,
            }
        )

    async def _messages(self, request: web.Request) -> web.Response:
        query = request.query
        limit = int(_number(request, "limit", _PAGE))
        found = self._store.select(
            query.get("webhook", ""),
            int(_number(request, "since", 0)),
            query.get("contains", ""),
        )
        messages = [arrival.as_json() for arrival in islice(found, limit)]
        if query.get("newest"):
            everything = list(self._store.select(query.get("webhook", "")))
            messages = [arrival.as_json() for arrival in everything[-limit:]]
        return _json({"messages": messages, "last": self._store.last_seq})

    async def _message(self, request: web.Request) -> web.Response:
        for arrival in self._store.select():
            if arrival.id == request.match_info["id"]:
                return _json(arrival.as_json())
        return _json({"error": "no message has this id"}, 404)

    async def _calls(self, request: web.Request) -> web.Response:
        query = request.query
        calls = [
            asdict(call)
            for call in list(self._store.calls)
            if query.get("webhook", call.webhook) == call.webhook
            and query.get("status", str(call.status)) == str(call.status)
            and (not query.get("refused") or call.refused)
        ]
        return _json({"calls": calls[-int(_number(request, "limit", _PAGE)) :]})

    async def _stats(self, request: web.Request) -> web.Response:
        stats = self._store.tally.as_json()
        if "marker" in request.query:
            stats["markers"] = self._markers(request.query["marker"])
        return _json(stats)

    def _markers(self, pattern: str) -> Json:
        try:
            marker = re.compile(pattern)
        except re.error as error:
            raise _bad(f"marker is not a regular expression: {error}") from None
        seen: dict[str, int] = {}
        for arrival in self._store.select():
            for found in {match[0] for match in marker.finditer(arrival.text)}:
                seen[found] = seen.get(found, 0) + 1
        repeated = {name: count for name, count in seen.items() if count > 1}
        return {"unique": len(seen), "repeated": repeated, "all": list(seen)}

    async def _wait(self, request: web.Request) -> web.Response:
        """Answers as soon as `count` messages match, or when the time is over."""
        query = request.query
        count = int(_number(request, "count", 1))
        timeout = min(_number(request, "timeout", 10.0), _WAIT_MAX)
        since = int(_number(request, "since", 0))
        webhook, contains = query.get("webhook", ""), query.get("contains", "")
        found = {a.seq: a for a in self._store.select(webhook, since, contains)}
        enough = asyncio.Event()

        def listen(kind: str, record: Json) -> None:
            if kind not in ("message", "edit") or record["seq"] <= since:
                return
            for arrival in self._store.select(since=record["seq"] - 1):
                if matches(arrival, webhook, contains):
                    found[arrival.seq] = arrival
                break
            if len(found) >= count:
                enough.set()

        stop = self._store.subscribe(listen)
        try:
            if len(found) < count:
                async with asyncio.timeout(timeout):
                    await enough.wait()
        except TimeoutError:
            pass
        finally:
            stop()
        messages = [found[seq].as_json() for seq in sorted(found)]
        complete = len(found) >= count
        return _json({"complete": complete, "count": len(found), "messages": messages})

    # -- ordering ----------------------------------------------------------------

    async def _behaviours(self, request: web.Request) -> web.Response:
        return _json({"behaviours": [asdict(f) for f in self._faults.listing()]})

    async def _behave(self, request: web.Request) -> web.Response:
        body = await _body(request)
        orders = body if isinstance(body, list) else [body]
        append = any(isinstance(o, dict) and o.pop("append", False) for o in orders)
        try:
            self._faults.order([read_fault(order) for order in orders], append=append)
        except ValueError as error:
            raise _bad(str(error)) from None
        return await self._behaviours(request)

    async def _behave_again(self, request: web.Request) -> web.Response:
        self._faults.clear()
        return await self._behaviours(request)

    async def _limits(self, request: web.Request) -> web.Response:
        found: Json = {}
        for stand_in in self._stand_ins:
            found |= stand_in.pacer.settings()
        return _json({**found, "strict_agent": self._discord.strict_agent})

    async def _limit(self, request: web.Request) -> web.Response:
        body = _object(await _body(request))
        try:
            for name, value in body.items():
                if name == "strict_agent":
                    self._discord.strict_agent = bool(value)
                else:
                    self._pacer(name).configure(name, _quota(value))
        except ValueError as error:
            raise _bad(str(error)) from None
        return await self._limits(request)

    def _pacer(self, name: str) -> Paced:
        """Whose limit that is; Discord's, if nobody's."""
        pacers = [stand_in.pacer for stand_in in self._stand_ins]
        return next((one for one in pacers if name in one.limits), pacers[0])

    async def _webhooks(self, request: web.Request) -> web.Response:
        hooks = [asdict(hook) for hook in self._discord.hooks]
        return _json({"only_known": self._discord.hooks.only_known, "webhooks": hooks})

    async def _webhook(self, request: web.Request) -> web.Response:
        body = await _body(request)
        try:
            for order in body if isinstance(body, list) else [body]:
                given = dict(_object(order))
                if "only_known" in given:
                    self._discord.hooks.only_known = bool(given.pop("only_known"))
                if given:
                    self._discord.hooks.configure(given)
        except (ValueError, TypeError, KeyError) as error:
            raise _bad(str(error)) from None
        return await self._webhooks(request)

    async def _names(self, request: web.Request) -> web.Response:
        return _json(self._store.names)

    async def _name(self, request: web.Request) -> web.Response:
        body = _object(await _body(request))
        self._store.name({str(key): str(value) for key, value in body.items()})
        return _json(self._store.names)

    async def _upstream(self, request: web.Request) -> web.Response:
        return _json({"url": self._door.upstream or None})

    async def _point_upstream(self, request: web.Request) -> web.Response:
        url = str(_object(await _body(request)).get("url") or "")
        try:
            self._door.point(url)
        except ValueError as error:
            raise _bad(str(error)) from None
        return await self._upstream(request)

    async def _clear(self, request: web.Request) -> web.Response:
        self._store.clear()
        return _json({"status": "ok"})

    async def _reset(self, request: web.Request) -> web.Response:
        """Everything as on the first start: messages, behaviours, limits, webhooks."""
        self._store.clear()
        self._faults.clear()
        for stand_in in self._stand_ins:
            stand_in.reset()
        return _json({"status": "ok"})


def _json(body: Any, status: int = 200) -> web.Response:
    text = json.dumps(body, ensure_ascii=False)
    return web.Response(status=status, text=text, content_type="application/json")


def _bad(reason: str) -> web.HTTPBadRequest:
    text = json.dumps({"error": reason})
    return web.HTTPBadRequest(text=text, content_type="application/json")


async def _body(request: web.Request) -> Any:
    try:
        return json.loads(await request.read())
    except ValueError:
        raise _bad("the body is not JSON") from None


def _object(body: Any) -> Json:
    if not isinstance(body, dict):
        raise _bad("the body must be an object")
    return body


def _number(request: web.Request, name: str, default: float) -> float:
    try:
        return max(float(request.query.get(name, default)), 0.0)
    except ValueError:
        raise _bad(f"{name} must be a number") from None


def _quota(value: Any) -> Quota | None:
    if value is None:
        return None
    if isinstance(value, dict):
        value = [value.get("limit"), value.get("seconds")]
    try:
        limit, seconds = value
        quota = Quota(int(limit), float(seconds))
    except (TypeError, ValueError):
        raise ValueError("a limit is [count, seconds], or null for none") from None
    if quota.limit < 1 or quota.seconds <= 0:
        raise ValueError("a limit needs at least one request and some time")
    return quota
