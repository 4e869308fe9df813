"""Phrasing: a route's policy in words, as far as it is not what everybody expects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tocsin.rules.days import DAYS, minutes_of
from tocsin.rules.policy import Defaults, Digest, Hours, Policy, Quiet
from tocsin.wording import duration

_EXPECTED = Defaults()
_SEVERAL = {DAYS: "every day", DAYS[:5]: "on weekdays", DAYS[5:]: "on weekends"}


def phrases(policy: Policy) -> Iterator[str]:
    """How the route tells, one phrase for each thing that it asks for."""
    if policy.digest is not None:
        yield f"collected and told {_when(policy.digest)}"
    if policy.quiet is not None:
        yield _quiet(policy.quiet)
    if policy.dedup is not None:
        yield f"those alike within {_time(policy.dedup.window)} are one"
    yield from _limits(policy)
    for step in policy.escalate:
        again = f" and {step.repeat} × more" if step.repeat else ""
        yield (
            f"not acknowledged after {_time(step.after)}: {_and(step.to)} too{again}"
        )
    for late in policy.fallback:
        yield f"not delivered after {_time(late.after)}: {_and(late.to)}"
    yield from _endings(policy)


def odd(policy: Policy) -> Iterator[str]:
    """What is allowed and probably not meant."""
    if policy.digest is None or policy.quiet is None:
        return
    within = [text for text in policy.digest.at if _covers(policy.quiet, text)]
    if within:
        yield f"its digest at {_and(within)}, in its quiet hours, waits for their end"


def _limits(policy: Policy) -> Iterator[str]:
    throttle, flap = policy.throttle, policy.flap
    if throttle is None:
        yield "repeats are not throttled"
    elif throttle != _EXPECTED.throttle:
        yield f"at most {throttle.limit} alike in {_time(throttle.per)}"
    if flap is None:
        yield "each change of state is told"
    elif flap != _EXPECTED.flap:
        yield (
            f"restless after {flap.changes} changes in {_time(flap.within)},"
            f" until stable for {_time(flap.stable)}"
        )


def _endings(policy: Policy) -> Iterator[str]:
    if policy.ack.remind is not None:
        yield f"a reminder {_time(policy.ack.remind)} after an acknowledgement"
    if policy.ack.expires is not None:
        yield f"acknowledgements hold for {_time(policy.ack.expires)}"
    if policy.auto_close is not None:
        yield f"closed after {_time(policy.auto_close)}"
    if policy.ttl is not None:
        yield f"not told when older than {_time(policy.ttl)}"
    if policy.thread:
        yield "what follows goes to a thread"
    if policy.preview:
        yield "always with a preview line"


def _when(digest: Digest) -> str:
    if digest.cron:
        return f"by cron {digest.cron!r}"
    return f"at {_and(digest.at)} {_days(digest.every)}"


def _quiet(quiet: Quiet) -> str:
    days = "" if quiet.days == DAYS else f" {_days(quiet.days)}"
    excepted = " or ".join(quiet.except_)
    return f"quiet {quiet.from_} to {quiet.to}{days}, but for {excepted}"


def _covers(hours: Hours, text: str) -> bool:
    at, begin, end = map(minutes_of, (text, hours.from_, hours.to))
    return begin <= at < end if begin < end else at >= begin or at < end


def _days(days: Sequence[str]) -> str:
    return _SEVERAL.get(tuple(days)) or f"on {_and(days)}"


def _time(seconds: int) -> str:
    return duration(seconds * 1000)


def _and(words: Sequence[str]) -> str:
    return " and ".join(words)
