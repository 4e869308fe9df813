"""The sender: what fails, is in doubt, dies, and comes back from the dead-letter queue."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from tests.fakes.queue import MAX_RECEIVES
from tests.fakes.world import World, event, settings_for
from tests.unit.sending import answering, delivery
from tocsin import lane
from tocsin.composing import compose
from tocsin.delivery import MINUTE, State
from tocsin.message import Message
from tocsin.notification import Notification
from tocsin.ports import Kind, Outcome


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
