"""Dead letters, and the ways to send them again."""

from __future__ import annotations

from collections.abc import Sequence

from tests.fakes.provider import Provider
from tests.fakes.world import World, event, settings_for
from tocsin.delivery import MINUTE, Delivery
from tocsin.message import Message
from tocsin.notification import Notification
from tocsin.ports import Dead, Kind, Outbox, Outcome, Target
from tocsin.replay import AS_IT_WAS, How, Replayed, replay, replay_dead


def refusing(*names: str) -> World:
    """A world in which these destinations refuse everything."""
    world = World(settings_for("ops", "team"))

    def behave(_: Provider, __: Sequence[Message], target: Target) -> Outcome | None:
        return Outcome(Kind.PERMANENT, "400") if target.name in names else None

    world.provider.behaviour = behave
    return world


def with_dead(count: int = 1, *names: str) -> World:
    """Events of which these destinations' deliveries are dead; all is well since."""
    world = refusing(*(names or ("ops",)))
    for start in range(0, count, 50):
        world.accept(*(event(f"e{start + n}") for n in range(min(50, count - start))))
    world.send_all()
    world.provider.behaviour = None
    world.clock.at += MINUTE
    return world


def again(
    world: World,
    destination: str | None = None,
    outbox: Outbox | None = None,
    how: How = AS_IT_WAS,
) -> Notification:
    return replay(
        world.one().id,
        destination=destination,
        actor="ann",
        ledger=world.seen_ledger,
        outbox=outbox or world.seen_queue,
        clock=world.clock,
        timing=world.timing,
        how=how,
    )


def selected_again(
    world: World, selected: list[Dead], how: How = AS_IT_WAS
) -> Replayed:
    return replay_dead(
        selected,
        actor="ann",
        ledger=world.seen_ledger,
        outbox=world.seen_queue,
        clock=world.clock,
        timing=world.timing,
        how=how,
    )


def all_dead(world: World) -> list[Dead]:
    return world.ledger.dead(limit=10_000, cursor="")[0]


def ops(world: World) -> Delivery:
    return world.one().deliveries["ops"]
