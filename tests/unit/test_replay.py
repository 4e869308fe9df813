"""Replaying: what is dead is sent again, once, and nothing else is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.fakes.chaos import Chaos
from tests.fakes.meddler import Broken, Meddler
from tests.fakes.provider import Provider
from tests.fakes.world import World, event, settings_for
from tocsin.acknowledge import acknowledge
from tocsin.delivery import MINUTE, Delivery, Purpose, State
from tocsin.errors import Conflict, NotFound, Unavailable
from tocsin.message import Message
from tocsin.notification import Notification
from tocsin.ports import Dead, Kind, Outbox, Outcome, Target
from tocsin.replay import AS_IT_WAS, AT_ONCE, How, Replayed, replay, replay_dead
from tocsin.rules.config import Config
from tocsin.settings import Destination, Settings


def refusing(*names: str) -> World:
    """A world in which these destinations refuse everything."""
    world = World(settings_for("ops", "team"))

    def behave(_: Provider, __: Sequence[Message], target: Target) -> Outcome | None:
        return Outcome(Kind.PERMANENT, "400") if target.name in names else None

    world.provider.behaviour = behave
    return world


def with_dead(count: int = 1, *names: str) -> World:
    """Events of which these destinations' deliveries are dead; all is well since."""
    world = refusing(*(names or ("ops",)))
    for start in range(0, count, 50):
        world.accept(*(event(f"e{start + n}") for n in range(min(50, count - start))))
    world.send_all()
    world.provider.behaviour = None
    world.clock.at += MINUTE
    return world


def again(
    world: World,
    destination: str | None = None,
    outbox: Outbox | None = None,
    how: How = AS_IT_WAS,
) -> Notification:
    return replay(
        world.one().id,
        destination=destination,
        actor="ann",
        ledger=world.seen_ledger,
        outbox=outbox or world.seen_queue,
        clock=world.clock,
        timing=world.timing,
        how=how,
    )


def selected_again(
    world: World, selected: list[Dead], how: How = AS_IT_WAS
) -> Replayed:
    return replay_dead(
        selected,
        actor="ann",
        ledger=world.seen_ledger,
        outbox=world.seen_queue,
        clock=world.clock,
        timing=world.timing,
        how=how,
    )


def all_dead(world: World) -> list[Dead]:
    return world.ledger.dead(limit=10_000, cursor="")[0]


def ops(world: World) -> Delivery:
    return world.one().deliveries["ops"]


def test_a_dead_delivery_is_sent_again_under_a_new_generation() -> None:
    world = with_dead()
    before = ops(world)
    answered = again(world)
    world.send_all()

    assert answered.deliveries["ops"].state is State.QUEUED
    assert answered.deliveries["ops"].attempts == 0
    assert ops(world).state is State.SENT
    assert ops(world).generation == before.generation + 1
    assert "replayed by ann" in [line.reason for line in ops(world).log]
    assert world.provider.shown() == ["e0", "e0"]
    assert world.provider.shown("ops") == ["e0"]


def test_only_what_is_dead_is_replayed() -> None:
    world = with_dead()
    sent = world.one().deliveries["team"]
    again(world)

    assert world.one().deliveries["team"] == sent


def test_one_destination_may_be_named() -> None:
    world = with_dead(1, "ops", "team")
    again(world, "team")

    assert ops(world).state is State.DEAD_LETTER
    assert world.one().deliveries["team"].state is State.QUEUED


@pytest.mark.parametrize("destination", [None, "ops"])
def test_where_nothing_is_dead_there_is_nothing_to_replay(
    destination: str | None,
) -> None:
    world = World()
    world.accept(event())
    world.send_all()
    row = world.one()
    with pytest.raises(Conflict, match="none of its deliveries is a dead letter"):
        again(world, destination)

    assert world.one() == row
    assert world.queue.messages == []


def test_what_does_not_exist_cannot_be_replayed() -> None:
    world = with_dead()
    with pytest.raises(NotFound, match="'elsewhere'"):
        again(world, "elsewhere")
    with pytest.raises(NotFound, match="no notification"):
        replay(
            "0" * 26,
            destination=None,
            actor="ann",
            ledger=world.ledger,
            outbox=world.queue,
            clock=world.clock,
            timing=world.timing,
        )


def test_a_double_click_sends_once() -> None:
    world = with_dead()

    def other_click() -> None:
        world.clock.at += 1
        again(world)

    world.seen_ledger = Meddler(world.ledger, "move", other_click)
    with pytest.raises(Conflict):
        again(world)
    world.restart()
    world.send_all()

    assert world.provider.shown("ops") == ["e0"]
    assert ops(world).generation == 1


def test_after_a_replay_the_old_message_redriven_does_nothing() -> None:
    world = with_dead()
    again(world)
    world.send_all()
    world.clock.at += MINUTE
    assert world.queue.redrive() == 1
    world.send_all()

    assert world.provider.shown("ops") == ["e0"]
    assert world.queue.messages == []
    assert ops(world).generation == 1


