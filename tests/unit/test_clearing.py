"""After our own replay the DLQ holds nothing that is dead no longer."""

from __future__ import annotations

from tests.fakes.queue import FakeDeadLetters
from tests.fakes.world import World, event
from tocsin.clearing import clear
from tocsin.ports import Kind, Outcome
from tocsin.replay import replay


def test_only_what_was_replayed_leaves_the_dlq() -> None:
    world = World()
    world.provider.behaviour = lambda *_: Outcome(Kind.PERMANENT, "400")
    for n in range(3):
        world.accept(event(f"e{n}"))
    world.send_all()
    assert len(world.queue.dlq) == 3
    first = min(world.ledger.kept)
    replay(
        first,
        destination=None,
        actor="ann",
        ledger=world.ledger,
        outbox=world.queue,
        clock=world.clock,
        timing=world.timing,
    )
    dead_letters = FakeDeadLetters(world.queue)

    assert clear(queue=dead_letters, ledger=world.ledger) == 1
    assert len(world.queue.dlq) == 2
    assert not dead_letters.hidden & {each.id for each in world.queue.dlq}
