"""The front door: a clean address for the local API, passed on to where it runs."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Final
from urllib.parse import urlsplit

from aiohttp import (
    ClientConnectionError,
    ClientError,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    TCPConnector,
    web,
)
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

BODY_LIMIT: Final = 10 * 1024 * 1024
_CHUNK: Final = 64 * 1024
_NOT_ADDED: Final = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")
# Shorter than any server's own patience, so that no request meets a closing connection.
_KEEP_ALIVE: Final = 3.0
_TIMEOUT: Final = ClientTimeout(total=None, connect=5.0, sock_read=60.0)
# The emulator answers OPTIONS by itself; API Gateway hands it to the default route,
# which says the same of every method that no path takes.
_ASKED_AS: Final = {"OPTIONS": "TRACE"}
_HOP_BY_HOP: Final = frozenset(
    [
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    ]
)


class FrontDoor:
    """Passes every request on to `upstream`: method, path, raw query, headers, body."""

    def __init__(self, upstream: str = "", inbox_url: str = "") -> None:
        self.upstream = ""
        self.inbox_url = inbox_url
        self._session: ClientSession | None = None
        self.point(upstream)

    def point(self, url: str) -> None:
        """Set where requests go; empty for nowhere. Raises ValueError."""
        if url and not (urlsplit(url).scheme in ("http", "https") and URL(url).host):
            raise ValueError("the upstream is an http address")
        self.upstream = url.rstrip("/")

    async def start(self) -> None:
        """Open the pool of connections."""
        connector = TCPConnector(limit=0, keepalive_timeout=_KEEP_ALIVE)
        self._session = ClientSession(
            connector=connector,
            timeout=_TIMEOUT,
            auto_decompress=False,
            cookie_jar=DummyCookieJar(),
            skip_auto_headers=_NOT_ADDED,
        )

    async def stop(self) -> None:
        """Close the pool."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        if request.path in ("/", "/inbox") and request.method in ("GET", "HEAD"):
            return web.Response(status=302, headers={"Location": self.inbox_url + "/"})
        if not self.upstream or self._session is None:
            return _problem(503, "The API is not there yet", "No upstream is set.")
        try:
            body = await request.read() if request.can_read_body else None
        except web.HTTPRequestEntityTooLarge:
            told = f"A body may have up to {BODY_LIMIT} bytes."
            return _problem(413, "The body is too large", told)
        return await self._pass_on(self._session, request, body)

    async def _pass_on(
        self, session: ClientSession, request: web.BaseRequest, body: bytes | None
    ) -> web.StreamResponse:
        url = URL(self.upstream + request.raw_path, encoded=True)
        headers = _onward(request)
        response: web.StreamResponse | None = None
        try:
            async with session.request(
                _ASKED_AS.get(request.method, request.method),
                url,
                data=_payload(body),
                headers=headers,
                allow_redirects=False,
            ) as answer:
                response = web.StreamResponse(
                    status=answer.status,
                    reason=answer.reason,
                    headers=_end_to_end(answer.headers),
                )
                await response.prepare(request)
                async for chunk in answer.content.iter_chunked(_CHUNK):
                    await response.write(chunk)
                await response.write_eof()
                return response
        except (ClientError, TimeoutError) as error:
            if response is not None and response.prepared:
                _break_off(request)
                return response
            return _unreachable(error)


def _payload(body: bytes | None) -> BytesIO | None:
    # As a stream a large body is sent in pieces, and others get their turn between.
    return None if body is None else BytesIO(body)


def _onward(request: web.BaseRequest) -> CIMultiDict[str]:
    headers = _end_to_end(request.headers)
    host = headers.pop("Host", "")
    came_by = [*request.headers.getall("X-Forwarded-For", []), request.remote or ""]
    headers["X-Forwarded-For"] = ", ".join(hop for hop in came_by if hop)
    headers.setdefault("X-Forwarded-Host", host)
    headers.setdefault("X-Forwarded-Proto", "http")
    headers.pop("Content-Length", None)
    return headers


def _end_to_end(headers: CIMultiDictProxy[str]) -> CIMultiDict[str]:
    named = {
        name.strip().lower()
        for value in headers.getall("Connection", [])
        for name in value.split(",")
    }
    dropped = _HOP_BY_HOP | named
    return CIMultiDict((k, v) for k, v in headers.items() if k.lower() not in dropped)


def _break_off(request: web.BaseRequest) -> None:
    # The head is out already: only a closed connection tells that the rest is missing.
    if request.transport is not None:
        request.transport.abort()


def _unreachable(error: Exception) -> web.Response:
    if isinstance(error, ClientConnectionError):
        return _problem(502, "The API cannot be reached", type(error).__name__)
    return _problem(504, "The API did not answer in time", type(error).__name__)


def _problem(status: int, title: str, detail: str) -> web.Response:
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return web.Response(
        status=status, text=json.dumps(body), content_type="application/problem+json"
    )
