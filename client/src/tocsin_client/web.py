"""Web: what a request says about itself, the same for every framework. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tocsin_client.plain import clip, said

REQUEST_IDS = (
    "x-request-id",
    "x-correlation-id",
    "x-amzn-trace-id",
    "traceparent",
)
LONGEST_PATH = 300


def context(
    *,
    method: str,
    path: str,
    route: str,
    header: Callable[[str], Any],
    user: object,
) -> dict[str, Any]:
    """The keys that place an event in its request. The query, the body and other
    headers are left out: secrets travel there. `route` is the pattern of the path."""
    name = next((each for each in REQUEST_IDS if header(each)), "")
    return {
        "fields": {
            "Request": clip(f"{method} {path}", LONGEST_PATH),
            "Request id": said(header(name)) if name else None,
            "User": None if user is None else said(user),
        },
        "labels": {"route": f"{method} {route or path}"},
    }


def asked(user: Callable[[Any], object] | None, request: Any) -> object:
    """Who is asking, or None where that cannot be told."""
    if user is None:
        return None
    try:
        return user(request)
    except Exception:  # noqa: BLE001 - a request without its user is still worth telling
        return None
