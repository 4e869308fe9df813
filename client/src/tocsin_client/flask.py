"""Flask: what no handler caught is told, with its request."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from flask import Flask, got_request_exception, request

from tocsin_client.client import Tocsin, shared
from tocsin_client.watching import tell
from tocsin_client.web import asked, context

logger = logging.getLogger("tocsin_client")
User = Callable[[Any], object]


def watch(
    app: Flask, tocsin: Tocsin | None = None, *, user: User | None = None
) -> None:
    """Tell of each exception that ends a request of `app`; `user(request)` names who
    was asking. The answer stays what it was."""

    def received(_: Any, exception: BaseException, **__: Any) -> None:
        try:
            bound = in_request(tocsin, user=user)
            route = request.url_rule.rule if request.url_rule else request.path
            where = f"{request.method} {route}"
            tell(bound.post, exception, where, {"type": "http.error"})
        except Exception as other:  # noqa: BLE001 - the request's answer comes first
            logger.warning("a failed request could not be told of: %s", other)

    # Not weakly: nobody else holds it.
    got_request_exception.connect(received, app, weak=False)


def in_request(tocsin: Tocsin | None = None, *, user: User | None = None) -> Tocsin:
    """The client, with the present request's method, path, id and user."""
    keys: Any = context(
        method=request.method,
        path=request.path,
        route=request.url_rule.rule if request.url_rule else "",
        header=request.headers.get,
        user=asked(user, request),
    )
    return (tocsin or shared()).bind(**keys)
