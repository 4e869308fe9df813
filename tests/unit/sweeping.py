"""What the sweep finds: deliveries whose queue or sender failed them."""

from __future__ import annotations

from collections.abc import Sequence

from tests.fakes.provider import Provider
from tests.fakes.world import World, event
from tocsin.delivery import MINUTE, Timing
from tocsin.message import Message
from tocsin.ports import Kind, Outcome, Target

GRACE = Timing().grace
DAY = 24 * 60 * MINUTE


def failing(world: World, *, times: int = 10**6) -> None:
    """The provider answers 500 so often, then well."""
    left = [times]

    def behave(_: Provider, __: Sequence[Message], ___: Target) -> Outcome | None:
        left[0] -= 1
        return Outcome(Kind.TRANSIENT, "500") if left[0] >= 0 else None

    world.provider.behaviour = behave


def accept_many(world: World, count: int) -> None:
    for start in range(0, count, 50):
        world.accept(*(event(f"e{start + n}") for n in range(min(50, count - start))))


def lose_the_queue(world: World) -> None:
    world.queue.messages.clear()
    world.queue.sent.clear()


def a_retry_is_due(world: World) -> None:
    failing(world, times=1)
    world.accept(event())
    world.send_all()
    world.clock.at += MINUTE + 1_000
