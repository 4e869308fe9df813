"""Logs: a handler that tells of log records, and does not drown anyone in them."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Any, Protocol

from tocsin_client.client import shared
from tocsin_client.courier import here
from tocsin_client.events import LONGEST_FINGERPRINT
from tocsin_client.failures import is_news, told_of
from tocsin_client.plain import clip, said

REMEMBERED = 1000  # templates
LONGEST_LINE = 300
_OURS = ("tocsin_client", "urllib3")
_SEVERITIES = (
    (logging.CRITICAL, "critical"),
    (logging.ERROR, "high"),
    (logging.WARNING, "medium"),
    (logging.INFO, "info"),
)


class Posting(Protocol):
    """What can queue an event: `Tocsin`, `AsyncTocsin`."""

    @property
    def post(self) -> Callable[..., Any]:
        """Queue one event."""


class TocsinHandler(logging.Handler):
    """Posts records from `level` on. Of one logger's message template `limit` pass in
    `per` seconds, of everything together `most`; those held back are counted, and the
    next one that passes says how many they were."""

    def __init__(
        self,
        tocsin: Posting | None = None,
        level: int | str = logging.ERROR,
        *,
        type: str = "log",
        limit: int = 3,
        most: int = 60,
        per: float = 60.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(level)
        self._tocsin = tocsin
        self._type = type
        self._limits = Limits(limit=limit, most=most, per=per)
        self._clock = clock

    def emit(self, record: logging.LogRecord) -> None:
        """Post it, unless it is ours, or one too many."""
        if here.sending or record.name.split(".", 1)[0] in _OURS:
            return
        try:
            error = record.exc_info[1] if record.exc_info else None
            if error is not None and not is_news(error):
                return
            key = (record.name, clip(said(record.msg), LONGEST_LINE))
            held = self._limits.admit(key, self._clock())
            if held is not None:
                tocsin = self._tocsin or shared()
                tocsin.post(**self._event(record, held))
        except Exception:  # noqa: BLE001 - as `logging` does with any handler's errors
            self.handleError(record)

    def _event(self, record: logging.LogRecord, held: int) -> dict[str, Any]:
        told = record.getMessage()
        first, _, rest = told.partition("\n")
        parts = [rest.strip(), self._trouble(record)]
        if len(first) > LONGEST_LINE:
            parts[0] = told
        if held:
            parts.append(f"{held:,} more like this were held back before.")
        template = said(record.msg)
        return {
            "type": self._type,
            "title": clip(first.strip() or record.levelname, LONGEST_LINE),
            "message": "\n\n".join(part for part in parts if part),
            "severity": severity_of(record.levelno),
            "fingerprint": clip(
                f"{self._type}:{record.name}:{template}", LONGEST_FINGERPRINT
            ),
            "labels": {"logger": record.name, "level": record.levelname},
            "fields": {"Where": f"{record.filename}:{record.lineno} {record.funcName}"},
        }

    def _trouble(self, record: logging.LogRecord) -> str:
        if record.exc_info and record.exc_info[1] is not None:
            return told_of(record.exc_info[1], record.exc_info[2])
        return record.exc_text or ""


class Limits:
    """How many of each kind, and of all, pass within a window that moves."""

    def __init__(self, *, limit: int, most: int, per: float) -> None:
        self._limit, self._most, self._per = limit, most, per
        self._passed: OrderedDict[object, deque[float]] = OrderedDict()
        self._held: dict[object, int] = {}
        self._all: deque[float] = deque()
        self._lock = threading.Lock()

    def admit(self, key: object, now: float) -> int | None:
        """How many of its kind were held back since the last one; None: hold it too."""
        with self._lock:
            mine = self._passed.setdefault(key, deque())
            self._passed.move_to_end(key)
            if len(self._passed) > REMEMBERED:
                forgotten, _ = self._passed.popitem(last=False)
                self._held.pop(forgotten, None)
            if self._full(mine, self._limit, now) or self._full(
                self._all, self._most, now
            ):
                self._held[key] = self._held.get(key, 0) + 1
                return None
            mine.append(now)
            self._all.append(now)
            return self._held.pop(key, 0)

    def _full(self, passed: deque[float], limit: int, now: float) -> bool:
        while passed and passed[0] <= now - self._per:
            passed.popleft()
        return len(passed) >= limit


def severity_of(level: int) -> str:
    """A level of `logging`, or one between two of them, as a severity."""
    for least, severity in _SEVERITIES:
        if level >= least:
            return severity
    return "debug"
