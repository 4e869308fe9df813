"""HTTP calls of the runner: loopback only, never through a proxy."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any, Final

TIMEOUT: Final = 30.0
PAUSE: Final = 0.1

_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def call(
    method: str,
    url: str,
    body: bytes | dict[str, Any] | None = None,
    *,
    key: str = "",
    kind: str = "application/json",
    timeout: float = TIMEOUT,
) -> tuple[int, dict[str, Any]]:
    """(status, JSON object) of one call; status 0 where nobody answered."""
    data = json.dumps(body).encode() if isinstance(body, dict) else body
    request = urllib.request.Request(url, data=data, method=method)
    if data is not None:
        request.add_header("Content-Type", kind)
    if key:
        request.add_header("Authorization", f"Bearer {key}")
    try:
        with _opener.open(request, timeout=timeout) as answer:
            return answer.status, _object(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, _object(error.read())
    except OSError:
        return 0, {}


def wait_until(ready: Callable[[], bool], seconds: float) -> bool:
    """Whether `ready` came true in time."""
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            return False
        time.sleep(PAUSE)
    return True


def answers(url: str, *, within: float = 2.0) -> bool:
    """Whether anything healthy is served there, within so many seconds."""
    return call("GET", url, timeout=within)[0] == 200


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
