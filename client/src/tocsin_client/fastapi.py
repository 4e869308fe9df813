"""FastAPI and Starlette: a dependency that knows its request, and a handler of errors.

watch(app, tocsin)                                # what nobody caught is told

@app.post("/orders")
def order(tocsin: Tocsin = Depends(in_request(tocsin))): ...
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, Response

from tocsin_client.client import Tocsin, shared
from tocsin_client.watching import tell
from tocsin_client.web import asked, context

logger = logging.getLogger("tocsin_client")
User = Callable[[Any], object]


def in_request(
    tocsin: Tocsin | None = None, *, user: User | None = None
) -> Callable[[HTTPConnection], Tocsin]:
    """A dependency: the client, with the request's method, path, id and user on every
    event. `user(request)` names who is asking."""

    def bound(request: HTTPConnection) -> Tocsin:
        return (tocsin or shared()).bind(**_context(request, user))

    # FastAPI reads the annotation where it cannot see this module's names.
    bound.__annotations__ = {"request": HTTPConnection}
    return bound


def watch(
    app: Starlette, tocsin: Tocsin | None = None, *, user: User | None = None
) -> None:
    """Tell of each exception that nobody caught. The answer stays what it was: that of
    a handler set before, else a plain 500; the server logs it as before, too."""
    before = app.exception_handlers.get(Exception)

    async def handler(request: Request, error: Exception) -> Response:
        try:
            bound = (tocsin or shared()).bind(**_context(request, user))
            where = f"{request.method} {_route(request) or request.url.path}"
            tell(bound.post, error, where, {"type": "http.error"})
        except Exception as other:  # noqa: BLE001 - the request's answer comes first
            logger.warning("a failed request could not be told of: %s", other)
        return await _answer(before, request, error)

    app.add_exception_handler(Exception, handler)


async def _answer(before: Any, request: Request, error: Exception) -> Response:
    if before is None:
        return PlainTextResponse("Internal Server Error", status_code=500)
    answer = before(request, error)
    found: Response = await answer if inspect.isawaitable(answer) else answer
    return found


def _context(request: HTTPConnection, user: User | None) -> Any:
    return context(
        method=str(request.scope.get("method", "WEBSOCKET")),
        path=request.url.path,
        route=_route(request),
        header=request.headers.get,
        user=asked(user, request),
    )


def _route(request: HTTPConnection) -> str:
    """The pattern that matched, such as /orders/{id}."""
    return str(getattr(request.scope.get("route"), "path", "") or "")
