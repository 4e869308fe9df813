"""Crash at every step: kill the process before and after each external call, let the
next one take over, and hold promises 1 and 2 against what people saw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial

import pytest

from tests.fakes.world import World, event, settings_for
from tocsin.delivery import State
from tocsin.ports import Kind, Outcome

RECOVERY_MINUTES = 15


def one_notification(world: World) -> None:
    world.accept(event("lonely"))
    world.send_all()


def ten_over_three(world: World) -> None:
    """Ten events to three destinations, of which `broken` answers 500."""
    world.settings = settings_for("ops", "team", "broken")
    world.provider.behaviour = lambda provider, messages, target: (
        Outcome(Kind.TRANSIENT, "500") if target.name == "broken" else None
    )
    world.accept(*(event(f"event {n}") for n in range(10)))
    world.send_all()


def a_problem_and_its_end(world: World) -> None:
    world.accept(event("db down", state="firing", severity="critical"), key="alarm")
    world.send_all()
    world.accept(event("db down", state="resolved"), key="ok")
    world.send_all()


def sweeping_a_lost_queue(world: World) -> None:
    world.accept(event("forgotten"))
    world.queue.messages.clear()
    world.clock.at += 120_000
    world.sweep()
    world.send_all()


def calls_of(story: Callable[[World], None]) -> int:
    world = World()
    story(world)
    return len(world.chaos.calls)


STORIES = [
    one_notification,
    ten_over_three,
    a_problem_and_its_end,
    sweeping_a_lost_queue,
]
POINTS = [
    (story, call, after)
    for story in STORIES
    for call in range(1, calls_of(story) + 1)
    for after in (False, True)
]


@pytest.mark.parametrize(
    ("story", "call", "after"),
    POINTS,
    ids=[f"{s.__name__}-{'after' if a else 'before'}-{c}" for s, c, a in POINTS],
)
def test_a_crash_loses_nothing_and_doubles_at_most_once_marked(
    story: Callable[[World], None], call: int, after: bool
) -> None:
    world = World()
    world.chaos.fatal, world.chaos.after = call, after

    killed = world.survive(lambda: story(world))
    world.live(minutes=RECOVERY_MINUTES)

    assert killed or world.chaos.fatal is not None
    for notification in world.ledger.kept.values():
        for name, delivery in notification.deliveries.items():
            if name == "broken":
                assert delivery.state is State.FAILED
                assert delivery.due_at is not None
                continue
            assert delivery.state is State.SENT, (name, delivery)
            shown = [
                message
                for post in world.provider.posts
                if post.destination == name
                for message in post.messages
                if notification.id[-8:] in message.footer
            ]
            assert 1 <= len(shown) <= 2
            if len(shown) == 2:
                assert delivery.possibly_sent
                assert "twice" in (shown[-1].state_line or "")


def test_what_was_never_answered_202_may_be_gone_but_is_never_half_there() -> None:
    """Killed before the commit: nothing at all is stored, so the caller's second try
    is the first one that counts."""
    for call in range(1, 4):
        world = World()
        world.chaos.fatal = call
        world.survive(partial(world.accept, event("once"), key="k"))
        world.accept(event("once"), key="k")
        world.live(minutes=RECOVERY_MINUTES)

        assert Counter(world.provider.shown()) == Counter({"once": 1})


def test_the_stories_do_make_calls_to_be_killed_at() -> None:
    assert calls_of(one_notification) >= 7
    assert calls_of(ten_over_three) >= 15
