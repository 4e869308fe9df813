"""A destination that hangs is tried once in a while, not by every batch."""

from __future__ import annotations

from collections.abc import Sequence

from tests.fakes.provider import Provider
from tests.fakes.world import World, event, settings_for
from tocsin.calling import PAUSE_MS
from tocsin.message import Message
from tocsin.ports import Kind, Outcome, Target

TIMEOUT = 5_000


def hanging(name: str, kind: Kind = Kind.UNKNOWN, took: int = TIMEOUT) -> object:
    """Calls to this destination take so long, and then come to nothing."""

    def behave(
        provider: Provider, _: Sequence[Message], target: Target
    ) -> Outcome | None:
        if target.name != name:
            return None
        provider.clock.sleep(took)
        return Outcome(kind, "no answer in time")

    return behave


def calls_to(world: World, name: str) -> int:
    return sum(target == name for _, target, _ in world.provider.calls)


def test_what_comes_after_a_hang_does_not_wait_for_another() -> None:
    world = World(settings_for("dark", "ops"))
    world.provider.behaviour = hanging("dark")  # type: ignore[assignment]
    world.accept(event("first"))
    world.send_all()
    for n in range(5):
        world.accept(event(f"later {n}"))
        world.send_all()

    assert calls_to(world, "dark") == 1
    assert len(world.provider.shown("ops")) == 6


def test_another_process_knows_of_the_hang_too() -> None:
    world = World(settings_for("dark"))
    world.provider.behaviour = hanging("dark")  # type: ignore[assignment]
    world.accept(event("first"))
    world.send_all()
    world.restart()
    world.accept(event("second"))
    world.send_all()

    assert calls_to(world, "dark") == 1


def test_after_the_pause_everything_is_sent() -> None:
    world = World(settings_for("dark"))
    world.provider.behaviour = hanging("dark")  # type: ignore[assignment]
    world.accept(event("first"))
    world.send_all()
    world.accept(event("second"))
    world.send_all()
    world.provider.behaviour = None
    world.clock.at += PAUSE_MS + 1_000
    world.send_all()

    assert world.provider.shown() == ["second"]
    world.live(3)
    assert sorted(world.provider.shown()) == ["first", "second"]


def test_a_quick_failure_pauses_nobody_else() -> None:
    world = World(settings_for("dark"))
    world.provider.behaviour = hanging("dark", Kind.TRANSIENT, 10)  # type: ignore[assignment]
    world.accept(event("first"))
    world.send_all()
    world.accept(event("second"))
    world.send_all()

    assert calls_to(world, "dark") == 2


def test_a_slow_success_pauses_nobody() -> None:
    world = World(settings_for("ops"))
    world.provider.latency = 4_000
    world.accept(event("first"))
    world.send_all()
    world.accept(event("second"))
    world.send_all()

    assert world.provider.shown() == ["first", "second"]
