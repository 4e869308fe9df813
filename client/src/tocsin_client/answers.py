"""Answers: what the API said, and why it refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_SHOWN = 300


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a request: `field` is a dotted path ("" = the whole)."""

    field: str
    reason: str


@dataclass(frozen=True)
class Problem:
    """A refusal in the server's own words (RFC 9457)."""

    title: str
    detail: str = ""
    errors: tuple[Fault, ...] = ()

    def __str__(self) -> str:
        told = self.detail or self.title
        shown = [
            f"{fault.field}: {fault.reason}" if fault.field else fault.reason
            for fault in self.errors
        ]
        more = [each for each in shown if each not in told]
        return "; ".join([told, *more])


class NotTaken(Exception):
    """Why a file does not go along, in words for people."""


@dataclass(frozen=True)
class Answer:
    """An answer over HTTP; the names of `headers` are in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def ok(self) -> bool:
        """Whether the status says success."""
        return 200 <= self.status < 300

    @property
    def json(self) -> Any:
        """The body as JSON. Raises ValueError where it is none."""
        return json.loads(self.body)

    @property
    def problem(self) -> Problem | None:
        """Why it was refused; None for a success. Always worded, whoever answered."""
        if self.ok:
            return None
        try:
            told = self.json
        except ValueError:
            told = None
        if not isinstance(told, dict):
            return Problem(f"HTTP {self.status}", _excerpt(self.body))
        title = told.get("title") or told.get("message") or f"HTTP {self.status}"
        return Problem(
            str(title), str(told.get("detail") or ""), _faults(told.get("errors"))
        )


def _faults(told: object) -> tuple[Fault, ...]:
    if not isinstance(told, list):
        return ()
    return tuple(
        Fault(str(each.get("field") or ""), str(each.get("reason") or ""))
        for each in told
        if isinstance(each, dict)
    )


def _excerpt(body: bytes) -> str:
    """Enough of a foreign page to recognise who answered instead of the API."""
    text = " ".join(body[: 4 * _SHOWN].decode("utf-8", "replace").split())
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
