"""Problems whose messages can be edited, and what their cards show."""

from __future__ import annotations

from collections.abc import Sequence

from tests.fakes.provider import Behaviour, Post, Provider
from tests.fakes.world import World, event, settings_for
from tocsin.acknowledge import Means, acknowledge, resolve
from tocsin.delivery import MINUTE, Delivery
from tocsin.events import Event
from tocsin.message import Message
from tocsin.ports import Kind, Outcome, Target

SECOND = 1_000
HOUR = 60 * MINUTE


def cards(*names: str) -> World:
    """A world whose provider edits."""
    world = World(settings_for(*(names or ("ops",))))
    world.provider.editable = True
    return world


def problem(title: str = "db down", **more: object) -> Event:
    return event(title, state="firing", severity="high", **more)


def with_problem() -> World:
    world = cards()
    world.accept(problem())
    world.send_all()
    world.clock.at += MINUTE
    return world


def means(world: World) -> Means:
    rules = world.settings.rules()
    return Means(world.seen_ledger, world.seen_queue, rules, world.clock, world.timing)


def named(world: World, title: str) -> str:
    found = [row for row in world.ledger.kept.values() if row.event.title == title]
    return min(row.id for row in found)


def acked(world: World, title: str = "db down") -> None:
    acknowledge(named(world, title), actor="ann", note="", means=means(world))


def resolved(world: World, title: str = "db down") -> None:
    resolve(named(world, title), actor="ann", note="", means=means(world))


def card(world: World) -> Post:
    (post,) = world.provider.posts
    return post


def first(world: World) -> Delivery:
    return world.ledger.kept[min(world.ledger.kept)].deliveries["ops"]


def answering(kind: Kind, times: int = 10**6, wait_ms: int = 0) -> Behaviour:
    left = [times]

    def behave(_: Provider, __: Sequence[Message], ___: Target) -> Outcome | None:
        left[0] -= 1
        return Outcome(kind, "as told", wait_ms=wait_ms) if left[0] >= 0 else None

    return behave
