"""Django: what no view caught is told, with its request. Call `watch()` in an
`AppConfig.ready`."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from typing import Any

from django.core.signals import got_request_exception

from tocsin_client.client import Tocsin, shared
from tocsin_client.watching import tell
from tocsin_client.web import asked, context

logger = logging.getLogger("tocsin_client")
User = Callable[[Any], object]


def watch(tocsin: Tocsin | None = None, *, user: User | None = None) -> None:
    """Tell of each exception that ends a request; `user(request)` names who was asking.
    The answer stays what it was. Calling it twice changes the client, not the count."""

    def received(request: Any = None, **_: Any) -> None:
        error = sys.exc_info()[1]
        if error is None:
            return
        try:
            keys: Any = {} if request is None else _context(request, user)
            where = keys["labels"]["route"] if keys else "a request"
            bound = (tocsin or shared()).bind(**keys)
            tell(bound.post, error, where, {"type": "http.error"})
        except Exception as other:  # noqa: BLE001 - the request's answer comes first
            logger.warning("a failed request could not be told of: %s", other)

    got_request_exception.disconnect(dispatch_uid="tocsin")
    got_request_exception.connect(received, weak=False, dispatch_uid="tocsin")


def in_request(
    request: Any, tocsin: Tocsin | None = None, *, user: User | None = None
) -> Tocsin:
    """The client, with this request's method, path, id and user."""
    keys: Any = _context(request, user)
    return (tocsin or shared()).bind(**keys)


def _context(request: Any, user: User | None) -> Any:
    match = getattr(request, "resolver_match", None)
    return context(
        method=request.method or "?",
        path=request.path,
        route="/" + match.route if match else "",
        header=request.headers.get,
        user=asked(user, request),
    )
