"""The page for people: its files, its live stream, its safety headers."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler

from local.inbox.store import Json, Store

STATIC: Final = Path(__file__).parent / "static"
_KINDS: Final = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
_BACKLOG: Final = 2000
_HEARTBEAT: Final = 15.0

# Pictures may come from anywhere, as in Discord; code and styles only from here.
_SAFE: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
        " frame-src 'self';"
        " img-src 'self' https: http: data:; base-uri 'none'; form-action 'none';"
        " frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


# What providers answer has their headers, not ours.
_APIS: Final = ("/discord/api", "/slack/", "/telegram/")
# A mail stands in a frame, under rules of its own.
_FRAMES: Final = "/mail/"


@web.middleware
async def safe_headers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Put the safety headers on every answer, and refuse other sites' scripts."""
    origin = request.headers.get("Origin")
    if origin and origin.split("://")[-1] != request.host:
        return web.Response(status=403, text="not for other sites", headers=_SAFE)
    try:
        response = await handler(request)
    except web.HTTPException as error:
        error.headers.update(_SAFE)
        raise
    own = (*_APIS, _FRAMES)
    if not response.prepared and not request.path.startswith(own):
        response.headers.update(_SAFE)
    return response


class Page:
    """Serves the static files, and every change as a server-sent event."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def routes(self) -> list[web.RouteDef]:
        """The page, its files and its stream."""
        return [
            web.get("/", self._index),
            web.get("/inbox", self._index),
            web.get("/static/{name}", self._static),
            web.get("/_control/stream", self._stream),
        ]

    async def _index(self, request: web.Request) -> web.Response:
        return _file("index.html")

    async def _static(self, request: web.Request) -> web.Response:
        return _file(request.match_info["name"])

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(
            headers={
                "Content-Type": "text/event-stream",
                "Cache-Control": "no-store",
                **_SAFE,
            }
        )
        await response.prepare(request)
        events: asyncio.Queue[tuple[str, Json]] = asyncio.Queue(_BACKLOG)
        stop = self._store.subscribe(lambda kind, record: _put(events, kind, record))
        try:
            await response.write(_event("stats", self._store.tally.as_json()))
            while True:
                await response.write(await self._next(events))
        except (ConnectionResetError, RuntimeError):
            return response
        finally:
            stop()

    async def _next(self, events: asyncio.Queue[tuple[str, Json]]) -> bytes:
        """Whatever has gathered, in one write, and the counts after it."""
        try:
            async with asyncio.timeout(_HEARTBEAT):
                gathered = [await events.get()]
        except TimeoutError:
            return b": still here\n\n"
        while not events.empty():
            gathered.append(events.get_nowait())
        told = [_event(kind, record) for kind, record in gathered]
        return b"".join(told) + _event("stats", self._store.tally.as_json())


def _put(events: asyncio.Queue[tuple[str, Json]], kind: str, record: Json) -> None:
    if events.full():
        # A reader this slow starts over: one order to reload replaces the backlog.
        while not events.empty():
            events.get_nowait()
        events.put_nowait(("reload", {}))
        return
    events.put_nowait((kind, record))


def _event(kind: str, record: Json) -> bytes:
    # json.dumps escapes line ends, so a record is always one line of the stream.
    return f"event: {kind}\ndata: {json.dumps(record)}\n\n".encode()


def _file(name: str) -> web.Response:
    path = STATIC / name
    kind = _KINDS.get(path.suffix)
    if kind is None or path.parent != STATIC or not path.is_file():
        raise web.HTTPNotFound
    return web.Response(
        body=path.read_bytes(),
        content_type=kind,
        charset="utf-8",
        headers={"Cache-Control": "no-cache"},
    )
