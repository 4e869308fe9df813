"""Cards: messages that are gone, edits that fail, and what a crash leaves behind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pytest

from tests.fakes.provider import Provider
from tests.fakes.world import event
from tests.unit.carded import (
    HOUR,
    SECOND,
    acked,
    answering,
    card,
    cards,
    first,
    problem,
    resolved,
    with_problem,
)
from tocsin.calling import PAUSE_MS
from tocsin.channels.discord.encoding import nonce_of
from tocsin.delivery import MINUTE, State
from tocsin.message import Message
from tocsin.notification import Notification
from tocsin.ports import Kind, Outcome, Target


def test_a_message_that_is_gone_is_posted_anew_once() -> None:
    world = with_problem()
    card(world).gone = True
    acked(world)
    world.live(minutes=30)

    assert len(world.provider.posts) == 2
    assert "Acknowledged" in (world.provider.posts[1].messages[0].state_line or "")
    assert len(world.provider.edit_calls) == 1

    resolved(world)
    world.live(minutes=3)
    assert len(world.provider.posts) == 2
    assert world.provider.posts[1].messages[0].icon == "✅"


def test_what_is_posted_anew_is_not_taken_for_what_was_deleted() -> None:
    """Discord answers a nonce of the last minutes with the message of then; so the one
    posted anew has another, and an attempt of which no answer came, the same again."""
    world = with_problem()
    card(world).gone = True
    silent = [True]

    def unanswered(provider: Provider, told: Sequence[Message], at: Target) -> Outcome:
        kept = provider.show(told, at)
        return Outcome(Kind.UNKNOWN, "no answer") if silent.pop() else kept

    world.provider.behaviour = lambda *call: unanswered(*call) if silent else None
    world.accept(problem())
    world.live(minutes=30)

    first, unknown, again = (post.messages for post in world.provider.posts)
    assert nonce_of(first) != nonce_of(unknown)
    assert nonce_of(unknown) == nonce_of(again)


def test_an_end_whose_card_is_gone_is_posted() -> None:
    world = with_problem()
    card(world).gone = True
    world.accept(event("db down", state="resolved"))
    world.live(minutes=10)

    assert [post.messages[0].icon for post in world.provider.posts] == ["🔴", "✅"]


def test_of_a_message_that_is_gone_only_the_news_is_posted_anew() -> None:
    world = cards()
    world.accept(*(problem(f"p{n}") for n in range(3)))
    world.send_all()
    world.clock.at += MINUTE
    card(world).gone = True
    acked(world, "p1")
    world.live(minutes=20)

    assert [one.title for one in world.provider.posts[1].messages] == ["p1"]
    assert len(world.provider.posts) == 2


def test_a_limited_edit_costs_no_attempt_and_comes_later() -> None:
    world = with_problem()
    world.provider.on_edit = answering(Kind.LIMITED, 12, wait_ms=90 * SECOND)
    acked(world)
    world.live(minutes=60)

    assert "Acknowledged" in (card(world).messages[0].state_line or "")
    assert (first(world).attempts, first(world).heals) == (0, 0)
    assert world.queue.dlq == []


def test_a_limited_end_costs_no_attempt_and_comes_later() -> None:
    world = with_problem()
    world.provider.on_edit = answering(Kind.LIMITED, 12, wait_ms=90 * SECOND)
    world.accept(event("db down", state="resolved"))
    world.live(minutes=60)

    end = world.ledger.kept[max(world.ledger.kept)].deliveries["ops"]
    assert card(world).messages[0].icon == "✅"
    assert (end.state, end.attempts) == (State.SENT, 0)
    assert world.queue.dlq == []


@pytest.mark.parametrize("kind", [Kind.TRANSIENT, Kind.UNKNOWN])
def test_an_edit_that_fails_is_made_later(kind: Kind) -> None:
    world = with_problem()
    world.provider.on_edit = answering(kind, 3)
    acked(world)
    world.live(minutes=90)

    assert "Acknowledged" in (card(world).messages[0].state_line or "")
    assert len(world.provider.edit_calls) == 4
    assert first(world).due_at is None


def test_an_edit_that_always_fails_is_given_up_in_the_end() -> None:
    world = with_problem()
    world.provider.on_edit = answering(Kind.TRANSIENT)
    acked(world)
    world.live(minutes=24 * 60)

    assert len(world.provider.edit_calls) <= 12
    assert first(world).due_at is None
    assert first(world).reason == "it could not be edited"
    assert world.queue.messages == world.queue.dlq == []


def test_what_waits_behind_a_failing_edit_is_not_thrown_after_it() -> None:
    world = with_problem()
    world.provider.on_edit = answering(Kind.TRANSIENT, 1)
    acked(world)
    world.accept(event("another"))
    began = world.clock.at
    world.send_all()
    assert world.provider.shown() == ["db down"]

    world.live(minutes=2)
    assert world.provider.shown() == ["db down", "another"]
    assert world.provider.posts[1].at >= began + PAUSE_MS


def test_a_refused_edit_is_not_tried_again_until_something_new_is_known() -> None:
    world = with_problem()
    world.provider.on_edit = answering(Kind.PERMANENT, 1)
    acked(world)
    world.live(minutes=30)
    assert len(world.provider.edit_calls) == 1

    resolved(world)
    world.live(minutes=3)
    assert card(world).messages[0].icon == "✅"


def test_a_destination_that_is_gone_is_called_no_more() -> None:
    world = with_problem()
    world.provider.on_edit = answering(Kind.GONE)
    acked(world)
    world.accept(event("another"), event("db down", state="resolved"))
    posts = len(world.provider.calls)
    world.live(minutes=30)

    assert len(world.provider.edit_calls) == 1
    assert len(world.provider.calls) == posts
    assert world.health.known["ops"].disabled_at


def test_an_edit_that_hangs_pauses_the_destination() -> None:
    world = with_problem()

    def hang(provider: Provider, _: Sequence[Message], __: Target) -> Outcome:
        provider.clock.sleep(5_000)
        return Outcome(Kind.UNKNOWN, "no answer")

    world.provider.on_edit = hang
    acked(world)
    world.send_all()

    assert world.health.known["ops"].blocked_until > world.clock.at


def test_a_card_that_nobody_can_draw_breaks_no_lane(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = with_problem()
    acked(world)
    world.accept(event("another"))

    def broken(notification: object, *_: object, **__: object) -> Message:
        if getattr(notification, "ack_at", None):
            raise ZeroDivisionError
        return Message("x", "another", 0, at=world.provider.posts[0].messages[0].at)

    monkeypatch.setattr("tocsin.lane.compose", broken)
    world.send_all()

    assert world.provider.shown() == ["db down", "another"]


def test_a_lost_wish_to_edit_is_asked_for_again() -> None:
    world = with_problem()
    acked(world)
    world.queue.messages.clear()
    world.live(minutes=3)

    assert "Acknowledged" in (card(world).messages[0].state_line or "")


def test_a_wish_that_a_tick_lost_is_asked_for_again() -> None:
    world = with_problem()
    acked(world)
    world.queue.messages.clear()
    world.clock.at += 2 * MINUTE
    world.sweep()
    world.queue.messages.clear()
    world.live(minutes=8)

    assert "Acknowledged" in (card(world).messages[0].state_line or "")


def test_what_was_acknowledged_while_it_was_sent_shows_it_in_the_end() -> None:
    world = cards()

    def meanwhile(_: Provider, __: Sequence[Message], ___: Target) -> None:
        if not world.one().ack_at:
            acked(world)

    world.provider.behaviour = meanwhile
    world.accept(problem())
    world.live(minutes=5)

    assert "Acknowledged" in (card(world).messages[0].state_line or "")


def test_a_sender_that_lost_its_lock_does_not_edit() -> None:
    """It was stopped for so long that another may have shown something later."""
    world = with_problem()
    acked(world)
    load, slow = world.ledger.load, [False]

    def stalling(ids: Iterable[str]) -> dict[str, Notification]:
        found = load(ids)
        held = any(row.deliveries["ops"].lease_until for row in found.values())
        if held and not slow[0]:
            slow[0] = True
            world.clock.at += 15 * SECOND
        return found

    world.ledger.load = stalling  # type: ignore[method-assign]
    world.restart()
    world.send_all()
    assert slow[0]
    assert world.provider.edit_calls == []

    world.live(minutes=3)
    assert "Acknowledged" in (card(world).messages[0].state_line or "")


def test_two_senders_at_once_make_one_edit_after_the_other() -> None:
    """The second comes upon the lock while the first one's edit is on its way."""
    world = with_problem()
    seen: list[str] = []

    def overtaken(provider: Provider, _: Sequence[Message], __: Target) -> None:
        provider.on_edit = None
        resolved(world)
        for message in world.queue.messages:
            message.visible_at = 0
        world.send_once()
        seen.extend(one.icon for one in card(world).messages)

    world.provider.on_edit = overtaken
    acked(world)
    world.send_once()
    assert seen == ["🔴"]

    world.live(minutes=2)
    icons = [messages[0].icon for messages in card(world).history]
    assert icons == ["🔴", "👀", "✅"]


def test_a_wish_that_cannot_be_fulfilled_for_long_is_no_dead_letter() -> None:
    world = with_problem()
    acked(world)
    world.health.block("ops", world.clock.at + 3 * HOUR)
    world.live(minutes=170)
    assert world.queue.dlq == []
    assert world.provider.edit_calls == []

    world.live(minutes=30)
    assert "Acknowledged" in (card(world).messages[0].state_line or "")
