"""Storm: ten thousand events of one problem within half a minute, and what they cost.

    python -m bench.storm [--events 10000]

The whole of Tocsin in one process under a virtual clock; the destination's messages can
be edited. What people see and what is written are counted, not timed.
"""

from __future__ import annotations

import argparse

from bench.measuring.figures import Results
from tests.fakes.world import World, event

SECONDS = 30
WRITES = frozenset({"remember", "commit", "repeat", "nudge", "move", "amend"})
TURN = 100  # events between two runs of the sender


def main() -> None:
    """Open, repeat, come to rest."""
    parser = argparse.ArgumentParser(prog="python -m bench.storm")
    parser.add_argument("--events", type=int, default=10_000)
    count = parser.parse_args().events
    results = Results(f"storm: {count:,} events of one problem in {SECONDS} s")
    world, writes = lived(count)
    shown = world.provider.posts
    edits = len(world.provider.edit_calls)
    (row,) = world.ledger.kept.values()
    card = row.deliveries["ops"]
    results.at_most("messages posted", len(shown), 3)
    results.at_most("table writes per repeat", writes / (count - 1), 1.05)
    results.at_most("edits of the card", edits, 2 + SECONDS / 10)
    results.at_least("counted in the end, of all", row.occurrences / count, 1)
    results.at_least("the card shows that, of all", card.shown / row.edition, 1)
    results.finish()


def lived(count: int) -> tuple[World, int]:
    """The world after the storm, and how often repeats wrote to the table."""
    world = World()
    world.provider.editable = True
    storm = event("db down", state="firing", severity="high")
    world.accept(storm)
    world.send_all()
    begun, writes = world.clock.at, 0
    for number in range(1, count):
        world.clock.at = max(world.clock.at, begun + number * SECONDS * 1000 // count)
        world.chaos.calls.clear()
        world.accept(storm)
        writes += sum(call in WRITES for call in world.chaos.calls)
        if not number % TURN:
            world.send_all()
    world.live(minutes=3)
    return world, writes


if __name__ == "__main__":
    main()
