"""Answers: what is read from a provider's in the same way, whoever it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tocsin.channels._http import NetworkFault, Response, retry_after_ms
from tocsin.ports import Kind, Outcome

SHORTEST_WAIT = 1_000


def fields_of(answer: Response | NetworkFault) -> dict[str, Any]:
    """The answer as an object, empty when it is none."""
    body = None if isinstance(answer, NetworkFault) else answer.json()
    return body if isinstance(body, dict) else {}


def text_of(fields: Mapping[str, Any], name: str) -> str | None:
    """What stands there as text, None where there is none."""
    value = fields.get(name)
    return value if isinstance(value, str) and value else None


def whole(value: object) -> int | None:
    """A number without a fraction, None for all else; a truth value is no number."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def limited(who: str, answer: Response, otherwise: int) -> Outcome:
    """As long as `Retry-After` says; `otherwise` (ms) where it says nothing."""
    wait = max(retry_after_ms(answer) or otherwise, SHORTEST_WAIT)
    reason = f"{who} asks to wait {wait / 1000:.0f} s"
    return Outcome(Kind.LIMITED, reason, wait_ms=wait)
