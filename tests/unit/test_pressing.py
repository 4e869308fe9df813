"""Pressing a button in a message: what it does, once, and for whom it does nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.fakes.clock import NOON
from tests.fakes.world import World, event
from tocsin.acknowledge import release
from tocsin.delivery import MINUTE, Delivery, Purpose, Timing
from tocsin.identity import new_id
from tocsin.message import Press
from tocsin.passes import presses_of
from tocsin.pressing import AGAIN_MS, NOT_HERE, TWICE, UNKNOWN, press

HERE = frozenset({"ops"})


def opened(**more: object) -> World:
    world = World()
    world.accept(event("db down", **{"state": "firing", **more}))
    world.send_all()
    world.clock.at += MINUTE
    return world


def pressed(
    world: World, act: str, actor: str = "ann (Discord)", among: frozenset[str] = HERE
) -> str:
    name = f"{act}:{world.one().id}"
    return press(name, actor=actor, among=among, means=world.means())


def test_a_press_acknowledges_under_the_name_of_who_pressed() -> None:
    world = opened()

    assert pressed(world, "ack") == ""
    assert (world.one().ack_by, world.one().state) == ("ann (Discord)", "firing")


def test_a_press_resolves_and_the_card_is_edited() -> None:
    world = opened()
    before = world.one().deliveries["ops"].shown

    assert pressed(world, "resolve") == ""
    world.send_all()
    assert world.one().state == "resolved"
    assert world.one().deliveries["ops"].shown > before


@pytest.mark.parametrize("act", ["ack", "resolve"])
def test_the_same_press_again_changes_nothing(act: str) -> None:
    world = opened()
    pressed(world, act)
    before = world.one()
    world.clock.at += AGAIN_MS - 1

    assert pressed(world, act) == ""
    assert world.one() == before


def test_a_press_kept_and_sent_again_undoes_no_release() -> None:
    world = opened()
    pressed(world, "ack")
    release(world.one().id, actor="bob", note="", means=world.means())

    assert pressed(world, "ack") == TWICE
    assert world.one().ack_at is None
    world.clock.at += AGAIN_MS
    assert pressed(world, "ack") == ""
    assert world.one().ack_by == "ann (Discord)"


def test_another_person_takes_over() -> None:
    world = opened()
    pressed(world, "ack")

    assert pressed(world, "ack", "bob (Discord)") == ""
    assert world.one().ack_by == "bob (Discord)"


def test_what_is_over_is_told_to_who_pressed() -> None:
    world = opened()
    pressed(world, "resolve")

    assert "resolved already" in pressed(world, "ack")
    assert "resolved already" in pressed(world, "resolve", "bob (Discord)")


def test_what_was_told_elsewhere_only_is_not_theirs_to_press() -> None:
    world = opened()
    before = world.one()

    assert pressed(world, "ack", among=frozenset({"other"})) == NOT_HERE
    assert world.one() == before


def test_what_is_not_told_yet_is_nobodys_to_press() -> None:
    world = World()
    world.accept(event("db down", state="firing"))
    before = world.one()

    assert pressed(world, "ack") == NOT_HERE
    assert world.one() == before
    world.send_all()
    assert pressed(world, "ack") == ""


@pytest.mark.parametrize(
    ("delivery", "seen"),
    [
        (Delivery("ops"), False),
        (Delivery("ops").suppressed(NOON, "silenced"), False),
        (Delivery("ops").cancelled(NOON, "acknowledged before"), False),
        (Delivery("ops").held(NOON, NOON + 1, "digest"), False),
        (Delivery("ops").failed(NOON, "503", Timing()), False),
        (Delivery("ops").failed(NOON, "no answer", Timing(), unknown=True), True),
        (Delivery("ops").claimed(NOON, MINUTE), True),
        (Delivery("ops").sent(NOON, message_id="7"), True),
        (Delivery("ops").sent(NOON), True),
        (Delivery("ops", purpose=Purpose.AUDIT).sent(NOON, message_id="7"), False),
        (Delivery("ops").sent(NOON).replayed(NOON, "again", Timing()), True),
        (Delivery("ops").sent(NOON, message_id="7").cancelled(NOON, "over"), True),
    ],
)
def test_a_press_counts_where_its_message_may_have_been_seen(
    delivery: Delivery, seen: bool
) -> None:
    world = opened()
    row = world.one()
    world.ledger.kept[row.id] = replace(row, deliveries={"ops": delivery})

    assert (pressed(world, "ack") != NOT_HERE) == seen


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", UNKNOWN),
        ("ack", UNKNOWN),
        ("ack:", UNKNOWN),
        ("delete:" + new_id(NOON, bytes(10)), UNKNOWN),
        ("ack:" + "x" * 26, UNKNOWN),
        ("ack:" + new_id(NOON, bytes(10)), NOT_HERE),
    ],
)
def test_other_buttons_are_answered_in_words(name: str, words: str) -> None:
    assert press(name, actor="ann", among=HERE, means=World().means()) == words


def test_buttons_are_offered_for_what_can_still_be_done() -> None:
    world, told = opened(), Delivery("ops")
    name = world.one().id
    both = (Press("Acknowledge", f"ack:{name}"), Press("Resolve", f"resolve:{name}"))

    assert presses_of(world.one(), told) == both
    assert presses_of(world.one(), Delivery("ops", purpose=Purpose.AUDIT)) == ()
    pressed(world, "ack")
    assert presses_of(world.one(), told) == both[1:]
    pressed(world, "resolve")
    assert presses_of(world.one(), told) == ()


def test_a_notice_has_a_button_only_if_it_asks_to_be_seen() -> None:
    told = Delivery("ops")

    assert presses_of(opened(state="info").one(), told) == ()
    (one,) = presses_of(opened(state="info", ack_required=True).one(), told)
    assert one.label == "Acknowledge"
