"""The sender, as people and providers see it, in a whole Tocsin under a virtual clock."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest

from tests.fakes.provider import Provider
from tests.fakes.queue import MAX_RECEIVES
from tests.fakes.world import World, event, settings_for
from tocsin import lane
from tocsin.composing import compose
from tocsin.delivery import MINUTE, State
from tocsin.message import Message
from tocsin.notification import Notification
from tocsin.ports import Kind, Outcome, Parcel, Record, Target


def answering(outcome: Outcome, *, times: int = 10**6, only: str = "") -> object:
    """A behaviour that gives this outcome so often, for messages with `only` in them."""
    left = [times]

    def behave(_: Provider, messages: Sequence[Message], __: Target) -> Outcome | None:
        if left[0] > 0 and any(only in message.title for message in messages):
            left[0] -= 1
            return outcome
        return None

    return behave


def delivery(world: World, name: str = "ops"):  # type: ignore[no-untyped-def]
    return world.one().deliveries[name]


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


def test_failures_follow_the_schedule_and_end_as_dead_letters() -> None:
    world = World()
    world.provider.behaviour = answering(Outcome(Kind.TRANSIENT, "500"))  # type: ignore[assignment]
    world.accept(event())
    world.live(minutes=130)

    gaps = [later[0] - earlier[0] for earlier, later in pairwise(world.provider.calls)]
    assert len(world.provider.calls) == 6
    for gap, minutes in zip(gaps, (1, 5, 15, 30, 60), strict=True):
        assert minutes * MINUTE <= gap <= minutes * MINUTE + 75_000
    assert delivery(world).state is State.DEAD_LETTER
    assert "gave up after 6 attempts" in delivery(world).reason
    assert len(world.queue.dlq) == 1


def test_an_unknown_outcome_is_marked_and_the_second_message_says_so() -> None:
    world = World()
    world.provider.behaviour = answering(Outcome(Kind.UNKNOWN, "no answer"), times=1)  # type: ignore[assignment]
    world.accept(event())
    world.live(minutes=3)

    assert delivery(world).possibly_sent
    (post,) = world.provider.posts
    assert "twice" in (post.messages[0].state_line or "")


def test_a_route_may_forbid_sending_twice() -> None:
    world = World(settings_for("ops", on_unknown="stop"))
    world.provider.behaviour = answering(Outcome(Kind.UNKNOWN, "no answer"), times=1)  # type: ignore[assignment]
    world.accept(event())
    world.live(minutes=10)

    assert world.provider.shown() == []
    assert delivery(world).state is State.DEAD_LETTER
    assert len(world.queue.dlq) == 1


def test_one_bad_notification_cannot_hurt_nine_good_ones() -> None:
    world = World()
    refused = Outcome(Kind.PERMANENT, "400: a field is too long")
    world.provider.behaviour = answering(refused, only="e3")  # type: ignore[assignment]
    world.accept(*(event(f"e{n}") for n in range(10)))
    world.send_all()

    assert sorted(world.provider.shown()) == [f"e{n}" for n in range(10) if n != 3]
    states = [n.deliveries["ops"].state for n in world.ledger.kept.values()]
    assert states.count(State.DEAD_LETTER) == 1
    assert states.count(State.SENT) == 9
    assert len(world.provider.calls) == 11


def test_a_dead_one_bounces_without_calls_until_sqs_moves_it() -> None:
    world = World()
    world.provider.behaviour = answering(Outcome(Kind.PERMANENT, "400"))  # type: ignore[assignment]
    world.accept(event())
    world.send_all()

    assert len(world.provider.calls) == 1
    assert [message.receives for message in world.queue.dlq] == [MAX_RECEIVES]
    assert delivery(world).dying == world.queue.dlq[0].id


def test_a_redriven_dead_letter_gets_a_new_generation_and_fresh_attempts() -> None:
    world = World()
    world.provider.behaviour = answering(Outcome(Kind.PERMANENT, "400"), times=1)  # type: ignore[assignment]
    world.accept(event())
    world.send_all()
    world.clock.at += 10 * MINUTE
    world.queue.redrive()
    world.send_all()

    assert delivery(world).state is State.SENT
    assert delivery(world).generation == 1
    assert world.queue.dlq == []


def test_what_dies_again_after_a_redrive_can_be_redriven_again() -> None:
    world = World()
    world.provider.behaviour = answering(Outcome(Kind.PERMANENT, "400"), times=3)  # type: ignore[assignment]
    world.accept(event())
    world.send_all()
    for generation in (1, 2):
        world.clock.at += 10 * MINUTE
        assert world.queue.redrive() == 1
        world.send_all()
        assert delivery(world).state is State.DEAD_LETTER
        assert delivery(world).generation == generation
        assert len(world.queue.dlq) == 1
    world.clock.at += 10 * MINUTE
    world.queue.redrive()
    world.send_all()

    assert delivery(world).state is State.SENT
    assert world.provider.shown() == ["Disk is full"]


def test_a_sender_that_dies_over_a_redriven_message_leaves_it_current() -> None:
    """Nobody would look at it for six minutes if the message had to be dropped."""
    world = World()
    world.provider.behaviour = answering(Outcome(Kind.PERMANENT, "400"), times=1)  # type: ignore[assignment]
    world.accept(event())
    world.send_all()
    world.clock.at += 10 * MINUTE
    world.queue.redrive()
    world.chaos.fatal = len(world.chaos.calls) + 3  # rows read, redriven; not claimed
    assert world.survive(world.send_all)
    assert delivery(world).state is State.QUEUED
    world.clock.at += 3 * MINUTE + 1000
    world.send_all()

    assert delivery(world).state is State.SENT


def test_replaying_what_was_sent_meanwhile_does_nothing() -> None:
    world = World()
    world.provider.behaviour = answering(Outcome(Kind.PERMANENT, "400"), times=1)  # type: ignore[assignment]
    world.accept(event())
    world.send_all()
    message = world.queue.dlq[0]
    world.clock.at += MINUTE
    world.queue.redrive()
    world.send_all()
    world.queue.dlq.append(message)
    world.clock.at += MINUTE
    world.queue.redrive()
    world.send_all()

    assert world.provider.shown() == ["Disk is full"]
    assert world.queue.messages == []


def test_a_gone_destination_is_disabled_and_never_called_again() -> None:
    world = World()
    world.provider.behaviour = answering(Outcome(Kind.GONE, "10015"))  # type: ignore[assignment]
    world.accept(*(event(f"e{n}") for n in range(25)))
    world.send_all()
    world.accept(event("later"))
    world.live(minutes=10)

    assert len(world.provider.calls) == 1
    assert set(world.statuses()) == {"dead_letter"}
    assert world.health.known["ops"].disabled_reason == "10015"


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


def test_a_destination_that_was_deleted_makes_a_dead_letter_that_says_so() -> None:
    world = World()
    world.accept(event())
    world.settings = settings_for("other")
    world.send_all()

    assert delivery(world).state is State.DEAD_LETTER
    assert "does not exist" in delivery(world).reason


def test_what_outlived_its_time_to_live_is_not_sent() -> None:
    world = World()
    world.accept(event("stale", ttl="5m"))
    world.clock.at += 6 * MINUTE
    world.send_all()

    assert world.provider.shown() == []
    assert delivery(world).state is State.SUPPRESSED
    assert "time to live" in delivery(world).reason


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


def test_a_notification_that_cannot_be_rendered_is_buried_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()

    def break_over_e1(notification: Notification, *rest: Any, **more: Any) -> Message:
        if notification.event.title == "e1":
            raise ZeroDivisionError
        return compose(notification, *rest, **more)

    monkeypatch.setattr(lane, "compose", break_over_e1)
    world.accept(event("e0"), event("e1"), event("e2"))
    world.send_all()

    assert world.provider.shown() == ["e0", "e2"]
    assert sorted(world.statuses()) == ["dead_letter", "sent", "sent"]
    assert len(world.queue.dlq) == 1
