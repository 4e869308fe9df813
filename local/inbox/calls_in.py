"""What stand-ins of plain HTTP receivers share: one call in, told to the store, faults
suffered as ordered. What a call must say, and how it is answered, is each one's own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import web

from local.inbox.faults import Fault, FaultBook
from local.inbox.quotas import Quota, Windows
from local.inbox.store import Arrival, Json, Store
from local.inbox.visited import call_of

HIDDEN: Final = "***"


class Refusal(Exception):
    """The receiver turns the call down, and says why."""

    def __init__(self, status: int, reason: str, body: Any = None) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.body = {"error": reason} if body is None else body


@dataclass(slots=True)
class CallIn:
    """One call on its way. `mailbox` is where it is shown; `path` hides what is secret;
    `warnings` are mistakes that the real receiver forgives."""

    request: web.Request
    at: float
    mailbox: str
    path: str
    body: bytes = b""
    warnings: list[str] = field(default_factory=list)
    fault: str = ""
    reason: str = ""
    retry_after: float | None = None
    message_id: str = ""

    def json(self) -> Json:
        """The body as an object. Raises Refusal."""
        try:
            told = json.loads(self.body)
        except ValueError:
            told = None
        if not isinstance(told, dict):
            raise Refusal(400, "the body is not a JSON object")
        return told


@dataclass(frozen=True, slots=True)
class Manners:
    """How a receiver answers: what it does with a good call, and each ordered fault
    in its own words, as (status, body, headers)."""

    provider: str
    take: Callable[[CallIn], web.Response]
    faults: dict[str, tuple[int, Any, dict[str, str]]]
    quota: Quota | None = None


class Pacer:
    """The one limit of a stand-in, per mailbox, under the provider's name."""

    def __init__(self, name: str, quota: Quota | None) -> None:
        self.limits = {name: Windows(quota)}

    def configure(self, name: str, quota: Quota | None) -> None:
        """Change it. Raises ValueError for a name that is none."""
        if name not in self.limits:
            raise ValueError(f"unknown limit {name!r}; known: {', '.join(self.limits)}")
        self.limits[name].configure(quota)

    def settings(self) -> Json:
        """What is in force, as [count, seconds]."""
        quotas = {name: windows.quota for name, windows in self.limits.items()}
        return {
            name: [quota.limit, quota.seconds] if quota else None
            for name, quota in quotas.items()
        }

    def wait(self, mailbox: str, now: float) -> float:
        """Count a call; the seconds until the next one may come if this may not."""
        for windows in self.limits.values():
            grant = windows.take(mailbox, now)
            if grant is not None and not grant.allowed:
                return grant.reset_after
        return 0.0


class Desk:
    """Takes the calls of one stand-in."""

    def __init__(self, store: Store, faults: FaultBook, manners: Manners) -> None:
        self._store = store
        self._faults = faults
        self._manners = manners
        self.pacer = Pacer(manners.provider, manners.quota)

    def reset(self) -> None:
        """With the limit of the first start."""
        self.pacer = Pacer(self._manners.provider, self._manners.quota)

    async def take(
        self, request: web.Request, mailbox: str, path: str
    ) -> web.StreamResponse:
        """Answer one call, or suffer the fault that was ordered for it."""
        call = CallIn(request, self._store.clock(), mailbox, path)
        call.body = await request.read()
        words = call.body.decode("utf-8", "replace")
        fault = self._faults.draw(mailbox, request.method, words)
        try:
            response = await self._answer(call, fault)
        except Refusal as refusal:
            call.reason = call.reason or refusal.reason
            response = answer(refusal.status, refusal.body)
        except ConnectionAbortedError:
            self._log(call, 0)
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=502)
        self._log(call, response.status)
        return response

    async def _answer(self, call: CallIn, fault: Fault | None) -> web.Response:
        if wait := self.pacer.wait(call.mailbox, call.at):
            call.reason = "called more often than the provider allows"
            return self._slower(call, wait)
        if fault is None:
            return self._manners.take(call)
        call.fault, call.reason = fault.mode, f"{fault.mode}, as ordered"
        if fault.mode == "slow":
            await asyncio.sleep(fault.seconds)
            return self._manners.take(call)
        if fault.stores:
            self._manners.take(call)
        if fault.mode in ("hang", "drop"):
            await asyncio.sleep(fault.seconds)
            raise ConnectionAbortedError
        if fault.mode == "status":
            return answer(fault.status, fault.body, fault.headers)
        if fault.mode == "limited":
            return self._slower(call, fault.seconds)
        # A fault that only another provider knows is an error like any other here.
        return answer(*self._manners.faults.get(fault.mode, (500, None, {})))

    def _slower(self, call: CallIn, seconds: float) -> web.Response:
        status, body, headers = self._manners.faults["limited"]
        call.retry_after = seconds
        wait = {"Retry-After": f"{seconds:g}"}
        return answer(status, body, headers | wait)

    def keep(self, call: CallIn, payload: Json, message: Json, text: str) -> None:
        """Show what arrived."""
        arrival = Arrival(
            seq=self._store.next_seq(),
            provider=self._manners.provider,
            webhook=call.mailbox,
            id=call.message_id,
            received_at=call.at,
            payload=payload,
            message=message,
            text=text,
            headers=dict(call.request.headers),
            path=call.path,
            pings={"everyone": False, "users": [], "roles": []},
            warnings=list(call.warnings),
        )
        self._store.add(arrival)

    def find(self, call: CallIn, message_id: str) -> Arrival | None:
        """What arrived under this id before."""
        return self._store.find(self._manners.provider, call.mailbox, message_id)

    def _log(self, call: CallIn, status: int) -> None:
        provider, now = self._manners.provider, self._store.clock()
        told = call_of(call, provider, call.mailbox, call.path, status=status, now=now)
        self._store.log(told)


class Receiver:
    """A stand-in whose every call goes over one desk, under one limit."""

    def __init__(self, store: Store, faults: FaultBook, manners: Manners) -> None:
        self._store = store
        self._desk = Desk(store, faults, manners)

    @property
    def pacer(self) -> Pacer:
        """Its limit."""
        return self._desk.pacer

    def reset(self) -> None:
        """As on the first start."""
        self._desk.reset()


def answer(
    status: int, body: Any = None, headers: dict[str, str] | None = None
) -> web.Response:
    """JSON, text where the body is text, or no body."""
    if body is None or status in (204, 304):
        return web.Response(status=status, headers=headers)
    if isinstance(body, str):
        kind = "text/html" if body.startswith("<") else "text/plain"
        return web.Response(
            status=status, text=body, headers=headers, content_type=kind
        )
    return web.json_response(body, status=status, headers=headers)


def words_in(value: Any) -> list[str]:
    """Every text in a JSON value, in order: what a search looks through."""
    if isinstance(value, str):
        return [value]
    inside = value.values() if isinstance(value, dict) else value
    if isinstance(value, dict | list):
        return [word for one in inside for word in words_in(one)]
    return []
