"""Throttling: which routes may tell one more notice, and what counts those held back.

Each route has a window of its own. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from tocsin.identity import time_of
from tocsin.memory import REMEMBERED, Memory, Window
from tocsin.notification import Step
from tocsin.rules.addressing import Way
from tocsin.rules.config import Route
from tocsin.rules.policy import Policy, Throttle
from tocsin.rules.recalling import RESERVED, Past
from tocsin.values import dataclass

Missed = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class HeldBack:
    """A route that has met its limit, and the window in which it did."""

    route: Route
    window: Window

    @property
    def step(self) -> Step:
        """Why it does not tell, in words."""
        window = self.window
        told = f"told {window.limit} in {(window.until - window.since) // 1000} s"
        why = f"held back: route {self.route.name} {told}; counted on {window.holder}"
        return Step("throttle", why)


@dataclass(frozen=True, slots=True)
class Parted:
    """The routes that tell, and those that hold back. `place`: an id that was reserved
    in one of their windows and not written, "" = none."""

    telling: tuple[Way, ...]
    held: tuple[HeldBack, ...] = ()
    place: str = ""

    @property
    def tells(self) -> bool:
        """Whether anybody is told, or nobody was to be."""
        return not self.held or any(route.to for route, _ in self.telling)

    def missed(self, seen: Iterable[str]) -> Missed:
        """By notification: the destinations that it has to count one more for, since
        they are not among those that see it elsewhere."""
        found: dict[str, dict[str, None]] = {}
        seen = set(seen) if self.held else ()
        for each in self.held:
            names = dict.fromkeys(name for name in each.route.to if name not in seen)
            if names:
                found.setdefault(each.window.holder, {}).update(names)
        return {holder: tuple(names) for holder, names in found.items()}


def limit_of(policy: Policy) -> Throttle | None:
    """A window of `dedup` is a throttle that lets one through."""
    if policy.dedup is not None:
        return Throttle.model_construct(limit=1, per=policy.dedup.window)
    return policy.throttle


def parted(
    taken: Sequence[Way], past: Past, now: int, silent: Callable[[], bool]
) -> Parted:
    """Ask each route that takes a notice whether it may tell it. `silent` says whether
    people are kept from hearing it."""
    windows = running(past.memory, taken, now)
    if not windows:  # Most notices are the first of their kind.
        return Parted(tuple(taken))
    telling: list[Way] = []
    held: list[HeldBack] = []
    places: list[str] = []
    for route, policy in taken:
        window = windows.get(route.name)
        limited = route.to and limit_of(policy) is not None
        if window is None or not limited or window.told < window.limit:
            telling.append((route, policy))
            continue
        holder = past.rows.get(window.holder)
        if holder is None:
            # Who reserved a place in the window has not taken it.
            telling.append((route, policy))
            if now - time_of(window.holder) < RESERVED:
                places.append(window.holder)
        elif holder.untold and not silent():
            # What took it was told nobody, in a silence that is over.
            telling.append((route, policy))
        else:
            held.append(HeldBack(route, window))
    return Parted(tuple(telling), tuple(held), max(places, default=""))


def running(memory: Memory, taken: Sequence[Way], now: int) -> dict[str, Window]:
    """The windows that are not over."""
    if not memory.told:
        return {}
    known = memory.windows or dict(_of_old(memory, taken))
    return {name: each for name, each in known.items() if each.until > now}


def _of_old(memory: Memory, taken: Sequence[Way]) -> Iterator[tuple[str, Window]]:
    """Of a version that knew one window for all routes."""
    for route, policy in taken:
        limit = limit_of(policy)
        if limit is not None:
            told, holder = memory.told, memory.holder
            window = Window(memory.since, memory.until, limit.limit, told, holder)
            yield route.name, window


def having_told(
    memory: Memory, taken: Sequence[Way], told: Parted, notification_id: str, now: int
) -> tuple[Memory | None, list[int]]:
    """(what is remembered once these routes have told one more, None = the same; the
    ends of those windows in which it was the last)."""
    before = running(memory, taken, now)
    windows, ends = dict(before), dict[int, None]()
    own: Window | None = None
    for route, policy in told.telling:
        limit = limit_of(policy)
        if limit is None or not route.to:
            continue
        windows[route.name] = after = _one_more(
            before.get(route.name), limit, notification_id, now
        )
        own = own or after
        if after.told >= after.limit:
            # Whatever follows is counted on it, and told at the end.
            ends[after.until] = None
    if own is None or windows == memory.windows:
        return None, list(ends)
    until = max(each.until for each in windows.values())
    remembered = Memory(
        # Never what it was before, even where that was not read.
        rev=max(memory.rev + 1, now),
        holder=notification_id,
        since=own.since,
        until=until,
        told=own.told,
        changes=memory.changes,
        changed_at=memory.changed_at,
        expires_at=until + REMEMBERED,
        last=memory.last,
        windows=windows,
    )
    return remembered, list(ends)


def _one_more(old: Window | None, limit: Throttle, name: str, now: int) -> Window:
    if old is None:
        return Window(now, now + limit.per * 1000, limit.limit, 1, name)
    if old.holder == name:
        return old  # It takes the place that was reserved for it.
    return replace(old, told=old.told + 1, holder=name)
