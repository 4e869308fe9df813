"""A delivery's moves: any order of them, and each by itself."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings, target
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.fakes.clock import NOON
from tests.fakes.world import event
from tocsin.delivery import LOG_KEPT, MINUTE, REASON_KEPT, Delivery, State, Timing
from tocsin.identity import new_id
from tocsin.judging import HEALS, Judgement, Step, advance, judge
from tocsin.notification import Notification
from tocsin.ports import Parcel, Record

TIMING = Timing()
CALLS = 1 + len(TIMING.retries)
TTL = 3 * 60 * MINUTE


def notification(ttl: int | None = None) -> Notification:
    return Notification(
        id=new_id(NOON, bytes(10)),
        event=event(ttl=ttl),
        fingerprint="f",
        state="notice",
        sender="app",
        accepted_at=NOON,
        last_at=NOON,
    )


@dataclass
class Message:
    """A queue message, which may come at any time, late, twice, or after others."""

    id: str
    ticket: int
    sent_at: int


@dataclass
class Life:
    """A delivery with its queue messages, in a world that keeps moving."""

    delivery: Delivery
    row: Notification
    now: int = NOON
    messages: list[Message] = field(default_factory=list)
    calls: dict[int, int] = field(default_factory=dict)
    made: int = 0

    def enqueue(self, ticket: int) -> None:
        self.made += 1
        self.messages.append(Message(f"m{self.made}", ticket, self.now))

    def move(self, new: Delivery) -> None:
        old, self.delivery = self.delivery, new
        assert new.rev > old.rev
        assert new.ticket >= old.ticket
        assert new.generation >= old.generation
        assert new.possibly_sent >= old.possibly_sent
        if new.generation > old.generation:
            assert new.attempts == 0
        if new.state is State.QUEUED and old.state is State.FAILED:
            assert new.ticket > old.ticket

    def call(self) -> None:
        calls = self.calls.get(self.delivery.generation, 0) + 1
        self.calls[self.delivery.generation] = calls
        self.move(self.delivery.claimed(self.now, TIMING.lease))

    def judge(self, message: Message) -> Judgement:
        parcel = Parcel("ops", False, ((self.row.id, message.ticket),))
        record = Record(message.id, "receipt", message.sent_at, 1, parcel)
        args = (message.ticket, record, self.row, self.delivery, self.now, TIMING)
        verdict = judge(*args)
        if verdict.change is not None:
            self.move(verdict.change)
        return verdict


class Machine(RuleBasedStateMachine):
    """A sender, a sweep, an operator and bad luck, in any order."""

    reached: set[State]

    def __init__(self) -> None:
        super().__init__()
        self.life = Life(Delivery("ops"), notification(TTL // 1000))
        self.life.enqueue(0)

    @rule(ms=st.sampled_from([1, 1_000, MINUTE, 7 * MINUTE, 61 * MINUTE]))
    def time_passes(self, ms: int) -> None:
        self.life.now += ms

    @precondition(lambda self: self.life.messages)
    @rule(
        data=st.data(),
        outcome=st.sampled_from(
            ["ok", "failed", "unknown", "limited", "parked", "refused", "crash"]
        ),
        unknown=st.sampled_from(["retry", "stop"]),
    )
    def a_message_comes(self, data: st.DataObject, outcome: str, unknown: str) -> None:
        life = self.life
        message = data.draw(st.sampled_from(life.messages))
        before = life.delivery
        verdict = life.judge(message)
        if before.settled and before.state is not State.DEAD_LETTER:
            assert (verdict.step, verdict.change) == (Step.DROP, None)
        if verdict.step is Step.SEND:
            life.call()
            self.conclude(outcome, message)

    def conclude(self, outcome: str, message: Message) -> None:
        life, old, now = self.life, self.life.delivery, self.life.now
        if outcome == "crash":
            return
        if outcome in ("limited", "parked"):
            life.calls[old.generation] -= 1  # a limit costs no attempt
        life.move(
            {
                "ok": lambda: old.sent(now, message_id="1"),
                "failed": lambda: old.failed(now, "500", TIMING),
                "unknown": lambda: old.failed(now, "?", TIMING, unknown=True),
                "limited": lambda: old.released(now, "429"),
                "parked": lambda: old.parked(now, now + MINUTE, "429"),
                "refused": lambda: old.died(now, "400", message.id),
            }[outcome]()
        )
        if outcome in ("limited", "parked"):
            assert life.delivery.attempts == old.attempts

    @precondition(lambda self: not self.life.delivery.settled)
    @rule()
    def the_sweep_comes(self) -> None:
        life = self.life
        due = life.delivery.due_at
        if due is not None and due > life.now:
            return
        life.move(advance(life.delivery, life.now, TIMING))
        if life.delivery.state in (State.QUEUED, State.DEAD_LETTER):
            life.enqueue(life.delivery.ticket)

    @precondition(lambda self: self.life.delivery.state is State.DEAD_LETTER)
    @rule()
    def an_operator_replays(self) -> None:
        life = self.life
        life.move(life.delivery.replayed(life.now, "replayed by ann", TIMING))
        life.enqueue(life.delivery.ticket)

    @precondition(lambda self: self.life.messages)
    @rule(data=st.data())
    def an_operator_redrives(self, data: st.DataObject) -> None:
        """SQS gives it a new id and a new time."""
        message = data.draw(st.sampled_from(self.life.messages))
        self.life.enqueue(message.ticket)

    @precondition(lambda self: self.life.messages)
    @rule(data=st.data())
    def a_message_is_lost(self, data: st.DataObject) -> None:
        self.life.messages.remove(data.draw(st.sampled_from(self.life.messages)))

    @invariant()
    def what_is_settled_waits_for_nothing(self) -> None:
        if self.life.delivery.settled:
            assert self.life.delivery.due_at is None
            assert self.life.delivery.lease_until is None

    @invariant()
    def what_failed_has_a_due_time(self) -> None:
        if self.life.delivery.state is State.FAILED:
            assert self.life.delivery.due_at is not None

    @invariant()
    def what_is_being_sent_has_a_lease_and_nothing_else_has(self) -> None:
        sending = self.life.delivery.state is State.PROCESSING
        assert sending is (self.life.delivery.lease_until is not None)

    @invariant()
    def no_generation_costs_more_than_six_calls(self) -> None:
        assert all(calls <= CALLS for calls in self.life.calls.values())
        assert self.life.delivery.attempts < CALLS

    @invariant()
    def what_is_dead_says_when_and_why(self) -> None:
        dead = self.life.delivery.state is State.DEAD_LETTER
        assert dead is (self.life.delivery.dead_at is not None)
        if dead:
            assert self.life.delivery.reason

    @invariant()
    def the_history_is_bounded(self) -> None:
        assert len(self.life.delivery.log) <= LOG_KEPT

    def teardown(self) -> None:
        target(float(self.life.delivery.rev))
        REACHED.add(self.life.delivery.state)


REACHED: set[State] = set()
ENOUGH = settings(
    max_examples=150,
    stateful_step_count=40,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


def test_no_order_of_events_breaks_a_delivery() -> None:
    REACHED.clear()
    run_state_machine_as_test(Machine, settings=ENOUGH)

    assert set(State) - {State.CANCELLED} == REACHED


class Stopping(Machine):
    """The same under a route that forbids sending twice: one call, unless an operator
    asks for another or the provider itself said that it took nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.life.delivery = Delivery("ops", on_unknown="stop")

    @invariant()
    def what_may_have_been_shown_is_not_sent_again(self) -> None:
        """By itself, that is: a replay is an operator's word."""
        if self.life.delivery.possibly_sent and not self.life.delivery.generation:
            assert self.life.delivery.state is State.DEAD_LETTER


