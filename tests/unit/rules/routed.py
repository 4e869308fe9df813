"""A whole Tocsin with routes under a virtual clock, and what is told in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from tests.fakes.clock import NOON
from tests.fakes.world import World, event
from tocsin.delivery import MINUTE
from tocsin.events import Event
from tocsin.notification import Notification
from tocsin.ports import Kind, Outcome
from tocsin.rules.config import Config
from tocsin.rules.criteria import Match
from tocsin.rules.policy import Upkeep
from tocsin.rules.silencing import Silence
from tocsin.settings import Destination, Settings

HOUR = 60 * MINUTE
NAMES = ("ops", "team", "oncall", "mail", "audit")
ESCALATE = {"escalate": [{"after": "10m", "to": ["oncall"], "repeat": 2}]}


def world_of(
    *routes: dict[str, Any], upkeep: Upkeep | None = None, **file: Any
) -> World:
    """Routes to `ops`, unless they say where else; `upkeep` is that of `ops`."""
    named = [{"name": f"r{n}", "to": ["ops"], **each} for n, each in enumerate(routes)]
    config = Config.model_validate(
        {**file, "routes": named or [{"name": "r0", "to": ["ops"]}]}
    )
    destinations = {name: Destination(name, "fake", {}) for name in NAMES}
    if upkeep is not None:
        destinations["ops"] = replace(destinations["ops"], upkeep=upkeep)
    return World(Settings(config=config, destinations=destinations))


def firing(title: str = "db down", **more: Any) -> Event:
    return event(title, **{"state": "firing", "severity": "high", **more})


def resolved(title: str = "db down", **more: Any) -> Event:
    return event(title, state="resolved", severity="success", **more)


def rows(world: World) -> list[Notification]:
    return [world.ledger.kept[name] for name in sorted(world.ledger.kept)]


def told(world: World, *events: Event) -> list[str]:
    """Accept, and let the sender work; the verdicts."""
    verdicts = [result.verdict for each in events for result in world.accept(each)]
    world.send_all()
    return verdicts


def at(ms: int) -> dict[str, Any]:
    """An event's time: this long after the world began."""
    return {"occurred_at": datetime.fromtimestamp((NOON + ms) / 1000, UTC)}


def later() -> World:
    """Half a minute on, so that events can have happened before."""
    world = world_of({})
    world.clock.at += MINUTE // 2
    return world


def silence(until: int, **match: Any) -> Silence:
    return Silence(
        "s1", Match.model_validate(match), NOON - 1, until, "ann", "moving the rack"
    )


def silenced(world: World, until: int, **match: Any) -> World:
    world.settings = replace(world.settings, silences=(silence(until, **match),))
    return world


def failing(world: World, *names: str) -> World:
    """Nothing gets through to these."""
    world.provider.behaviour = lambda _, __, target: (
        Outcome(Kind.TRANSIENT, "500") if target.name in names else None
    )
    return world
