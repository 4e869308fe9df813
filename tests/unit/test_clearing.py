"""After our own replay the DLQ holds nothing that is dead no longer."""

from __future__ import annotations

from collections.abc import Sequence

from tests.fakes.queue import FakeQueue
from tests.fakes.world import World, event
from tocsin.clearing import clear
from tocsin.ports import Kind, Outcome, Record
from tocsin.replay import replay


class FakeDeadLetters:
    """The DLQ of a fake queue, behind the port."""

    def __init__(self, queue: FakeQueue) -> None:
        self.queue = queue
        self.hidden: set[str] = set()

    def receive(self) -> list[Record]:
        seen = [each for each in self.queue.dlq if each.id not in self.hidden][:10]
        self.hidden |= {each.id for each in seen}
        return [Record(each.id, "r", each.sent_at, 1, each.parcel) for each in seen]

    def delete(self, records: Sequence[Record]) -> None:
        gone = {record.message_id for record in records}
        self.queue.dlq = [each for each in self.queue.dlq if each.id not in gone]

    def hide(self, records: Sequence[Record], seconds: int) -> None:
        self.hidden -= {record.message_id for record in records}


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
