"""Cards: what died when it was to be told again, and is replayed, still has its card."""

from __future__ import annotations

import pytest

from tests.fakes.world import World, event
from tests.unit.carded import answering, cards, first, resolved
from tests.unit.replaying import all_dead, selected_again
from tocsin.delivery import MINUTE, State
from tocsin.ports import Kind
from tocsin.replay import AS_IT_WAS, How

TO_TEAM = How(to="team")


def died_again() -> World:
    """A card of `ops`; that it got worse came to `team` only."""
    world = cards("ops", "team")
    for severity in ("medium", "critical"):
        world.accept(event("disk", state="firing", severity=severity, fingerprint="d"))
        world.send_all()
        world.provider.behaviour = lambda provider, messages, target: (
            answering(Kind.PERMANENT)(provider, messages, target)
            if target.name == "ops"
            else None
        )
    world.live(minutes=2)
    assert first(world).state is State.DEAD_LETTER
    return world


def icons(world: World) -> list[str | None]:
    return [
        post.messages[0].icon
        for post in world.provider.posts
        if post.destination == "ops"
    ]


@pytest.mark.parametrize("how", [AS_IT_WAS, TO_TEAM])
def test_what_is_replayed_in_vain_turns_green_where_it_was_told_before(
    how: How,
) -> None:
    world = died_again()
    selected_again(world, all_dead(world), how)
    world.live(minutes=2)
    resolved(world, "disk")
    world.live(minutes=2)

    assert icons(world) == ["✅"]
    assert world.one().settled


def test_what_ends_before_its_replay_is_sent_turns_green_and_is_not_posted() -> None:
    world = died_again()
    world.provider.behaviour = answering(Kind.TRANSIENT, 1)
    selected_again(world, all_dead(world))
    world.send_all()
    assert first(world).state is State.FAILED
    resolved(world, "disk")
    world.live(minutes=3)

    assert icons(world) == ["✅"]
    assert first(world).state is State.SENT


def test_a_replay_that_is_sent_is_the_card_and_says_so_on_the_one_before() -> None:
    world = died_again()
    world.provider.behaviour = None
    selected_again(world, all_dead(world))
    world.send_all()
    before = world.provider.posts[0].messages[0]
    assert (before.state_line or "").endswith("Told again below")
    world.clock.at += MINUTE
    resolved(world, "disk")
    world.live(minutes=2)

    assert icons(world) == ["🚨", "✅"]
