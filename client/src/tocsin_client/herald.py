"""The herald: tells the log, the application and people of what was dropped."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from typing import Any

from tocsin_client.batches import Entry
from tocsin_client.plain import encode

logger = logging.getLogger("tocsin_client")
OnDrop = Callable[[int, str], None]


class Herald:
    """`source` is the application's, `on_drop(count, reason)` its own ear."""

    def __init__(self, source: str, on_drop: OnDrop | None) -> None:
        self._source = source
        self._on_drop = on_drop

    def entry(self, counts: Counter[str]) -> Entry:
        """The event that tells people."""
        return Entry(encode(report_of(counts, self._source)), own=True)

    def log(self, counts: Counter[str], why: str) -> None:
        """Tell the log and the application; `why` is the last trouble there was."""
        for reason, count in counts.items():
            told = f"{reason} (last trouble: {why})" if why else reason
            logger.warning("%d events dropped: %s", count, told)
            if self._on_drop is not None:
                self._call(self._on_drop, count, reason)

    def _call(self, on_drop: OnDrop, count: int, reason: str) -> None:
        try:
            on_drop(count, reason)
        except Exception:
            logger.exception("on_drop failed")


def report_of(counts: Counter[str], source: str) -> dict[str, Any]:
    """The event that tells people."""
    number = sum(counts.values())
    reasons = ", ".join(f"{reason}: {count:,}" for reason, count in counts.items())
    event: dict[str, Any] = {
        "type": "tocsin.client.dropped",
        "title": f"{number:,} event{'s' * (number != 1)} dropped before being sent",
        "message": f"The client of this application had to drop events ({reasons}).",
        "severity": "medium",
        "fingerprint": f"tocsin.client.dropped:{source}",
        "data": {"count": number, "reasons": dict(counts)},
    }
    if source:
        event["source"] = source
    return event