def test_an_old_message_redriven_while_the_replay_waits_is_dropped() -> None:
    world = with_dead()
    again(world)
    world.queue.redrive()
    world.send_all()

    assert world.provider.shown("ops") == ["e0"]


def test_what_dies_again_after_a_replay_is_redriven_by_its_new_message_only() -> None:
    world = with_dead()
    (first,) = world.queue.dlq
    world.queue.dlq.clear()
    world.provider.behaviour = lambda *_: Outcome(Kind.PERMANENT, "400 again")
    again(world)
    world.send_all()
    (second,) = world.queue.dlq
    world.provider.behaviour = None

    for message, generation, shown in ((first, 1, []), (second, 2, ["e0"])):
        world.clock.at += MINUTE
        world.queue.dlq = [message]
        world.queue.redrive()
        world.send_all()
        assert ops(world).generation == generation
        assert world.provider.shown("ops") == shown


def test_a_replay_whose_message_is_lost_is_healed_by_the_sweep() -> None:
    world = with_dead()
    again(world, outbox=Broken(world.queue, Unavailable("down"), "send"))
    world.live(minutes=8)

    assert ops(world).state is State.SENT


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("call", [1, 2, 3, 4])
def test_a_replay_that_is_killed_at_any_call_loses_nothing(
    call: int, after: bool
) -> None:
    world = with_dead()
    world.chaos = Chaos(call, after=after)
    world.restart()
    world.survive(lambda: again(world))
    if ops(world).state is State.DEAD_LETTER:
        again(world)
    world.live(minutes=10)

    assert world.provider.shown("ops") == ["e0"]
    assert ops(world).state is State.SENT


