"""What the tests of accepting begin with, and what was written of it."""

from __future__ import annotations

from tests.fakes.world import World, event
from tocsin.delivery import MINUTE
from tocsin.events import Event
from tocsin.intaking import Accepted
from tocsin.notification import Notification

DAY = 24 * 60 * MINUTE


def firing(title: str = "db down", **more: object) -> Event:
    return event(title, state="firing", severity="critical", **more)


def resolved(title: str = "db down", **more: object) -> Event:
    return event(title, state="resolved", severity="success", **more)


def written(world: World) -> list[str]:
    """The calls that changed the table, in order."""
    changing = {
        "commit", "remember", "finish", "repeat", "nudge", "move", "amend", "set_mark",
        "forget",
    }  # fmt: skip
    return [call for call in world.chaos.calls if call in changing]


def opened(world: World) -> list[str]:
    """The ids that further events would count on."""
    return [memory.holder for memory in world.ledger.known.values() if memory.holder]


def fresh(world: World) -> World:
    """Forget the calls made so far."""
    world.chaos.calls.clear()
    return world


def stored(world: World, accepted: Accepted) -> Notification:
    return world.ledger.kept[accepted.notification.id]


def rival_of(world: World) -> World:
    """Another process, on the same ledger and queue."""
    rival = World(world.settings, world.clock)
    rival.ledger, rival.queue = world.ledger, world.queue
    rival.restart()
    return rival
