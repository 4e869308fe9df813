"""Promise 6: a card never shows an older state than it showed before, whoever edits it,
in whatever order, and wherever the process is killed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from typing import Any
from unittest import mock

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.chaos import Killed
from tests.fakes.world import World, event, settings_for
from tocsin import lane
from tocsin.acknowledge import Means, acknowledge, release, resolve
from tocsin.composing import compose
from tocsin.delivery import MINUTE, State
from tocsin.errors import Conflict
from tocsin.notification import Notification

SECOND = 1_000
TITLES = ("alpha", "beta", "gamma")
Act = Callable[[World], object]


def means(world: World) -> Means:
    rules = world.settings.rules()
    return Means(world.seen_ledger, world.seen_queue, rules, world.clock, world.timing)


def _by_hand(world: World, what: Callable[..., Notification], title: str) -> None:
    """The latest problem of this title, as somebody sees it."""
    found = [row for row in world.ledger.kept.values() if row.event.title == title]
    problems = [row for row in found if row.event.state == "firing"]
    if problems:
        name = max(problems, key=lambda row: row.id).id
        with suppress(Conflict):
            what(name, actor="ann", note="", means=means(world))


def _interrupted(world: World) -> None:
    """A sender stops before its edit, and others go on with everything meanwhile: what
    it has drawn is old when it continues."""
    inner, at = world.seen_provider.edit, world.provider

    def overtaken(*args: Any) -> Any:
        world.seen_provider.edit = inner
        world.clock.at += 4 * SECOND
        _by_hand(world, resolve, "alpha")
        _double(world)
        world.send_once()
        world.send_once()
        return at.edit(*args)

    world.clock.at += 12 * SECOND
    _by_hand(world, acknowledge, "alpha")
    world.seen_provider.edit = overtaken
    world.send_once()
    world.seen_provider.edit = inner


def _told(state: str) -> Callable[[str], Act]:
    return lambda title: lambda world: world.accept(event(title, state=state))


def _hand(what: Callable[..., Notification]) -> Callable[[str], Act]:
    return lambda title: lambda world: _by_hand(world, what, title)


def _later(ms: int) -> Act:
    def pass_by(world: World) -> None:
        world.clock.at += ms

    return pass_by


def _double(world: World) -> None:
    """SQS shows the messages of all groups again, whoever works on them."""
    for message in world.queue.messages:
        message.visible_at = 0


def _remove(world: World) -> None:
    if world.provider.posts:
        world.provider.posts[-1].gone = True


ACTS = st.one_of(
    st.sampled_from(TITLES).map(_told("firing")),
    st.sampled_from(TITLES).map(_told("resolved")),
    st.sampled_from(TITLES).map(_hand(acknowledge)),
    st.sampled_from(TITLES).map(_hand(release)),
    st.sampled_from(TITLES).map(_hand(resolve)),
    st.sampled_from([_later(3 * SECOND), _later(12 * SECOND), _later(MINUTE)]),
    st.sampled_from([World.send_once, World.send_once, World.sweep]),
    st.sampled_from([_interrupted, _double, _remove]),
)
FATAL = st.one_of(st.just(0), st.just(0), st.integers(1, 30))
STEPS = st.lists(st.tuples(ACTS, FATAL, st.booleans()), max_size=25)


def stamped(notification: Notification, *args: Any, **kwargs: Any) -> Any:
    """The message, with the edition that it shows."""
    drawn = compose(notification, *args, **kwargs)
    return replace(drawn, footer=f"{notification.id} {notification.edition}")


def run(world: World, steps: list[tuple[Act, int, bool]]) -> None:
    """Each act may kill the process at its n-th call, before or after it; 0 = not. Who
    got no answer tries again. Two problems stand in one message when it begins."""
    world.accept(*(event(title, state="firing") for title in TITLES[:2]))
    world.send_all()
    for act, fatal, after in steps:
        world.chaos.fatal = len(world.chaos.calls) + fatal if fatal else None
        world.chaos.after = after
        with suppress(Killed):
            act(world)
        if world.chaos.dead:
            world.chaos.revive()
            world.restart()
            world.chaos.fatal = None
            act(world)
        world.chaos.fatal = None
    world.live(minutes=25)


def editions(world: World) -> dict[tuple[str, str], list[int]]:
    """What each message has shown of each notification, in order."""
    shown: dict[tuple[str, str], list[int]] = {}
    for post in world.provider.posts:
        for version in post.history:
            for message in version:
                name, edition = message.footer.split()
                shown.setdefault((post.id, name), []).append(int(edition))
    return shown


@settings(max_examples=60)
@given(STEPS)
def test_no_card_ever_shows_less_than_it_showed_before(
    steps: list[tuple[Act, int, bool]],
) -> None:
    world = World(settings_for("ops"))
    world.provider.editable = True
    with mock.patch.object(lane, "compose", stamped):
        run(world, steps)

    for name, shown in editions(world).items():
        assert all(before <= after for before, after in pairwise(shown)), name


@settings(max_examples=60)
@given(STEPS)
def test_in_the_end_every_card_shows_the_latest(
    steps: list[tuple[Act, int, bool]],
) -> None:
    world = World(settings_for("ops"))
    world.provider.editable = True
    with mock.patch.object(lane, "compose", stamped):
        run(world, [each for each in steps if each[0] is not _remove])
    shown = {key: versions[-1] for key, versions in editions(world).items()}

    for row in world.ledger.kept.values():
        delivery = row.deliveries.get("ops")
        if delivery and delivery.is_card and delivery.message_id:
            assert shown[delivery.message_id, row.id] == row.edition, row


@settings(max_examples=60)
@given(STEPS)
def test_nothing_is_left_undone_and_nothing_dies(
    steps: list[tuple[Act, int, bool]],
) -> None:
    world = World(settings_for("ops"))
    world.provider.editable = True
    run(world, steps)
    world.live(minutes=60)

    assert world.queue.dlq == []
    for row in world.ledger.kept.values():
        for delivery in row.deliveries.values():
            assert delivery.state in (State.SENT, State.CANCELLED), delivery
            assert delivery.due_at is None, delivery