@pytest.mark.parametrize("count", [1, AT_ONCE, 2 * AT_ONCE + 1])
def test_a_selection_is_replayed_in_full_parcels(count: int) -> None:
    world = with_dead(count)
    world.queue.sent.clear()

    assert selected_again(world, all_dead(world)).letters == count
    world.send_all()
    assert sorted(world.provider.shown("ops")) == sorted(f"e{n}" for n in range(count))
    assert len(world.queue.sent) <= -(-count // 10) + count // AT_ONCE
    assert all_dead(world) == []


def test_a_selection_counts_only_what_was_still_dead() -> None:
    world = with_dead(3)
    selection = all_dead(world)
    assert selected_again(world, selection[:1]).letters == 1
    world.send_all()
    strangers = [Dead("0" * 26, "ops", 1), Dead(selection[1].notification_id, "x", 1)]

    assert selected_again(world, [*selection, *strangers]).letters == 2
    world.send_all()
    assert len(world.provider.shown("ops")) == 3


def test_an_empty_selection_is_nothing() -> None:
    assert selected_again(World(), []) == Replayed(0, 0)


# --- only what is open --------------------------------------------------------------


def test_only_what_is_still_open_is_sent_again_where_that_is_asked() -> None:
    world = refusing("ops", "team")
    world.accept(event("notice"), event("problem", state="firing"))
    world.accept(event("over", state="firing"))
    world.send_all()
    world.accept(event("over", state="resolved"))
    world.send_all()
    world.provider.behaviour = None
    before = len(world.provider.shown())

    done = selected_again(world, all_dead(world), How(open_only=True))
    world.send_all()

    assert done.letters == 2
    assert world.provider.shown()[before:] == ["problem", "problem"]


def test_a_notification_that_is_over_is_not_sent_again_as_open() -> None:
    world = with_dead()
    row = world.one()
    with pytest.raises(Conflict, match="not open"):
        again(world, how=How(open_only=True))

    assert world.one() == row


# --- to another destination ---------------------------------------------------------

BACKUP = How(to="backup")


def beside() -> World:
    """A dead letter of `ops`, and a destination that no route names."""
    names = ("ops", "backup")
    route = {"name": "all", "to": ["ops"], "mentions": {"critical": ["@everyone"]}}
    known = {name: Destination(name, "fake", {}) for name in names}
    world = World(Settings(Config.model_validate({"routes": [route]}), "0", known))

    def behave(_: Provider, __: Sequence[Message], target: Target) -> Outcome | None:
        return Outcome(Kind.PERMANENT, "400") if target.name == "ops" else None

    world.provider.behaviour = behave
    world.accept(event("e0", severity="critical", state="firing"))
    world.send_all()
    world.clock.at += MINUTE
    return world


def test_a_letter_is_closed_and_told_elsewhere() -> None:
    world = beside()
    died = ops(world)
    answered = again(world, how=BACKUP)
    world.send_all()
    there = world.one().deliveries["backup"]

    assert answered.deliveries["backup"].state is State.QUEUED
    assert world.provider.shown("backup") == ["e0"]
    assert there.state is State.SENT
    assert (there.purpose, there.route) == (Purpose.REPLAY, "all")
    assert (there.urgent, there.pings) == (died.urgent, died.pings)
    assert ops(world).state is State.CANCELLED
    assert ops(world).reason == "replayed to backup by ann"
    assert all_dead(world) == []
    assert world.one().status == "sent"
    action = world.one().actions[-1]
    assert (action.actor, action.what) == ("ann", "replayed to backup")
    assert action.note == "in the place of ops (400)"


def test_what_went_elsewhere_does_not_come_back_by_a_redrive() -> None:
    world = beside()
    again(world, how=BACKUP)
    world.send_all()
    world.provider.behaviour = None
    world.clock.at += MINUTE
    assert world.queue.redrive() == 1
    world.send_all()

    assert world.provider.shown("ops") == []
    assert world.provider.shown("backup") == ["e0"]
    assert ops(world).state is State.CANCELLED


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("call", [1, 2, 3, 4])
def test_going_elsewhere_survives_a_death_at_any_call_and_shows_once(
    call: int, after: bool
) -> None:
    world = beside()
    world.chaos = Chaos(call, after=after)
    world.restart()
    world.survive(lambda: again(world, how=BACKUP))
    if ops(world).state is State.DEAD_LETTER:
        again(world, how=BACKUP)
    world.live(minutes=10)

    assert world.provider.shown("backup") == ["e0"]
    assert ops(world).state is State.CANCELLED
    assert world.one().deliveries["backup"].state is State.SENT


def test_two_who_send_it_elsewhere_send_it_once() -> None:
    world = beside()
    world.seen_ledger = Meddler(world.ledger, "amend", lambda: again(world, how=BACKUP))
    with pytest.raises(Conflict):
        again(world, how=BACKUP)
    world.restart()
    world.send_all()

    assert world.provider.shown("backup") == ["e0"]
    assert len(world.one().actions) == 1


def test_one_who_acknowledges_meanwhile_is_not_lost() -> None:
    world = beside()
    name = world.one().id
    world.seen_ledger = Meddler(
        world.ledger,
        "amend",
        lambda: acknowledge(name, actor="bo", note="", means=world.means()),
    )
    again(world, how=BACKUP)

    assert [each.actor for each in world.one().actions] == ["bo", "ann"]
    assert world.one().ack_by == "bo"
    assert ops(world).state is State.CANCELLED


def test_one_who_had_read_it_before_does_not_write_over_the_replay() -> None:
    world = beside()
    name = world.one().id
    world.seen_ledger = Meddler(
        world.ledger, "amend", lambda: other_goes_elsewhere(world)
    )
    acknowledge(name, actor="bo", note="", means=world.means())

    assert [each.actor for each in world.one().actions] == ["ann", "bo"]
    assert ops(world).state is State.CANCELLED


def other_goes_elsewhere(world: World) -> None:
    world.seen_ledger = world.ledger
    again(world, how=BACKUP)


def test_both_letters_of_one_notification_become_one_message_elsewhere() -> None:
    world = with_dead(2, "ops", "team")
    known = {**world.settings.destinations, "backup": Destination("backup", "fake", {})}
    world.settings = replace(world.settings, destinations=known)

    assert selected_again(world, all_dead(world), BACKUP) == Replayed(4, 0)
    world.send_all()
    assert sorted(world.provider.shown("backup")) == ["e0", "e1"]
    assert all_dead(world) == []


def test_a_destination_that_was_told_is_not_told_twice() -> None:
    world = with_dead(1, "ops")
    shown = world.provider.shown("team")

    assert selected_again(world, all_dead(world), How(to="team")) == Replayed(1, 1)
    world.send_all()
    assert world.provider.shown("team") == shown == ["e0"]
    assert ops(world).state is State.CANCELLED
    assert all_dead(world) == []


def test_a_letter_that_goes_where_it_died_is_replayed_as_it_was() -> None:
    world = with_dead()
    again(world, how=How(to="ops"))
    world.send_all()

    assert world.provider.shown("ops") == ["e0"]
    assert ops(world).generation == 1


def test_where_it_was_suppressed_it_is_told_now() -> None:
    world = beside()
    row = world.one()
    quiet = Delivery("backup", state=State.SUPPRESSED, rev=3, ticket=2, reason="ttl")
    deliveries = {**row.deliveries, "backup": quiet}
    world.ledger.kept[row.id] = replace(row, deliveries=deliveries)
    again(world, how=BACKUP)
    world.send_all()

    assert world.provider.shown("backup") == ["e0"]
    assert world.one().deliveries["backup"].ticket == 3


def test_a_line_of_an_audit_does_not_stand_for_the_message() -> None:
    world = beside()
    row = world.one()
    line = Delivery("backup", state=State.SENT, purpose=Purpose.AUDIT, rev=3, shown=1)
    deliveries = {**row.deliveries, "backup": line}
    world.ledger.kept[row.id] = replace(row, deliveries=deliveries)
    again(world, how=BACKUP)
    world.send_all()

    assert world.provider.shown("backup") == ["e0"]


def test_what_dies_there_too_is_a_dead_letter_there() -> None:
    world = beside()
    world.provider.behaviour = lambda *_: Outcome(Kind.PERMANENT, "400 again")
    again(world, how=BACKUP)
    world.send_all()
    (dead,) = all_dead(world)

    assert dead.destination == "backup"
    assert ops(world).state is State.CANCELLED
