"""Fixed windows: a window opens with its first request and lets so many through."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

_PRUNE_ABOVE = 4096


@dataclass(frozen=True, slots=True)
class Quota:
    """So many requests in so many seconds."""

    limit: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Grant:
    """The answer to one request: whether it passes, and how the window stands."""

    allowed: bool
    limit: int
    remaining: int
    reset_at: float
    reset_after: float


@dataclass(slots=True)
class _Window:
    closes_at: float
    used: int = 0


class Windows:
    """One window per key under one quota; without a quota everything passes."""

    def __init__(self, quota: Quota | None) -> None:
        self._quota = quota
        self._open: dict[Hashable, _Window] = {}

    @property
    def quota(self) -> Quota | None:
        """The quota in force, None where there is none."""
        return self._quota

    def configure(self, quota: Quota | None) -> None:
        """Change the quota; every window starts anew."""
        self._quota = quota
        self._open.clear()

    def take(self, key: Hashable, now: float) -> Grant | None:
        """Count one request at `now` (epoch seconds); a refused one uses nothing up."""
        quota = self._quota
        if quota is None:
            return None
        window = self._window(key, quota, now)
        allowed = window.used < quota.limit
        if allowed:
            window.used += 1
        return _grant(quota, window, now, allowed=allowed)

    def look(self, key: Hashable, now: float) -> Grant | None:
        """How the window stands, without counting a request."""
        quota = self._quota
        window = self._open.get(key)
        if quota is None or window is None or window.closes_at <= now:
            return None
        return _grant(quota, window, now, allowed=window.used < quota.limit)

    def _window(self, key: Hashable, quota: Quota, now: float) -> _Window:
        window = self._open.get(key)
        if window is None or window.closes_at <= now:
            if len(self._open) > _PRUNE_ABOVE:
                self._prune(now)
            window = self._open[key] = _Window(now + quota.seconds)
        return window

    def _prune(self, now: float) -> None:
        self._open = {k: w for k, w in self._open.items() if w.closes_at > now}


def _grant(quota: Quota, window: _Window, now: float, *, allowed: bool) -> Grant:
    return Grant(
        allowed=allowed,
        limit=quota.limit,
        remaining=max(quota.limit - window.used, 0),
        reset_at=window.closes_at,
        reset_after=max(window.closes_at - now, 0.0),
    )
