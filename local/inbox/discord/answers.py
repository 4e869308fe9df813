"""How an answer leaves: JSON, text, nothing at all, or a connection cut."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web


class NoAnswerError(Exception):
    """The connection was closed instead of answering."""


def common(headers: dict[str, str]) -> dict[str, str]:
    """Return the headers of every answer, with these."""
    # Discord's own answers carry Via; what Cloudflare answers by itself does not.
    return {"Via": "1.1 google", **headers}


def reply(status: int, body: Any, headers: dict[str, str]) -> web.Response:
    """Answer with JSON, with text where the body is text, or with no body."""
    if status in (204, 304) or body is None:
        return web.Response(status=status, headers=common(headers))
    if isinstance(body, str):
        return web.Response(status=status, text=body, headers=common(headers))
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return web.Response(
        status=status,
        text=text,
        content_type="application/json",
        headers=common(headers),
    )


def hang_up(request: web.Request) -> web.Response:
    """Cut the connection; the answer returned reaches nobody."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=502)
