"""Whoever dies over what changes a card, and is never asked again: no card stays older
than the state of its problem, and nobody is told of an end that is none."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tests.fakes.chaos import Killed
from tests.fakes.meddler import Meddler
from tests.fakes.world import World, event, settings_for
from tests.unit.rules.routed import HOUR, firing, resolved, rows
from tocsin.acknowledge import acknowledge, release, resolve
from tocsin.delivery import MINUTE, State
from tocsin.ending import ENDED
from tocsin.identity import SHARDS
from tocsin.notification import Notification

Story = Callable[[World], object]
RECOVERY_MINUTES = 15


def opened(**route: object) -> World:
    """A problem is open, and its card stands."""
    world = World(settings_for("ops", "team", **route))
    world.provider.editable = True
    world.accept(firing(), event("import", progress=0))
    world.send_all()
    world.clock.at += MINUTE
    return world


def an_event_ends_it(world: World) -> None:
    world.accept(resolved())
    world.send_all()


def a_keyed_event_ends_it(world: World) -> None:
    world.accept(resolved(), key="ok")
    world.send_all()


def an_alarm_that_comes_late_ends_it(world: World) -> None:
    """Its id is older than what the audit looks at."""
    world.accept(resolved(), key="ok", at=world.clock.at - 60 * MINUTE)
    world.send_all()


def a_list_ends_it(world: World) -> None:
    world.accept(event("news"), resolved(), event("more"))
    world.send_all()


def problem(world: World) -> Notification:
    return next(row for row in rows(world) if row.event.title == "db down")


def somebody_ends_it(world: World) -> None:
    """By the API, a link, a button: all of them come to this."""
    resolve(problem(world).id, actor="ann", note="", means=world.means())
    world.send_all()


def somebody_is_on_it_and_then_not(world: World) -> None:
    name = problem(world).id
    acknowledge(name, actor="ann", note="", means=world.means())
    release(name, actor="ann", note="", means=world.means())
    world.send_all()


def it_ends_by_itself(world: World) -> None:
    world.clock.at += 2 * 60 * MINUTE
    world.sweep()
    world.send_all()


def it_gets_better(world: World) -> None:
    world.accept(firing(severity="low"))
    world.send_all()


def it_gets_worse(world: World) -> None:
    world.accept(firing(severity="critical"))
    world.send_all()


def work_goes_on(world: World) -> None:
    world.accept(event("import", progress=30))
    world.send_all()


def work_comes_to_its_end(world: World) -> None:
    world.accept(event("import", progress=100))
    world.send_all()


def it_is_seen_again(world: World) -> None:
    world.accept(firing(), firing())
    world.send_all()


STORIES: list[Story] = [
    an_event_ends_it,
    a_keyed_event_ends_it,
    an_alarm_that_comes_late_ends_it,
    a_list_ends_it,
    somebody_ends_it,
    somebody_is_on_it_and_then_not,
    it_ends_by_itself,
    it_gets_better,
    it_gets_worse,
    it_is_seen_again,
    work_goes_on,
    work_comes_to_its_end,
]


def begun() -> World:
    world = opened(auto_close="2h")
    world.chaos.calls.clear()
    return world


def calls_of(story: Story) -> int:
    world = begun()
    story(world)
    return len(world.chaos.calls)


POINTS = [
    pytest.param(story, call, after, id=f"{story.__name__}-{call}-{after=}")
    for story in STORIES
    for call in range(1, calls_of(story) + 1)
    for after in (False, True)
]


@pytest.mark.parametrize(("story", "call", "after"), POINTS)
def test_no_card_stays_older_than_its_problem(
    story: Story, call: int, after: bool
) -> None:
    world = begun()
    world.chaos.fatal, world.chaos.after = call, after
    assert world.survive(partial(story, world)) or after
    world.live(RECOVERY_MINUTES)

    for row in rows(world):
        assert row.settled
        for name, each in row.deliveries.items():
            if each.is_card and not row.resolves:
                assert each.shown == row.edition
                assert shown_of(world, row, name) == state_of(row)
    ends = [row.id for row in rows(world) if row.resolves == problem(world).id]
    assert ends in ([], [problem(world).resolved_by])


def test_of_two_ends_at_once_one_is_told_and_the_other_says_why_not() -> None:
    world = begun()
    plain = world.seen_ledger
    twin: list[str] = []

    def be_faster() -> None:
        world.seen_ledger = plain
        (told,) = world.accept(resolved(message="by the twin"))
        twin.append(told.notification.id)

    world.seen_ledger = Meddler(plain, "finish", be_faster)
    (late,) = world.accept(resolved())
    world.live(RECOVERY_MINUTES)

    assert problem(world).resolved_by == twin[0]
    for each in world.ledger.kept[late.notification.id].deliveries.values():
        assert (each.state, each.reason) == (State.CANCELLED, ENDED)
    assert late.notification.status == "cancelled"


def test_an_end_whose_process_died_yields_to_the_one_that_came_after_it() -> None:
    world = begun()
    world.seen_ledger = Meddler(world.seen_ledger, "finish", die)
    assert world.survive(lambda: world.accept(resolved()))
    (second,) = world.accept(resolved())
    world.live(RECOVERY_MINUTES)

    assert problem(world).resolved_by == second.notification.id
    (first,) = [
        row for row in rows(world) if row.resolves and row.id != second.notification.id
    ]
    assert {each.reason for each in first.deliveries.values()} == {ENDED}


def test_a_second_try_closes_what_the_first_one_did_not() -> None:
    world = begun()
    world.seen_ledger = Meddler(world.seen_ledger, "finish", die)
    assert world.survive(lambda: world.accept(resolved(), key="ok"))
    assert problem(world).is_open
    (again,) = world.accept(resolved(), key="ok")
    world.send_all()

    assert again.verdict == "replayed"
    assert problem(world).resolved_by == again.notification.id
    assert shown_of(world, problem(world), "ops") == "resolved"


@pytest.mark.parametrize("route", [{"digest": {"at": "18:00"}}, {"to": ["nowhere"]}])
def test_an_end_that_is_not_sent_at_once_is_closed_too(route: dict[str, Any]) -> None:
    world = World(settings_for("ops", **route))
    world.accept(firing())
    world.clock.at += MINUTE
    world.seen_ledger = Meddler(world.seen_ledger, "finish", die)
    assert world.survive(lambda: world.accept(resolved()))
    world.live(RECOVERY_MINUTES)

    assert problem(world).is_over


@pytest.mark.parametrize("late", [0, 10 * MINUTE, 60 * MINUTE])
def test_an_end_that_is_told_nowhere_is_closed_too(late: int) -> None:
    world = World(settings_for("ops", match={"type": "else"}))
    world.accept(firing())
    opened = world.one().id
    world.clock.at += MINUTE
    world.accept(*(event(f"news {n}") for n in range(40)))
    world.live(8)  # The audit has passed in every shard.
    world.seen_ledger = Meddler(world.seen_ledger, "finish", die)
    at = world.clock.at - late
    assert world.survive(lambda: world.accept(resolved(), key="ok", at=at))
    world.live(RECOVERY_MINUTES)

    assert world.ledger.kept[opened].is_over
    assert not any(world.ledger.due(each, at + HOUR, 9) for each in range(SHARDS))


def test_what_was_held_back_shows_though_the_sweep_dies_that_asks_for_it() -> None:
    world = World(settings_for("ops", throttle={"limit": 1, "per": "1h"}))
    world.provider.editable = True
    world.accept(event())
    world.send_all()
    world.accept(event())
    world.clock.at += HOUR
    world.seen_queue = Meddler(world.seen_queue, "send", die)
    assert world.survive(world.sweep)
    world.live(RECOVERY_MINUTES)

    (post,) = world.provider.posts
    assert world.one().deliveries["ops"].shown == world.one().edition
    assert post.edited_at


def die() -> None:
    raise Killed


def shown_of(world: World, row: Notification, destination: str) -> str:
    """What its card says there."""
    card = row.deliveries[destination].message_id
    (post,) = [each for each in world.provider.posts if each.id == card]
    (message,) = [each for each in post.messages if row.id[-8:] in each.footer]
    return message.state


def state_of(row: Notification) -> str:
    if row.is_over:
        return "resolved"
    return row.state if row.ack_at is None else "acknowledged"
