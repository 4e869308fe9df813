"""Outlook: when in the coming days somebody is not told at once, and why. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter

from tocsin.rules.config import Config
from tocsin.rules.policy import Digest, Quiet
from tocsin.rules.silencing import Silence
from tocsin.rules.times import next_telling, spans
from tocsin.settings import Settings
from tocsin.values import dataclass

_TELLINGS = 50  # of one route: a digest every few minutes is no outlook


@dataclass(frozen=True, slots=True)
class Quietness:
    """A time (ms) in which something is not told at once.

    kind        "silence", "maintenance", "quiet" (hours of a route), "digest" (the
                moment at which a route tells what has waited)
    name        the silence's comment, or the route
    ends_at     None = nothing ends it yet
    except_for  severities that are told all the same
    """

    kind: str
    name: str
    starts_at: int
    ends_at: int | None
    silence_id: str = ""
    except_for: tuple[str, ...] = ()


def outlook(settings: Settings, since: int, until: int) -> list[Quietness]:
    """Between these moments, the earliest first."""
    found: list[Quietness] = []
    for silence in settings.silences:
        found += _of_silence(silence, since, until)
    found += _of_routes(settings.config, since, until)
    return sorted(found, key=attrgetter("starts_at"))


def _of_silence(silence: Silence, since: int, until: int) -> Iterator[Quietness]:
    begins, ends = max(silence.starts_at, since), silence.ends_at
    if begins >= until or (ends is not None and ends <= since):
        return
    hours = silence.recurring
    times: list[tuple[int, int | None]] = [(begins, ends)]
    if hours is not None:
        last = until if ends is None else min(ends, until)
        times = [*spans(hours, begins, last, hours.timezone or "UTC")]
    for first, last_at in times:
        cut = last_at if last_at is None else min(last_at, until)
        yield Quietness(silence.kind, silence.comment, first, cut, silence.id)


def _of_routes(config: Config, since: int, until: int) -> Iterator[Quietness]:
    for route in config.routes:
        policy = config.policy_of(route)
        quiet = policy.quiet
        if quiet is not None:
            for first, last in spans(quiet, since, until, config.timezone):
                told = tuple(quiet.except_)
                yield Quietness("quiet", route.name, first, last, except_for=told)
        if policy.digest is not None:
            for at in _tellings(policy.digest, quiet, since, until, config.timezone):
                yield Quietness("digest", route.name, at, at)


def _tellings(
    digest: Digest, quiet: Quiet | None, since: int, until: int, zone: str
) -> Iterator[int]:
    at = since
    for _ in range(_TELLINGS):
        at = next_telling(digest, quiet, at, zone)
        if at >= until:
            return
        yield at
