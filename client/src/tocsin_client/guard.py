"""The guard: under pytest nothing leaves the process, unless told to."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from tocsin_client.plain import encode

SEND = "TOCSIN_SEND_UNDER_PYTEST"
# pytest sets the first two itself, our plugin the last; child processes inherit them.
SIGNS = ("PYTEST_CURRENT_TEST", "PYTEST_VERSION", "TOCSIN_UNDER_PYTEST")

_captured: list[dict[str, Any]] | None = None


def _signs() -> bool:
    return any(sign in os.environ for sign in SIGNS)


_inherited = _signs()


def active() -> bool:
    """Whether a test is running which has not asked to send."""
    # The first line is for all those who are not under test: it costs them nothing.
    if not _inherited and "_pytest" not in sys.modules:
        return False
    return _signs() and not os.environ.get(SEND)


def capture(event: dict[str, Any]) -> None:
    """Keep what would have been sent, where somebody wants to see it."""
    if _captured is not None:
        _captured.append(json.loads(encode(event)))


def begin(captured: list[dict[str, Any]] | None) -> list[dict[str, Any]] | None:
    """Capture into this list from now on (None: forget); the one before it."""
    global _captured
    before, _captured = _captured, captured
    return before
