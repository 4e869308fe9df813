"""Progress: a long job as one stream of events."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any

from tocsin_client.batches import new_key
from tocsin_client.events import LONGEST_FINGERPRINT
from tocsin_client.failures import is_news, kind_of, told_of
from tocsin_client.plain import clip

if TYPE_CHECKING:
    from typing_extensions import Self

logger = logging.getLogger("tocsin_client")
LONGEST_THREAD = 100
_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


class Progress:
    """A job from 0 to 100 %. All its events share a thread and a fingerprint of this
    run: it opens when the job begins, and is resolved when it is done. A job that fails
    is told as such and stays open, until somebody resolves it.

    `advance` may be called from any thread, as often as wanted: an event is sent each
    `every` percent.
    """

    def __init__(
        self,
        post: Callable[..., Any],
        title: str,
        *,
        total: float,
        every: int,
        type: str,
        keys: Mapping[str, Any],
    ) -> None:
        self.title = title
        self.total = total
        self.done = 0.0
        self._post = post
        self._every = max(1, every)
        self._keys = {
            "severity": "info",
            "thread": clip(title, LONGEST_THREAD),
            "fingerprint": clip(f"{type}:{new_key()}:{title}", LONGEST_FINGERPRINT),
            "type": type,
            **keys,
        }
        self._told = 0
        self._began = time.monotonic()
        self._lock = threading.Lock()

    @property
    def percent(self) -> int:
        """0..99 while it goes on: 100 is for when it is done."""
        share = self.done / self.total if self.total > 0 else 0.0
        return int(max(0.0, min(99.0, 100 * share)))

    def advance(self, by: float = 1, message: str = "") -> None:
        """So much more of `total` is done; tell it when it is worth telling."""
        with self._lock:
            self.done += by
            percent = self.percent
            if percent < self._told + self._every:
                return
            self._told = percent
        self._tell(self.title, message, state="firing", progress=percent)

    def say(self, message: str) -> None:
        """Tell this now, however far it is."""
        self._tell(self.title, message, state="firing", progress=self.percent)

    def __enter__(self) -> Self:
        self._began = time.monotonic()
        self._tell(self.title, "", state="firing", progress=0)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        took = spoken(time.monotonic() - self._began)
        if error is None:
            said = {"state": "resolved", "severity": "success", "progress": 100}
            self._tell(self.title, f"Done in {took}.", **said)
            return
        failed = isinstance(error, Exception)
        if failed:
            is_news(error)
        word, severity = ("failed", "high") if failed else ("was stopped", "medium")
        title = f"{self.title} {word} at {self.percent} %: {kind_of(error)}"
        said = {"severity": severity, "progress": self.percent}
        self._tell(title, f"After {took}. {told_of(error)}", **said)

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.__exit__(kind, error, trace)

    def _tell(self, title: str, message: str, **said: Any) -> None:
        try:
            self._post(title=title, message=message, **{**self._keys, **said})
        except Exception as error:  # noqa: BLE001 - the job matters, not its telling
            logger.warning("progress could not be told: %s", error)


def spoken(seconds: float) -> str:
    """A duration: "850 ms", "45 s", "12 min", "3 h 20 min"."""
    if seconds < 1:
        return f"{max(0, int(seconds * 1000))} ms"
    for position, (size, unit) in enumerate(_UNITS):
        if seconds >= size:
            words = f"{int(seconds // size)} {unit}"
            if unit in ("s", "min"):
                return words
            smaller, name = _UNITS[position + 1]
            rest = int(seconds % size // smaller)
            return f"{words} {rest} {name}" if rest else words
    return "0 s"
