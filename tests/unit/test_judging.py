"""The table in docs/architecture.md: what a sender does with a ticket, by its row."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fakes.clock import NOON
from tests.unit.test_delivery import TIMING, notification
from tocsin.delivery import Delivery, State
from tocsin.judging import Judgement, Step, judge
from tocsin.ports import Parcel, Record

LEASE_END = NOON + 30_000
DIED = NOON - 1000
DEAD = Delivery("ops", State.DEAD_LETTER, ticket=2, rev=5, dead_at=DIED, dying="m1")
CLAIMED = Delivery("ops", State.PROCESSING, ticket=2, rev=5, lease_until=LEASE_END)
RUN_OUT = Delivery("ops", State.PROCESSING, ticket=2, rev=5, lease_until=NOON)
QUEUED = Delivery("ops", State.QUEUED, ticket=2, rev=5)
FAILED = Delivery("ops", State.FAILED, ticket=2, rev=5, due_at=NOON)


def judged(
    delivery: Delivery, ticket: int = 2, message: str = "m1", sent_at: int = DIED - 1
) -> Judgement:
    record = Record(message, "r", sent_at, 1, Parcel("ops", False, (("n", ticket),)))
    return judge(ticket, record, notification(), delivery, NOON, TIMING)


def settled_ones() -> Iterator[Delivery]:
    for state in (State.SENT, State.SUPPRESSED, State.CANCELLED):
        yield Delivery("ops", state, ticket=2, rev=5)


@pytest.mark.parametrize("delivery", [*settled_ones(), FAILED], ids=lambda d: d.state)
@pytest.mark.parametrize("ticket", [1, 2, 3])
def test_row_settled_or_failed_drops_any_ticket(
    delivery: Delivery, ticket: int
) -> None:
    verdict = judged(delivery, ticket)

    assert (verdict.step, verdict.change) == (Step.DROP, None)
    assert verdict.why


def test_row_queued_drops_an_older_ticket() -> None:
    assert judged(QUEUED, 1).step is Step.DROP
    assert judged(QUEUED, 1).change is None


def test_row_queued_sends_the_current_ticket() -> None:
    assert (judged(QUEUED).step, judged(QUEUED).change) == (Step.SEND, None)


def test_row_processing_drops_an_older_ticket() -> None:
    assert judged(CLAIMED, 1).step is Step.DROP
    assert judged(RUN_OUT, 1).step is Step.DROP


def test_row_processing_waits_while_the_lease_runs() -> None:
    verdict = judged(CLAIMED)

    assert (verdict.step, verdict.change) == (Step.WAIT, None)
    assert verdict.wait_ms == LEASE_END - NOON


def test_row_processing_with_the_lease_over_is_marked_and_sent() -> None:
    verdict = judged(RUN_OUT)

    assert verdict.step is Step.SEND
    assert verdict.change is not None
    assert verdict.change.possibly_sent
    assert (verdict.change.state, verdict.change.attempts) == (State.QUEUED, 1)


def test_row_processing_with_the_lease_over_and_no_doubles_allowed_dies() -> None:
    stop = Delivery("ops", State.PROCESSING, on_unknown="stop", lease_until=NOON)
    verdict = judged(stop, 0)

    assert verdict.step is Step.BOUNCE
    assert verdict.change is not None
    assert verdict.change.state is State.DEAD_LETTER


def test_row_dead_drops_an_older_ticket() -> None:
    verdict = judged(DEAD, 1, "m2", NOON)

    assert (verdict.step, verdict.change) == (Step.DROP, None)


def test_row_dead_without_a_dying_message_takes_this_one_and_bounces_it() -> None:
    unknown = Delivery("ops", State.DEAD_LETTER, ticket=2, rev=5, dead_at=DIED)
    verdict = judged(unknown, 2, "m7")

    assert verdict.step is Step.BOUNCE
    assert verdict.change is not None
    assert (verdict.change.dying, verdict.change.rev) == ("m7", 6)


def test_row_dead_bounces_its_dying_message_and_changes_nothing() -> None:
    assert (judged(DEAD).step, judged(DEAD).change) == (Step.BOUNCE, None)


def test_row_dead_takes_a_message_queued_after_the_death_as_a_redrive() -> None:
    verdict = judged(DEAD, 2, "m2", DIED + 1)

    assert verdict.step is Step.SEND
    assert verdict.change is not None
    assert verdict.change.state is State.QUEUED
    assert (verdict.change.generation, verdict.change.attempts) == (1, 0)


@pytest.mark.parametrize("sent_at", [DIED - 1, DIED])
def test_row_dead_drops_a_double_queued_before_the_death(sent_at: int) -> None:
    verdict = judged(DEAD, 2, "m2", sent_at)

    assert (verdict.step, verdict.change) == (Step.DROP, None)


@pytest.mark.parametrize(
    ("age", "step"), [(0, Step.SEND), (60_000, Step.SEND), (60_001, Step.DROP)]
)
def test_row_queued_is_suppressed_when_older_than_its_time_to_live(
    age: int, step: Step
) -> None:
    record = Record("m", "r", NOON, 1, Parcel("ops", False, (("n", 2),)))
    row = notification(ttl=60)
    verdict = judge(2, record, row, QUEUED, NOON + age, TIMING)

    assert verdict.step is step
    if verdict.change is not None:
        assert verdict.change.state is State.SUPPRESSED
        assert "time to live" in verdict.change.reason