def test_a_route_that_forbids_doubles_gets_none() -> None:
    run_state_machine_as_test(Stopping, settings=ENOUGH)


def test_retries_wait_1_5_15_30_60_minutes_and_then_it_is_dead() -> None:
    delivery, waits = Delivery("ops"), []
    while not delivery.settled:
        delivery = delivery.claimed(NOON, 1).failed(NOON, "500", TIMING)
        waits.append(delivery.due_at and (delivery.due_at - NOON) // MINUTE)

    assert waits == [1, 5, 15, 30, 60, None]
    assert delivery.reason == "500 (gave up after 6 attempts)"


def test_what_kills_its_sender_each_time_is_dead_after_six_calls() -> None:
    delivery, calls = Delivery("ops"), 0
    while not delivery.settled:
        calls += 1
        delivery = delivery.claimed(NOON, 1).crashed(NOON + 2, TIMING)

    assert calls == CALLS
    assert delivery.possibly_sent


def test_a_crash_may_be_tried_again_at_once_and_keeps_being_watched() -> None:
    claimed = Delivery("ops", due_at=7).claimed(NOON, 1)
    crashed = claimed.crashed(NOON + 2, TIMING)

    assert (crashed.state, crashed.due_at) == (State.QUEUED, 7)
    assert (crashed.attempts, crashed.possibly_sent) == (1, True)


def test_healing_waits_ever_longer_and_ends_in_a_dead_letter() -> None:
    delivery, now, waits = Delivery("ops"), NOON, []
    for _ in range(HEALS + 1):
        delivery = advance(delivery, now, TIMING)
        if delivery.due_at is not None:
            waits.append((delivery.due_at - now) // MINUTE)
            now = delivery.due_at

    assert waits == [6, 12, 24, 48, 96, 96, 96, 96]
    assert len(waits) == HEALS
    assert "no sender" in delivery.reason


def test_sent_clears_the_reason_of_earlier_failures() -> None:
    failed = Delivery("ops").claimed(NOON, 1).failed(NOON, "500", TIMING)
    sent = failed.requeued(NOON, TIMING).claimed(NOON, 1).sent(NOON, message_id="1")

    assert (sent.reason, sent.message_id, sent.due_at) == ("", "1", None)
    assert [line.what for line in sent.log] == ["failed", "sent"]


@given(st.text(min_size=REASON_KEPT, max_size=3 * REASON_KEPT))
def test_a_long_reason_is_cut(reason: str) -> None:
    parked = Delivery("ops").parked(NOON, NOON, reason)

    assert parked.reason == parked.log[-1].reason == reason[:REASON_KEPT]


@pytest.mark.parametrize("factor", [1, 60, 1000])
def test_scaled_timing_keeps_its_proportions(factor: float) -> None:
    scaled = TIMING.scaled(factor)

    assert [wait * factor for wait in scaled.retries] == list(TIMING.retries)
    assert scaled.lease * factor == TIMING.lease
    assert scaled.heal * factor == TIMING.heal
    assert scaled.grace * factor == TIMING.grace
