"""The sender: order, folding, limits, and lanes that do not hurt each other."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.fakes.provider import Provider
from tests.fakes.world import World, event, settings_for
from tests.unit.sending import answering, delivery
from tocsin.delivery import State
from tocsin.message import Message
from tocsin.ports import Kind, Outcome, Parcel, Record, Target


def test_a_lone_event_is_sent_at_once() -> None:
    world = World()
    world.accept(event("hello"))
    world.send_all()

    assert world.provider.shown() == ["hello"]
    assert delivery(world).state is State.SENT
    assert delivery(world).message_id == "m1"
    assert world.queue.messages == []


@pytest.mark.parametrize(("known", "left"), [(70, {}), (80, {"until": 80})])
def test_what_turns_out_not_to_hold_is_forgotten(
    known: int, left: dict[str, int]
) -> None:
    world = World()
    world.health.learn("ops", "until", known)
    told = Outcome(Kind.OK, message_id="m", outdated={"until": 70})
    world.provider.behaviour = answering(told)  # type: ignore[assignment]
    world.accept(event("hello"))
    world.send_all()

    assert world.health.known["ops"].learnt == left


def test_what_reached_only_some_of_the_people_says_so() -> None:
    world = World()
    partly = Outcome(Kind.OK, "1 of 2 recipients were refused", message_id="m")
    world.provider.behaviour = answering(partly)  # type: ignore[assignment]
    world.accept(event("hello"))
    world.send_all()

    assert delivery(world).state is State.SENT
    assert delivery(world).reason == "1 of 2 recipients were refused"


def test_a_backlog_folds_into_full_messages() -> None:
    world = World()
    world.accept(*(event(f"e{n}") for n in range(100)))
    world.send_all()

    assert len(world.provider.calls) == 10
    assert world.provider.shown() == [f"e{n}" for n in range(100)]


def test_urgent_deliveries_overtake_normal_ones() -> None:
    world = World()
    for n in range(30):
        world.accept(event(f"chatter {n}"))
    world.accept(event("fire", severity="critical"))
    world.send_all()

    # Its group is its own: it is in the first batch, and first in the lane.
    first = world.queue
    assert first.messages == []
    position = next(
        i for i, post in enumerate(world.provider.posts)
        if any(message.title == "fire" for message in post.messages)
    )  # fmt: skip
    assert position <= 3


def test_within_a_batch_the_urgent_come_first() -> None:
    world = World()
    world.accept(event("chatter"), event("fire", severity="critical"))
    world.send_all()

    assert world.provider.shown() == ["fire", "chatter"]


def test_a_short_rate_limit_is_slept_and_costs_no_attempt() -> None:
    world = World()
    limited = Outcome(Kind.LIMITED, "slow down", wait_ms=1_500)
    world.provider.behaviour = answering(limited, times=1)  # type: ignore[assignment]
    world.accept(event())
    started = world.clock.at
    world.send_once()

    assert world.provider.shown() == ["Disk is full"]
    assert world.clock.at - started >= 1_500
    assert delivery(world).attempts == 0


def test_a_longer_rate_limit_hides_the_group_and_costs_no_attempt() -> None:
    world = World()
    limited = Outcome(Kind.LIMITED, "slow down", wait_ms=40_000)
    world.provider.behaviour = answering(limited, times=1)  # type: ignore[assignment]
    world.accept(*(event(f"e{n}") for n in range(20)))
    world.send_all()
    assert len(world.provider.calls) == 1

    world.clock.at += 39_000
    world.send_all()
    assert len(world.provider.calls) == 1

    world.clock.at += 2_000
    world.send_all()
    assert len(world.provider.shown()) == 20
    assert all(n.deliveries["ops"].attempts == 0 for n in world.ledger.kept.values())


def test_rate_limits_without_end_never_dead_letter_a_healthy_message() -> None:
    """Each deferral is a receive: before SQS loses patience, the ledger takes over."""
    world = World()
    limited = Outcome(Kind.LIMITED, "slow down", wait_ms=100_000)
    world.provider.behaviour = answering(limited, times=30)  # type: ignore[assignment]
    world.accept(event("patient"))
    world.live(minutes=120)

    assert world.queue.dlq == []
    assert world.provider.shown() == ["patient"]
    assert delivery(world).attempts == 0


def test_a_limit_of_our_address_holds_for_every_destination_of_the_channel() -> None:
    world = World(settings_for("ops", "team"))
    banned = Outcome(Kind.LIMITED, "1015", wait_ms=60_000, everywhere=True)
    world.provider.behaviour = answering(banned, times=1)  # type: ignore[assignment]
    world.accept(event())
    world.send_once()
    world.queue.messages[0].visible_at = world.clock.at
    world.queue.messages[1].visible_at = world.clock.at
    world.send_once()

    assert len(world.provider.calls) <= 2
    assert world.provider.shown() == []


def test_the_pace_a_provider_asks_for_is_shared_between_processes() -> None:
    world = World()
    world.provider.behaviour = lambda provider, messages, target: Outcome(
        Kind.OK, pause_ms=3_000, message_id="m"
    )
    world.accept(event("first"))
    world.send_once()
    first = world.provider.calls[-1][0]
    world.restart()
    world.accept(event("second"))
    world.send_once()

    assert world.provider.calls[-1][0] - first >= 3_000


def test_a_failing_destination_does_not_delay_a_healthy_one() -> None:
    world = World(settings_for("ops", "broken"))
    world.provider.behaviour = lambda provider, messages, target: (
        Outcome(Kind.UNKNOWN, "hangs") if target.name == "broken" else None
    )
    world.accept(*(event(f"e{n}") for n in range(10)))
    world.send_once()
    world.send_once()

    assert len(world.provider.shown("ops")) == 10


def test_a_struggling_destination_is_asked_once_per_run_not_ten_times() -> None:
    world = World()
    world.provider.most = 1
    world.provider.behaviour = answering(Outcome(Kind.UNKNOWN, "hangs"))  # type: ignore[assignment]
    world.accept(*(event(f"e{n}") for n in range(10)))
    world.send_once()

    assert len(world.provider.calls) == 1


def test_a_lane_with_a_bug_keeps_its_records_and_hurts_no_other() -> None:
    world = World(settings_for("ops", "buggy"))

    def behave(_: Provider, __: Sequence[Message], target: Target) -> None:
        if target.name == "buggy":
            raise ZeroDivisionError

    world.provider.behaviour = behave
    world.accept(event())
    report = world.send_once()

    assert report is not None
    assert world.provider.shown("ops") == ["Disk is full"]
    assert [name for name, _ in report.faults] == ["buggy"]
    assert len(report.kept) == 1


def test_a_message_that_breaks_the_channel_hurts_no_other() -> None:
    world = World()

    def behave(_: Provider, messages: Sequence[Message], __: Target) -> None:
        if any(message.title == "e3" for message in messages):
            raise ZeroDivisionError

    world.provider.behaviour = behave
    world.accept(*(event(f"e{n}") for n in range(10)))
    report = world.send_once()
    world.send_all()

    assert report is not None
    assert {type(fault) for _, fault in report.faults} == {ZeroDivisionError}
    assert sorted(world.provider.shown()) == [f"e{n}" for n in range(10) if n != 3]
    assert sorted(world.statuses()) == ["dead_letter"] + ["sent"] * 9
    (dead,) = [n for n in world.ledger.kept.values() if n.status == "dead_letter"]
    assert "our own mistake (ZeroDivisionError)" in dead.deliveries["ops"].reason


def test_a_message_without_its_row_leaves_the_queue() -> None:
    world = World()
    world.queue.send([Parcel("ops", False, (("0" * 26, 0),))])
    world.send_all()

    assert world.queue.messages == []
    assert world.provider.calls == []


def test_a_ticket_that_comes_twice_is_sent_once() -> None:
    world = World()
    (accepted,) = world.accept(event())
    again = Parcel("ops", True, ((accepted.notification.id, 0),))
    world.queue.send([again])
    world.send_all()

    assert world.provider.shown() == ["Disk is full"]


def test_a_claimed_delivery_is_left_to_its_sender_until_the_lease_is_over() -> None:
    world = World()
    world.accept(event())
    row = world.one()
    claimed = row.deliveries["ops"].claimed(world.clock.at, world.timing.lease)
    from tocsin.ports import Move

    world.ledger.move([Move(row.id, row.deliveries["ops"], claimed)])
    world.send_all()
    assert world.provider.calls == []
    assert world.queue.messages[0].visible_at >= world.clock.at + world.timing.lease

    world.clock.at += world.timing.lease + 1_000
    world.send_all()
    assert delivery(world).state is State.SENT
    assert delivery(world).possibly_sent


def test_a_run_stops_calling_before_lambda_stops_it() -> None:
    world = World()
    world.provider.most = 1
    world.provider.latency = 5_000
    world.accept(*(event(f"e{n}") for n in range(10)))
    started = world.clock.at
    world.send_once()

    assert world.clock.at - started <= 30_000
    world.live(minutes=3)
    assert len(world.provider.shown()) == 10


def test_records_are_deleted_per_lane_as_soon_as_they_are_recorded() -> None:
    """Beside other lanes a lane leaves the queue itself: a crash of the whole process
    later cannot bring its messages back."""
    world = World(settings_for("ops", "team"))
    world.accept(event())
    deleted: list[Sequence[Record]] = []
    inner = world.queue.delete

    def delete(records: Sequence[Record]) -> None:
        deleted.append(records)
        inner(records)

    world.queue.delete = delete  # type: ignore[method-assign]
    world.restart()
    world.send_once()

    assert len(deleted[0]) == 1
    assert len(deleted[1]) == 1


@pytest.mark.parametrize("count", [1, 9, 10, 11, 95])
def test_calls_are_a_tenth_of_the_backlog(count: int) -> None:
    world = World()
    world.accept(*(event(f"e{n}") for n in range(count)))
    world.send_all()

    assert len(world.provider.calls) == -(-count // 10)
