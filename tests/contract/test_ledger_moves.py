"""The ledger's contract: deliveries that change their state, and the lists they leave."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.rows import TIMING, drawn, move, stored
from tests.fakes.clock import NOON
from tocsin.delivery import State
from tocsin.errors import Stale
from tocsin.identity import shard_of
from tocsin.ports import Commit, Move


def test_a_move_swaps_and_a_second_one_from_the_same_state_is_stale(
    ledger: Any,
) -> None:
    row = drawn()
    ledger.commit([Commit(row)])
    move(ledger, row, lambda each: each.claimed(NOON, 1))

    with pytest.raises(Stale) as caught:
        move(ledger, row, lambda each: each.suppressed(NOON, "late"))
    assert caught.value.losers == (0,)


def test_a_move_that_is_repeated_is_not_taken_for_a_defeat(ledger: Any) -> None:
    """The client repeats a write whose answer was lost."""
    row = drawn()
    ledger.commit([Commit(row)])
    for _ in range(2):
        move(ledger, row, lambda each: each.failed(NOON, "500", TIMING))

    assert stored(ledger, row).deliveries["ops"].attempts == 1


def test_moves_are_all_or_none_and_name_the_losers(ledger: Any) -> None:
    rows = [drawn(n) for n in range(3)]
    ledger.commit([Commit(row) for row in rows])
    move(ledger, rows[1], lambda each: each.claimed(NOON, 1))
    moves = [
        Move(row.id, row.deliveries["ops"], row.deliveries["ops"].claimed(NOON, 2))
        for row in rows
    ]

    with pytest.raises(Stale) as caught:
        ledger.move(moves)
    assert caught.value.losers == (1,)
    assert stored(ledger, rows[0]).deliveries["ops"].state is State.QUEUED


def test_the_calendar_follows_the_deliveries(ledger: Any) -> None:
    row = drawn()
    ledger.commit([Commit(row)])
    shard = shard_of(row.id)
    move(ledger, row, lambda each: each.failed(NOON, "500", TIMING))
    due_at = NOON + TIMING.retries[0]

    assert ledger.due(shard, due_at - 1, 10) == []
    (due,) = ledger.due(shard, due_at, 10)
    assert (due.notification_id, due.destination) == (row.id, "ops")
    move(ledger, stored(ledger, row), lambda each: each.sent(NOON))
    assert ledger.due(shard, due_at * 2, 10) == []


def test_dead_letters_are_listed_oldest_first_in_pages(ledger: Any) -> None:
    rows = [drawn(n) for n in range(5)]
    ledger.commit([Commit(row) for row in rows])
    for n, row in enumerate(rows):
        move(ledger, row, lambda each, n=n: each.died(NOON + n, "no"))  # type: ignore[misc]
    move(ledger, stored(ledger, rows[2]), lambda each: each.replayed(NOON, "x", TIMING))
    listed, cursor = [], ""
    for _ in range(5):
        page, cursor = ledger.dead(limit=2, cursor=cursor)
        listed += page
        if not cursor:
            break

    expected = [rows[n].id for n in (0, 1, 3, 4)]
    assert [dead.notification_id for dead in listed] == expected
