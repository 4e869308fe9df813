"""Explaining: what a routing file says, and what looks wrong in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tocsin.phrasing import odd, phrases
from tocsin.rules.config import Config, Match, Route
from tocsin.rules.policy import Policy
from tocsin.settings import Destination
from tocsin.severity import Severity


def explain(config: Config) -> list[str]:
    """One sentence for each route, in order."""
    return [_sentence(route, config.policy_of(route)) for route in config.routes]


def warnings(config: Config, destinations: Mapping[str, Destination]) -> list[str]:
    """What is allowed and probably not meant."""
    found = [*_unreachable(config.routes), *_silent(config), *_odd(config)]
    for name in sorted({name for _, name in config.named_destinations()}):
        destination = destinations.get(name)
        if destination is not None and not destination.secret:
            found.append(
                f"destination {name!r} has no secret yet: PUT /v1/destinations/{name}"
            )
    return found


def _sentence(route: Route, policy: Policy) -> str:
    told = f"go to {_and(route.to)}" if route.to else "are kept and sent nowhere"
    parts = [f"{route.name}: {_asked(route.match)} {told}", *phrases(policy)]
    if route.continue_:
        parts.append("later routes are asked too")
    return f"{'; '.join(parts)}."


def _asked(match: Match) -> str:
    asked = [
        f"{name} {_or(globs)}"
        for name, globs in (
            ("type", match.type),
            ("source", match.source),
            ("branch", match.branch),
            ("severity", match.severity),
        )
        if globs is not None
    ]
    asked += [f"label {label} {glob!r}" for label, glob in match.labels.items()]
    asked += [f"data {path} {wanted!r}" for path, wanted in match.data.items()]
    return f"events with {_and(asked)}" if asked else "all events"


def _unreachable(routes: Sequence[Route]) -> Iterator[str]:
    """Routes behind one that takes everything they ask for, and does not continue."""
    for index, route in enumerate(routes):
        for earlier in routes[:index]:
            if not earlier.continue_ and _covers(earlier.match, route.match):
                yield (
                    f"route {route.name!r} is never reached: {earlier.name!r} takes"
                    " those events first; move it up, or give the earlier one"
                    " `continue: true`"
                )
                break


def _covers(wide: Match, narrow: Match) -> bool:
    """Whether `wide` takes every event that `narrow` takes, as far as it shows."""
    pairs = (
        (wide.type, narrow.type),
        (wide.source, narrow.source),
        (wide.branch, narrow.branch),
        (wide.severity, narrow.severity),
    )
    return all(
        broad is None
        or "*" in broad
        or broad == (">=debug",)
        or (tight is not None and set(tight) <= set(broad))
        for broad, tight in pairs
    ) and all(
        [
            *(
                glob == "*" or narrow.labels.get(label) == glob
                for label, glob in wide.labels.items()
            ),
            *(narrow.data.get(path) == asked for path, asked in wide.data.items()),
        ]
    )


def _odd(config: Config) -> Iterator[str]:
    for route in config.routes:
        policy = config.policy_of(route)
        for reason in odd(policy):
            yield f"route {route.name!r} {reason}"
        if policy.fallback and not route.to:
            yield f"route {route.name!r} sends nothing that `fallback` could wait for"
        fallen = {name for step in policy.fallback for name in step.to}
        for name in sorted(fallen & set(route.to)):
            told = "which it tells in the first place: that step does nothing"
            yield f"route {route.name!r} falls back to {name!r}, {told}"


def _silent(config: Config) -> Iterator[str]:
    if not config.routes:
        yield "there are no routes: every event will be kept, and none sent"
        return
    if not any(_takes_everything(route.match) and route.to for route in config.routes):
        yield (
            f"no route takes every event: some, even {Severity.CRITICAL} ones, may be"
            " kept and not sent; end with a route without `match`"
        )


def _takes_everything(match: Match) -> bool:
    return _covers(match, Match())


def _or(words: Sequence[str]) -> str:
    return " or ".join(repr(word) for word in words)


def _and(words: Sequence[str]) -> str:
    return " and ".join(words)
