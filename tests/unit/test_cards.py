"""Cards: what an edit shows, and when a message is posted instead."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from tests.fakes.world import World, event, settings_for
from tests.unit.carded import (
    SECOND,
    acked,
    answering,
    card,
    cards,
    first,
    named,
    problem,
    resolved,
    with_problem,
)
from tocsin.delivery import MINUTE, PAUSE, State
from tocsin.ports import Kind, Move


def test_an_acknowledgement_shows_on_the_card_and_posts_nothing() -> None:
    world = with_problem()
    acked(world)
    world.send_all()

    assert "Acknowledged by ann" in (card(world).messages[0].state_line or "")
    assert first(world).shown == world.one().edition


def worsened(world: World) -> None:
    for severity in ("medium", "critical"):
        world.accept(event("disk", state="firing", severity=severity, fingerprint="d"))
        world.send_all()


def test_what_is_told_again_says_so_where_it_stood_before() -> None:
    world = cards()
    worsened(world)

    before, after = (post.messages[0] for post in world.provider.posts)
    assert (before.icon, after.icon) == ("🚨", "🚨")
    assert (before.state_line or "").endswith("Told again below")
    assert "below" not in (after.state_line or "")
    assert before.links == ()
    resolved(world, "disk")
    world.live(minutes=2)
    assert [post.messages[0].icon for post in world.provider.posts] == ["🚨", "✅"]


def test_what_dies_when_it_is_told_again_is_a_card_where_it_was_told_before() -> None:
    world = cards()
    world.accept(event("disk", state="firing", severity="medium", fingerprint="d"))
    world.send_all()
    world.provider.behaviour = answering(Kind.PERMANENT)
    world.accept(event("disk", state="firing", severity="critical", fingerprint="d"))
    world.live(minutes=3)
    assert first(world).state is State.DEAD_LETTER
    assert card(world).messages[0].icon == "🚨"

    acked(world, "disk")
    world.send_all()
    assert "Acknowledged by ann" in (card(world).messages[0].state_line or "")
    world.clock.at += MINUTE
    resolved(world, "disk")
    world.live(minutes=2)

    assert card(world).messages[0].icon == "✅"
    assert first(world).state is State.DEAD_LETTER
    assert first(world).due_at is None


def test_what_dies_when_it_is_told_again_is_not_posted_where_it_is_deleted() -> None:
    world = cards()
    worsened(world)
    row = world.one()
    died = row.deliveries["ops"].died(world.clock.at, "refused")
    world.ledger.move([Move(row.id, row.deliveries["ops"], died)])
    for post in world.provider.posts:
        post.gone = True
    resolved(world, "disk")
    world.live(minutes=3)

    assert len(world.provider.posts) == 2
    assert first(world).state is State.DEAD_LETTER


@pytest.mark.parametrize("edits", [True, False])
def test_what_is_told_of_a_problem_later_is_not_too_old_by_then(edits: bool) -> None:
    """A time to live is for news that waited; this tells how it stands by now."""
    world = World(settings_for("ops", ttl="10m", ack={"remind": "30m"}))
    world.provider.editable = edits
    world.accept(problem(ttl=300))
    world.send_all()
    acked(world)
    world.live(minutes=40)
    assert len(world.provider.posts) == 2

    resolved(world)
    world.live(minutes=20)

    assert len(world.provider.posts) == 2 + (not edits)
    assert world.provider.posts[-1].messages[0].icon == "✅"
    assert first(world).state is State.SENT


@pytest.mark.parametrize("kind", [Kind.TRANSIENT, Kind.LIMITED, Kind.MISSING])
def test_a_last_edit_that_is_not_made_costs_nothing_else(kind: Kind) -> None:
    world = cards()
    world.provider.on_edit = answering(kind, wait_ms=60_000)
    worsened(world)

    assert [delivery.state for delivery in (first(world),)] == [State.SENT]
    assert (first(world).message_id, len(world.provider.edit_calls)) == ("m2", 1)


def test_an_end_by_hand_turns_the_card_green() -> None:
    world = with_problem()
    resolved(world)
    world.send_all()

    (shown,) = card(world).messages
    assert (shown.icon, shown.colour) == ("✅", 0x00CC66)


def test_an_end_that_is_sent_turns_the_card_green_and_counts_as_told() -> None:
    world = with_problem()
    world.accept(event("db down", state="resolved"))
    world.send_all()

    assert [one.icon for one in card(world).messages] == ["✅"]
    end = world.ledger.kept[max(world.ledger.kept)]
    assert end.deliveries["ops"].state is State.SENT
    assert "shown on the card" in end.deliveries["ops"].reason
    assert len(card(world).edited_at) == 1


def test_an_end_is_posted_where_nothing_can_be_edited() -> None:
    world = with_problem()
    world.provider.editable = False
    world.accept(event("db down", state="resolved"))
    world.send_all()

    assert [post.messages[0].icon for post in world.provider.posts] == ["🔴", "✅"]


def test_an_end_by_hand_is_posted_where_nothing_can_be_edited() -> None:
    world = with_problem()
    world.provider.editable = False
    acked(world)
    world.send_all()
    assert len(world.provider.posts) == 1

    resolved(world)
    world.live(minutes=3)

    assert [post.messages[0].icon for post in world.provider.posts] == ["🔴", "✅"]


def test_an_end_turns_the_cards_green_that_it_is_not_sent_to() -> None:
    world = cards("ops", "team")
    world.accept(problem())
    world.send_all()
    world.clock.at += MINUTE
    both = world.settings.destinations
    world.settings = replace(settings_for("ops"), destinations=both)
    world.accept(event("db down", state="resolved"))
    world.send_all()

    assert [post.messages[0].icon for post in world.provider.posts] == ["✅", "✅"]


def test_repeats_show_on_the_card_at_most_once_in_ten_seconds_and_the_last_too() -> (
    None
):
    world = with_problem()
    for _ in range(60):
        world.accept(problem())
        world.send_all()
        if world.clock.at % 7:
            world.sweep()
        world.clock.at += 2 * SECOND
    world.live(minutes=4)

    (post,) = world.provider.posts
    assert "Seen 61 ×" in (post.messages[0].state_line or "")
    assert all(later - sooner >= PAUSE for sooner, later in pairwise(post.edited_at))
    assert 2 <= len(post.edited_at) <= 13


def test_a_message_that_holds_several_is_edited_whole() -> None:
    world = cards()
    world.accept(*(problem(f"p{n}") for n in range(4)))
    world.send_all()
    world.clock.at += MINUTE
    acked(world, "p2")
    world.send_all()

    shown = card(world).messages
    assert [one.title for one in shown] == ["p0", "p1", "p2", "p3"]
    lines = ["Acknowledged" in (one.state_line or "") for one in shown]
    assert lines == [False, False, True, False]


def test_what_was_told_again_is_still_drawn_where_it_stood_first() -> None:
    """Its new message is another card, and is not taken for edited by that."""
    world = cards()
    world.accept(*(problem(f"p{n}") for n in range(2)))
    world.send_all()
    again = named(world, "p0")
    row = world.ledger.kept[again]
    row.deliveries["ops"] = row.deliveries["ops"].posted_anew(  # type: ignore[index]
        world.clock.at, "told again", world.timing
    )
    world.clock.at += MINUTE
    acked(world, "p1")
    world.send_all()

    old = world.provider.posts[0]
    assert [one.title for one in old.messages] == ["p0", "p1"]
    assert "Acknowledged" in (old.messages[1].state_line or "")
    assert world.ledger.kept[again].deliveries["ops"].due_at is not None
