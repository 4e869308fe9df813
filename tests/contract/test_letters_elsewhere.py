"""A letter that goes elsewhere: the fake and DynamoDB close and add in one write."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.fakes.clock import NOON
from tocsin.delivery import Delivery, State, Timing
from tocsin.errors import Stale
from tocsin.events import Event
from tocsin.identity import new_id, shard_of
from tocsin.notification import Notification
from tocsin.ports import Commit, Move

TIMING = Timing()


@pytest.fixture
def dead(ledger: Any) -> Notification:
    """A notification whose only delivery is a dead letter."""
    queued = Delivery("ops", route="a")
    row = Notification(
        id=new_id(NOON, bytes(10)),
        event=Event.model_validate({"type": "t", "title": "x"}),
        fingerprint="f",
        state="notice",
        sender="app",
        accepted_at=NOON,
        last_at=NOON,
        deliveries={"ops": queued},
    )
    ledger.commit([Commit(row)])
    ledger.move([Move(row.id, queued, queued.died(NOON + 5, "400"))])
    found: Notification = ledger.load([row.id])[row.id]
    return found


def elsewhere(old: Notification) -> Notification:
    closed = old.deliveries["ops"].given_up(NOON + 9, "replayed to backup by ann")
    fresh = Delivery("backup").replayed(NOON + 9, "replayed by ann", TIMING)
    deliveries = {"ops": closed, "backup": fresh}
    return replace(old, version=old.version + 1, deliveries=deliveries)


def test_the_letter_is_gone_and_the_new_delivery_watched(
    ledger: Any, dead: Notification
) -> None:
    assert len(ledger.dead(limit=10, cursor="")[0]) == 1
    new = elsewhere(dead)
    ledger.amend(dead, new, closes=False)
    [due] = ledger.due(shard_of(dead.id), NOON + TIMING.heal + 10, 10)

    assert ledger.dead(limit=10, cursor="")[0] == []
    assert ledger.load([dead.id])[dead.id].deliveries == new.deliveries
    assert (due.notification_id, due.destination) == (dead.id, "backup")


def test_a_second_one_from_the_same_state_changes_nothing(
    ledger: Any, dead: Notification
) -> None:
    ledger.amend(dead, elsewhere(dead), closes=False)
    row = ledger.load([dead.id])[dead.id]
    with pytest.raises(Stale):
        ledger.amend(dead, elsewhere(dead), closes=False)

    assert ledger.load([dead.id])[dead.id] == row


def test_one_that_was_replayed_meanwhile_does_not_go_elsewhere_too(
    ledger: Any, dead: Notification
) -> None:
    old = dead.deliveries["ops"]
    ledger.move([Move(dead.id, old, old.replayed(NOON + 7, "by bo", TIMING))])
    with pytest.raises(Stale):
        ledger.amend(dead, elsewhere(dead), closes=False)

    [left] = ledger.load([dead.id])[dead.id].deliveries.values()
    assert left.state is State.QUEUED
