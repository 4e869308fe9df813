"""The counts over all calls: for a status bar, and for tests that count calls."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from local.inbox.visited import Call


@dataclass(slots=True)
class Counts:
    """What happened at one mailbox, or at all of them together."""

    calls: int = 0
    accepted: int = 0
    edits: int = 0
    deletes: int = 0
    limited: int = 0
    refused: int = 0
    failed: int = 0
    unanswered: int = 0
    by_status: Counter[str] = field(default_factory=Counter)
    first_accepted_at: float | None = None
    last_accepted_at: float | None = None

    def called(self, call: Call) -> None:
        """Count one call by what became of it; status 0 means no answer was given."""
        self.calls += 1
        self.by_status[str(call.status)] += 1
        self.limited += call.status == 429
        self.refused += call.refused
        self.failed += call.status >= 500
        self.unanswered += call.status == 0

    def accepted_at(self, at: float) -> None:
        """Count one message that people now see."""
        self.accepted += 1
        self.first_accepted_at = self.first_accepted_at or at
        self.last_accepted_at = at

    def as_json(self) -> dict[str, Any]:
        """The form of the control API."""
        return {
            "calls": self.calls,
            "accepted": self.accepted,
            "edits": self.edits,
            "deletes": self.deletes,
            "limited": self.limited,
            "refused": self.refused,
            "failed": self.failed,
            "unanswered": self.unanswered,
            "by_status": dict(self.by_status),
            "first_accepted_at": self.first_accepted_at,
            "last_accepted_at": self.last_accepted_at,
        }


class Tally:
    """Counts in total and per mailbox, and the mistakes that a provider forgives."""

    def __init__(self, since: float) -> None:
        self.since = since
        self.total = Counts()
        self.webhooks: dict[str, Counts] = {}
        self.warnings: Counter[str] = Counter()
        self.invalid: Counter[str] = Counter()

    def called(self, call: Call) -> None:
        """Count a call, whatever became of it."""
        for counts in self._both(call.webhook):
            counts.called(call)
        self.warnings.update(call.warnings)

    def accepted(self, webhook: str, at: float) -> None:
        """Count a new message."""
        for counts in self._both(webhook):
            counts.accepted_at(at)

    def edited(self, webhook: str) -> None:
        """Count an edit that was accepted."""
        for counts in self._both(webhook):
            counts.edits += 1

    def deleted(self, webhook: str) -> None:
        """Count a deletion that was accepted."""
        for counts in self._both(webhook):
            counts.deletes += 1

    def _both(self, webhook: str) -> tuple[Counts, Counts]:
        return self.total, self.webhooks.setdefault(webhook, Counts())

    def as_json(self) -> dict[str, Any]:
        """The form of the control API."""
        return {
            "since": self.since,
            **self.total.as_json(),
            "warnings": dict(self.warnings),
            "invalid_requests": dict(self.invalid),
            "webhooks": {name: c.as_json() for name, c in self.webhooks.items()},
        }
