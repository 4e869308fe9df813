"""What is held: for a broken destination, in a storm, within a window; and that all of
it is told in the end, in few messages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import pytest

from tests.fakes.meddler import Meddler
from tests.fakes.provider import Behaviour, Provider
from tests.fakes.world import World, event, settings_for
from tocsin.delivery import MINUTE, Delivery, State
from tocsin.gathering import BROKEN, LONGEST, STORM
from tocsin.message import Message
from tocsin.notification import Notification
from tocsin.ports import Kind, Outcome, Target
from tocsin.rules.config import Config
from tocsin.rules.policy import Upkeep
from tocsin.summary import TYPE, members_of

SECOND = 1_000
HOUR = 60 * MINUTE


def served(**upkeep: object) -> World:
    """One destination that is served so."""
    settings = settings_for("ops")
    kept = Upkeep.model_validate(upkeep)
    ops = replace(settings.destinations["ops"], upkeep=kept)
    return World(replace(settings, destinations={"ops": ops}))


def down(until: int) -> Behaviour:
    """Answers 503 until then."""

    def behave(provider: Provider, _: Sequence[Message], __: Target) -> Outcome | None:
        up = provider.clock.now() >= until
        return None if up else Outcome(Kind.TRANSIENT, "503")

    return behave


def hanging(until: int) -> Behaviour:
    """Takes whatever comes, and answers nothing until then."""

    def behave(provider: Provider, _: Sequence[Message], __: Target) -> Outcome | None:
        up = provider.clock.now() >= until
        return None if up else Outcome(Kind.UNKNOWN, "no answer")

    return behave


def breaking(
    world: World, minutes: int, how: Callable[[int], Behaviour] = down
) -> None:
    """It is down for so long, and is known to be, by what came before."""
    world.provider.behaviour = how(world.clock.at + minutes * MINUTE)
    for n in range(5):
        world.health.note("ops", world.clock.at - n, "503")


def rows(world: World) -> list[Notification]:
    return [world.ledger.kept[each] for each in sorted(world.ledger.kept)]


def deliveries(world: World, *, summaries: bool = False) -> list[Delivery]:
    return [
        row.deliveries["ops"]
        for row in rows(world)
        if (row.event.type == TYPE) == summaries
    ]


def delivery_of(world: World, title: str) -> Delivery:
    (found,) = [row for row in rows(world) if row.event.title == title]
    return found.deliveries["ops"]


def outage(
    world: World,
    minutes: int,
    each_minute: int = 3,
    how: Callable[[int], Behaviour] = down,
) -> None:
    """Events come in all the time."""
    breaking(world, minutes, how)
    for minute in range(minutes):
        world.accept(*(event(f"e{minute}.{n}") for n in range(each_minute)))
        world.live(minutes=1)


def test_what_a_broken_destination_misses_waits_and_is_told_in_one_message() -> None:
    world = served()
    outage(world, minutes=20)
    assert world.provider.posts == []

    world.live(minutes=10)

    (told,) = [row for row in rows(world) if row.event.type == TYPE]
    posts = [post.messages[0].title for post in world.provider.posts]
    assert len(members_of(told.event)) >= 55
    assert sum(BROKEN in title for title in posts) == 1
    assert {each.state for each in deliveries(world)} == {State.SENT}
    assert world.queue.messages == world.queue.dlq == []


def test_a_broken_destination_is_tried_once_in_a_while_and_no_more() -> None:
    world = served(breaker={"failures": 5, "probe": 300})
    outage(world, minutes=60, each_minute=10)

    assert 10 <= len(world.provider.calls) <= 13
    assert {each.attempts for each in deliveries(world)} == {0}


@pytest.mark.parametrize("how", [down, hanging])
def test_a_probe_that_fails_costs_no_delivery_its_life(
    how: Callable[[int], Behaviour],
) -> None:
    world = served()
    outage(world, minutes=300, each_minute=2, how=how)
    assert len(world.provider.calls) >= 250
    assert {(each.state, each.attempts) for each in deliveries(world)} == {
        (State.QUEUED, 0)
    }
    world.live(minutes=5)

    assert {each.state for each in deliveries(world)} == {State.SENT}
    assert world.queue.dlq == []


def test_of_what_a_hanging_destination_missed_one_alone_is_in_doubt_and_says_so() -> (
    None
):
    world = served()
    outage(world, minutes=60, how=hanging)
    world.live(minutes=5)

    (doubted,) = [row for row in rows(world) if row.deliveries["ops"].possibly_sent]
    shown = [message for post in world.provider.posts for message in post.messages]
    (told,) = [message for message in shown if message.title == doubted.event.title]
    assert "Possibly sent twice" in (told.state_line or "")
    (summary,) = [row for row in rows(world) if row.event.type == TYPE]
    assert doubted.id not in members_of(summary.event)


def test_what_is_in_doubt_is_not_told_with_a_storm() -> None:
    world = served()
    breaking(world, minutes=3, how=hanging)
    world.accept(event("doubted"))
    world.live(minutes=3)
    world.accept(*(event(f"e{n}") for n in range(11)))
    world.clock.at += 11 * MINUTE
    world.sweep()
    world.health.note("ops", world.clock.at, "")
    world.live(minutes=5)

    doubted = delivery_of(world, "doubted")
    assert doubted.possibly_sent
    assert (doubted.state, doubted.hold) == (State.SENT, "")
    (summary,) = [row for row in rows(world) if row.event.type == TYPE]
    assert len(members_of(summary.event)) == 11
    assert "doubted" in world.provider.shown()


def test_a_probe_is_not_one_that_may_not_be_sent_twice() -> None:
    world = served()
    route = world.settings.config.routes[0]
    strict = {"name": "strict", "match": {"type": "once"}, "on_unknown": "stop"}
    routes = [{**strict, "to": ["ops"]}, route.model_dump(exclude_unset=True)]
    config = Config.model_validate({"routes": routes})
    world.settings = replace(world.settings, config=config)
    breaking(world, minutes=30, how=hanging)
    world.accept(event("once", type="once"), event("news"))
    world.live(minutes=20)

    once, news = delivery_of(world, "once"), delivery_of(world, "news")
    assert (once.state, once.possibly_sent) == (State.QUEUED, False)
    assert news.possibly_sent


def test_what_expires_while_its_destination_is_broken_is_not_told() -> None:
    world = served()
    breaking(world, minutes=30)
    world.accept(event("lasting"))
    world.live(minutes=1)
    world.accept(*(event(f"old {n}", ttl=600) for n in range(3)), event("lasting, too"))
    world.live(minutes=40)

    old = [delivery_of(world, f"old {n}") for n in range(3)]
    assert {each.state for each in old} == {State.SUPPRESSED}
    assert all("time to live" in each.reason for each in old)
    assert world.provider.shown() == ["lasting", "lasting, too"]


def test_of_much_that_waits_nothing_is_compared_with_all_the_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = served()
    breaking(world, minutes=30)
    world.accept(*(event(f"n {n}", ttl=600 + n % 2 * 6000) for n in range(6)))
    world.live(minutes=5)

    def refuse(*_: object) -> bool:
        raise AssertionError("thousands may wait")

    monkeypatch.setattr(Notification, "__eq__", refuse)
    world.live(minutes=40)

    states = [delivery.state for delivery in deliveries(world)]
    assert sorted(states) == [State.SENT] * 3 + [State.SUPPRESSED] * 3


def test_a_summary_whose_destination_breaks_again_waits_too() -> None:
    world = served()
    outage(world, minutes=10)
    world.live(minutes=1)
    behaviour = down(world.clock.at + 4 * HOUR)
    world.provider.behaviour = lambda provider, messages, target: (
        behaviour(provider, messages, target) if len(provider.posts) else None
    )
    for n in range(5):
        world.health.note("ops", world.clock.at + n, "503")
    world.live(minutes=6 * 60)

    assert {each.state for each in deliveries(world, summaries=True)} == {State.SENT}
    assert {each.state for each in deliveries(world)} == {State.SENT}


def test_a_long_wait_is_no_failure_of_ours() -> None:
    world = served()
    outage(world, minutes=30)

    assert world.sweep().failures == 0


def test_what_is_urgent_does_not_wait_for_a_broken_destination() -> None:
    world = served()
    breaking(world, minutes=5)
    world.accept(event("calm"), event("fire", severity="critical"))
    world.live(minutes=2)
    assert world.provider.calls

    world.live(minutes=30)
    assert sorted(world.provider.shown())[:2] == ["calm", "fire"]


def test_one_that_waits_alone_is_sent_as_it_is() -> None:
    world = served()
    breaking(world, minutes=5)
    world.accept(event("lonely"))
    world.live(minutes=15)

    assert world.provider.shown() == ["lonely"]


def test_what_waits_for_a_destination_that_is_gone_says_so() -> None:
    world = served()
    outage(world, minutes=3)
    world.health.disable("ops", world.clock.at, "unknown webhook")
    world.live(minutes=5)

    assert {each.state for each in deliveries(world)} == {State.DEAD_LETTER}
    assert all("unknown webhook" in each.reason for each in deliveries(world))


def test_what_waits_for_a_destination_that_was_deleted_says_so() -> None:
    world = served()
    outage(world, minutes=3)
    world.settings = replace(world.settings, destinations={})
    world.live(minutes=5)

    assert {each.state for each in deliveries(world)} == {State.DEAD_LETTER}


def test_a_sweep_that_dies_while_it_lets_many_go_has_let_some_go(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = served()
    breaking(world, minutes=60)
    world.accept(*(event(f"n {n}") for n in range(60)))
    world.live(minutes=2)
    world.health.disable("ops", world.clock.at, "its webhook is gone")
    world.clock.at += MINUTE
    sent = len(world.queue.messages)
    moves, move = [0], world.seen_ledger.move

    def dying(*wanted: object) -> None:
        moves[0] += 1
        if moves[0] > 45:
            raise KeyboardInterrupt
        move(*wanted)

    monkeypatch.setattr(world.seen_ledger, "move", dying)
    with pytest.raises(KeyboardInterrupt):
        world.sweep()

    probe, thirty = 1, 3
    assert len(world.queue.messages) == sent + probe + thirty


@pytest.mark.parametrize("call", ["load", "commit", "move"])
def test_a_probe_is_not_told_by_another_sweep_that_knows_that_it_works_again(
    call: str,
) -> None:
    world = served()
    breaking(world, minutes=2)
    world.accept(event("one"), event("two"), event("three"))
    world.send_all()
    world.clock.at += 2 * MINUTE
    world.health.note("ops", world.clock.at, "")
    plain = world.seen_ledger

    def the_other() -> None:
        for _ in range(5):  # It has read how it was before.
            world.health.note("ops", world.clock.at - HOUR, "503")
        world.seen_ledger = plain
        world.sweep()

    world.seen_ledger = Meddler(plain, call, the_other)
    world.sweep()
    world.seen_ledger = plain
    world.live(minutes=5)

    by_itself = [title for title in world.provider.shown() if BROKEN not in title]
    told = [row for row in rows(world) if row.event.type == TYPE]
    members = [each for row in told for each in members_of(row.event)]
    assert len(members) + len(by_itself) == 3
    assert {each.state for each in deliveries(world)} == {State.SENT}


def told_each(world: World) -> list[str]:
    """The title of each that was told, once for every time that it was."""
    titles = {row.id: row.event.title for row in rows(world)}
    by_itself = [each for each in world.provider.shown() if BROKEN not in each]
    summaries = [row.event for row in rows(world) if row.event.type == TYPE]
    return sorted(
        [*by_itself, *(titles[each] for told in summaries for each in members_of(told))]
    )


def a_day_old(*, works: bool) -> World:
    """Three that waited for a broken destination, a ms before they are let go."""
    world = served()
    breaking(world, minutes=2)
    world.accept(event("one"), event("three"), event("two"))
    begun = world.clock.at
    world.send_all()
    world.clock.at = begun + LONGEST - 1
    if works:
        world.health.note("ops", world.clock.at, "")
    return world


@pytest.mark.parametrize("call", ["memories", "load", "commit", "move"])
def test_what_has_waited_for_a_day_is_told_once_by_sweeps_that_overlap(
    call: str,
) -> None:
    world = a_day_old(works=True)
    plain = world.seen_ledger

    def a_ms_later() -> None:
        world.seen_ledger = plain
        world.clock.at += 1
        world.sweep()

    world.seen_ledger = Meddler(plain, call, a_ms_later, at=2 if call == "load" else 1)
    world.sweep()
    world.seen_ledger = plain
    world.live(minutes=5)

    assert told_each(world) == ["one", "three", "two"]
    assert {each.state for each in deliveries(world)} == {State.SENT}


def test_what_has_waited_for_a_day_is_told_once_though_sweeps_die_over_it() -> None:
    for call in range(1, 60):
        world = a_day_old(works=True)
        world.chaos.fatal = len(world.chaos.calls) + call
        killed = world.survive(world.sweep)
        world.chaos.revive()
        world.clock.at += 1
        world.live(minutes=15)

        assert told_each(world) == ["one", "three", "two"], call
        if not killed:
            break


def test_nothing_waits_for_ever() -> None:
    world = served(breaker={"failures": 5, "probe": 3600})
    breaking(world, minutes=10_000)
    world.accept(event("one"), event("two"))
    world.live(minutes=1)
    world.clock.at += LONGEST
    world.live(minutes=4 * 60)

    assert {each.state for each in deliveries(world)} == {State.DEAD_LETTER}


def test_a_sweep_that_dies_while_it_sums_up_makes_no_second_summary() -> None:
    for call in range(1, 60):
        world = served()
        outage(world, minutes=4)
        world.live(minutes=1)
        world.chaos.fatal = len(world.chaos.calls) + 3 * call
        killed = world.survive(partial(world.live, minutes=5))
        world.chaos.revive()
        world.live(minutes=20)

        told = [row for row in rows(world) if row.event.type == TYPE]
        members = [each for row in told for each in members_of(row.event)]
        assert len(members) == len(set(members)), call
        assert {each.state for each in deliveries(world)} == {State.SENT}, call
        if not killed:
            break


def test_an_old_backlog_is_told_in_one_message_and_what_is_new_as_it_is() -> None:
    world = served(storm={"after": "10m"})
    world.accept(*(event(f"old {n}") for n in range(30)))
    world.clock.at += 20 * MINUTE
    world.accept(event("new"))
    world.live(minutes=5)

    titles = world.provider.shown()
    (summary,) = [title for title in titles if STORM in title]
    assert "new" in titles
    assert len(titles) <= 15
    assert {each.state for each in deliveries(world)} == {State.SENT}
    assert summary


def test_a_window_gathers_what_comes_within_it() -> None:
    world = served(window="5s")
    for n in range(4):
        world.accept(event(f"e{n}"))
        world.send_all()
        world.clock.at += SECOND
    assert world.provider.posts == []

    world.clock.at += 5 * SECOND
    world.send_all()
    assert [len(post.messages) for post in world.provider.posts] == [4]


def test_the_end_of_a_problem_that_is_told_in_a_summary_turns_its_card_green() -> None:
    world = served()
    world.provider.editable = True
    world.accept(event("disk full", state="firing", severity="medium"))
    world.send_all()
    breaking(world, minutes=5)
    world.provider.on_edit = down(world.clock.at + 5 * MINUTE)
    world.accept(event("disk full", state="resolved"), event("a"), event("b"))
    world.live(minutes=20)

    assert world.provider.posts[0].messages[0].icon == "✅"
