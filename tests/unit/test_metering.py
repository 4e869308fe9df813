"""Metering: what is counted, what is no latency, and what is said of the rest."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.fakes.provider import Provider
from tests.fakes.world import World, event, settings_for
from tocsin import metering
from tocsin.delivery import MINUTE, State
from tocsin.message import Message
from tocsin.metering import SLOTS, Figures, Latency, figures
from tocsin.ports import Kind, Outcome, Target

HOUR = 60 * MINUTE


def measured(world: World, minutes: int = 60) -> Figures:
    now = world.clock.now()
    return figures(now, minutes, archive=world.ledger, calendar=world.ledger)


def test_deliveries_are_counted_in_the_slot_in_which_they_came_in() -> None:
    world = World(settings_for("ops", "team"))
    for _ in range(3):
        world.accept(event(f"e{world.clock.at}"))
        world.send_all()
        world.clock.at += HOUR
    found = measured(world, 24 * 60)
    counted = [(slot.at, slot.states[State.SENT]) for slot in found.slots]

    assert len(counted) == SLOTS
    assert [count for _, count in counted if count] == [2, 2, 2]
    assert all(at % HOUR == 0 for at, _ in counted)
    assert counted[-1][0] <= world.clock.now() < counted[-1][0] + HOUR
    assert (found.states, found.notifications) == ({State.SENT: 6}, 3)


def test_latency_is_from_accepted_to_the_first_sending() -> None:
    world = World()
    for wait in (100, 200, 300, 4_000):
        world.accept(event(f"e{wait}"))
        world.clock.at += wait
        world.send_all()
    latency = measured(world).latency
    took = min(latency.waits) - 100  # by the provider

    assert sorted(latency.waits) == [took + wait for wait in (100, 200, 300, 4_000)]
    assert latency.at(0.5) == took + 300
    assert latency.at(0.95) == latency.at(1) == took + 4_000


@pytest.mark.parametrize(("titles", "sent"), [("a", 1), ("ab", 3)])
def test_what_waited_for_its_digest_is_no_latency(titles: str, sent: int) -> None:
    world = World(settings_for("ops", digest={"at": "09:00"}))
    world.accept(*(event(title, severity="low") for title in titles))
    world.live(minutes=24 * 60)
    found = measured(world, 3 * 24 * 60)

    assert found.states == {State.SENT: sent}
    assert found.latency.waits == ()


def test_what_was_retried_counts_with_all_its_waiting() -> None:
    world = World()

    def behave(_: Provider, __: Sequence[Message], ___: Target) -> Outcome | None:
        return Outcome(Kind.TRANSIENT, "502")

    world.provider.behaviour = behave
    world.accept(event())
    world.send_all()
    assert measured(world).states == {State.FAILED: 1}
    world.provider.behaviour = None
    world.live(minutes=3)

    assert measured(world).states == {State.SENT: 1}
    assert measured(world).latency.waits[0] >= MINUTE


def test_what_waits_in_the_queue_has_an_age() -> None:
    world = World()
    assert measured(world).oldest is None
    began = world.clock.now()
    world.accept(event("a"))
    world.clock.at += MINUTE
    world.accept(event("b"))
    found = measured(world)

    assert (found.waiting, found.oldest) == (2, began)
    world.send_all()
    assert (measured(world).waiting, measured(world).oldest) == (0, None)


def test_what_the_sweep_should_have_done_by_now_is_overdue() -> None:
    world = World()
    world.provider.behaviour = lambda *_: Outcome(Kind.TRANSIENT, "502")
    world.accept(event())
    world.send_all()
    (row,) = world.ledger.kept.values()
    due = row.deliveries["ops"].due_at
    assert measured(world).overdue is None
    world.clock.at += 5 * MINUTE

    assert measured(world).overdue == due


def test_where_more_came_in_than_is_read_it_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(metering, "MOST", 6)
    monkeypatch.setattr(metering, "_PAGE", 3)
    world = World()
    for number in range(10):
        world.accept(event(f"e{number}"))
        world.clock.at += 1_000
    found = measured(world)
    newest = sorted(world.ledger.kept.values(), key=lambda row: row.accepted_at)[-6:]

    assert (found.complete, found.notifications) == (False, 6)
    assert found.since == newest[0].accepted_at


def test_nothing_is_no_latency() -> None:
    assert Latency().at(0.5) is None
    assert measured(World()).complete


def test_each_destination_is_told_with_when_it_last_took_one() -> None:
    world = World(settings_for("ops", "team"))
    world.accept(event("a"))
    world.send_all()
    first = world.clock.now()
    world.clock.at += HOUR
    world.accept(event("b"))
    found = measured(world, 24 * 60).destinations

    assert sorted(found) == ["ops", "team"]
    assert found["ops"].states == {State.SENT: 1, State.QUEUED: 1}
    assert found["ops"].last_sent is not None
    assert first - 10_000 < found["ops"].last_sent <= first


def test_a_destination_that_took_nothing_has_no_such_time() -> None:
    world = World(settings_for("ops"))
    world.accept(event("a"))

    assert measured(world).destinations["ops"].last_sent is None
