"""Deliveries: one notification on its way to one destination, as a pure state machine.

    queued ──► processing ──► sent
      ▲  ▲         │
      │  │         ├────────► failed ──(due)──► queued
      │  └─(limit)─┤
      │            ├────────► dead_letter ──(replay, redrive)──► queued
      │            └────────► suppressed | cancelled
      └── every move returns a new value with `rev` + 1; the ledger swaps old for new.

Times are ms since the epoch; `now` always comes in as an argument.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from tocsin.values import dataclass


class State(StrEnum):
    """Where a delivery stands."""

    QUEUED = "queued"
    PROCESSING = "processing"
    SENT = "sent"
    FAILED = "failed"
    DEAD_LETTER = "dead_letter"
    SUPPRESSED = "suppressed"
    CANCELLED = "cancelled"


class Purpose(StrEnum):
    """Why a delivery was added besides those that the routes ask for."""

    ROUTE = ""
    ESCALATION = "escalation"
    FALLBACK = "fallback"
    REMINDER = "reminder"
    RISE = "rise"
    AUDIT = "audit"
    SUMMARY = "summary"
    REPLAY = "replay"


TERMINAL = frozenset({State.SENT, State.DEAD_LETTER, State.SUPPRESSED, State.CANCELLED})
MINUTE = 60_000
PAUSE = 10_000  # ms between two edits of one card
LOG_KEPT = 12
REASON_KEPT = 300


@dataclass(frozen=True, slots=True)
class Timing:
    """The clocks of retrying and healing, in ms. `scaled` speeds all of them up."""

    retries: tuple[int, ...] = tuple(m * MINUTE for m in (1, 5, 15, 30, 60))
    lease: int = MINUTE
    heal: int = 6 * MINUTE
    grace: int = 90_000
    factor: float = 1.0

    def scaled(self, factor: float) -> Timing:
        """The same clocks, `factor` times faster (60: a minute lasts a second)."""
        return Timing(
            retries=tuple(int(wait / factor) for wait in self.retries),
            lease=int(self.lease / factor),
            heal=int(self.heal / factor),
            grace=int(self.grace / factor),
            factor=self.factor * factor,
        )


@dataclass(frozen=True, slots=True)
class Attempt:
    """One line of a delivery's history."""

    at: int
    what: str
    reason: str = ""


@dataclass(frozen=True)
class Delivery:
    """One notification to one destination.

    rev         raised by every move; conditional writes compare it
    ticket      raised whenever a new queue message is wanted; older messages are stale
    attempts    calls that failed in this generation (rate limits cost none)
    generation  raised by a replay or a redrive, which start with fresh attempts
    due_at      when the sweep must look again; None = nothing to wait for
    dying       id of the queue message that bounces until SQS dead-letters it
    purpose     why it was added, if not by a route
    expires_at  not to be sent any more after that, None = always
    hold        it waits to be told together with others until it is due: for what
    shown       `Notification.edition` that the provider shows; edits only raise it
    edited_at   when the card was edited last, 0 = never
    together    ids of all notifications that share its message, in order; () = alone
    receipt     what the provider told later of the message: the furthest that it came
    """

    destination: str
    state: State = State.QUEUED
    route: str = ""
    urgent: bool = False
    pings: tuple[str, ...] = ()
    on_unknown: str = "retry"
    rev: int = 0
    ticket: int = 0
    attempts: int = 0
    generation: int = 0
    heals: int = 0
    updated_at: int = 0
    due_at: int | None = None
    lease_until: int | None = None
    dead_at: int | None = None
    dying: str | None = None
    possibly_sent: bool = False
    message_id: str | None = None
    place: str | None = None
    reason: str = ""
    purpose: Purpose = Purpose.ROUTE
    expires_at: int | None = None
    hold: str = ""
    shown: int = 0
    edited_at: int = 0
    together: tuple[str, ...] = ()
    receipt: str = ""
    log: tuple[Attempt, ...] = ()

    @property
    def is_card(self) -> bool:
        """Whether it stands somewhere and is kept current. Audit lines are not, and
        what was told in another notification has no message of its own. One that died
        when it was to be told again stands where it was told before."""
        died = self.state is State.DEAD_LETTER and self.message_id is not None
        return (
            (died or self.state is State.SENT)
            and self.purpose is not Purpose.AUDIT
            and self.shown > 0
        )

    @property
    def was_told(self) -> bool:
        """Whether it was told there before, if only with others."""
        return self.shown > 0 or any(line.what in ("sent", "told") for line in self.log)

    @property
    def settled(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self.state in TERMINAL

    def claimed(self, now: int, lease: int) -> Delivery:
        """About to be sent: written before the call, so that a crash shows."""
        return self._moved(now, state=State.PROCESSING, lease_until=now + lease)

    def sent(
        self,
        now: int,
        reason: str = "",
        *,
        message_id: str | None = None,
        place: str | None = None,
        shown: int = 0,
        together: tuple[str, ...] = (),
    ) -> Delivery:
        """The provider took it; `place` is the provider's channel or thread id, and
        `reason` tells of whom it did not reach."""
        return self._moved(
            now,
            "sent",
            reason,
            state=State.SENT,
            lease_until=None,
            due_at=None,
            message_id=message_id,
            place=place,
            shown=shown,
            together=together,
            receipt="",
        )

    def held(
        self, now: int, until: int, hold: str, *, unknown: bool = False
    ) -> Delivery:
        """Not now: to be told together with others at `until`. `unknown`: it has left
        already, and no answer came."""
        return self._moved(
            now,
            "held",
            hold,
            possibly_sent=self.possibly_sent or unknown,
            state=State.QUEUED,
            hold=hold,
            due_at=until,
            lease_until=None,
        )

    def told(self, now: int, summary_id: str) -> Delivery:
        """It was told together with others, in another notification."""
        return self._moved(
            now,
            "told",
            f"told in {summary_id}",
            state=State.SENT,
            due_at=None,
        )

    def editing(self, now: int, lease: int) -> Delivery:
        """Its card is about to be edited: no other sender does so meanwhile."""
        return self._moved(now, lease_until=now + lease)

    def edited(self, now: int, shown: int) -> Delivery:
        """Its card shows that edition now, or a later one that was shown before."""
        return self._moved(
            now,
            shown=max(shown, self.shown),
            edited_at=now,
            lease_until=None,
            due_at=None,
            heals=0,
        )

    def edit_later(self, now: int, due_at: int, *, counts: bool) -> Delivery:
        """It was not edited: the sweep asks again, not without end if that `counts`."""
        heals = self.heals if counts else max(0, self.heals - 1)
        return self._moved(now, lease_until=None, due_at=due_at, heals=heals)

    def left_as_it_is(self, now: int, why: str) -> Delivery:
        """Its card is not edited until something new is known of it; `why`, if it shows
        less than is known now."""
        what, reason = ("edit", why) if why else ("", None)
        return self._moved(now, what, reason, lease_until=None, due_at=None, heals=0)

    def lost_card(self, now: int, why: str) -> Delivery:
        """The message it stood in is gone: there is nothing to edit any more."""
        return self._moved(
            now,
            "gone",
            why,
            lease_until=None,
            due_at=None,
            message_id=None,
            together=(),
            shown=0,
        )

    def posted_anew(self, now: int, why: str, timing: Timing) -> Delivery:
        """There is no card to edit: it is to be posted like a new one, and watched."""
        return self._moved(
            now,
            "queued",
            why,
            state=State.QUEUED,
            lease_until=None,
            due_at=now + timing.heal,
            message_id=None,
            together=(),
        )

    def undelivered(self, now: int, reason: str) -> Delivery:
        """The provider took it, and says later that it did not arrive. It stays sent:
        the same call would only be taken again."""
        return self._moved(now, "undelivered", reason, receipt="failed")

    def arrived(self, now: int, receipt: str) -> Delivery:
        """The provider tells how far its message has come."""
        return self._moved(now, receipt, receipt=receipt)

    def cancelled(self, now: int, reason: str) -> Delivery:
        """No longer wanted, with the reason."""
        return self._moved(
            now,
            "cancelled",
            reason,
            state=State.CANCELLED,
            due_at=None,
            lease_until=None,
        )

    def called_off(self, now: int, reason: str) -> Delivery:
        """Not wanted any more. What was told there before stands, and is its card."""
        off = self.cancelled(now, reason)
        return replace(off, state=State.SENT) if self.was_told else off

    def failed(
        self, now: int, reason: str, timing: Timing, *, unknown: bool = False
    ) -> Delivery:
        """A call failed for now: due again on the schedule, or dead when it is spent.

        `unknown`: the request left and no answer came, so it may have been shown.
        """
        spent = self.attempts >= len(timing.retries)
        marked = replace(self, possibly_sent=self.possibly_sent or unknown)
        what = "unknown" if unknown else "failed"
        if unknown and self.on_unknown == "stop":
            return marked.died(now, f"{reason}; the route says not to send twice")
        if spent:
            tries = self.attempts + 1
            return marked.died(now, f"{reason} (gave up after {tries} attempts)")
        return marked._moved(
            now,
            what,
            reason,
            state=State.FAILED,
            attempts=self.attempts + 1,
            due_at=now + timing.retries[self.attempts],
            lease_until=None,
        )

    def released(self, now: int, reason: str) -> Delivery:
        """Back in the queue untried (a rate limit, a split): costs no attempt."""
        return self._moved(now, "limited", reason, state=State.QUEUED, lease_until=None)

    def parked(self, now: int, due_at: int, reason: str) -> Delivery:
        """Out of the queue until `due_at`, costing no attempt."""
        return self._moved(
            now,
            "parked",
            reason,
            state=State.FAILED,
            due_at=due_at,
            lease_until=None,
        )

    def died(self, now: int, reason: str, dying: str | None = None) -> Delivery:
        """Will not be tried again by itself; `dying` is the queue message in hand. For
        what was told before, nobody asked meanwhile: the sweep does."""
        dead = self._moved(
            now,
            "dead_letter",
            reason,
            state=State.DEAD_LETTER,
            dead_at=now,
            dying=dying,
            due_at=None,
            lease_until=None,
        )
        return replace(dead, due_at=now) if dead.is_card else dead

    def reissued(self) -> Delivery:
        """A dead one whose queue message is not in hand: a new ticket tells the message
        sent for it now from those sent before, or it would seem redriven."""
        return replace(self, ticket=self.ticket + 1)

    def bouncing(self, now: int, queue_message: str) -> Delivery:
        """A dead delivery met its queue message for the first time."""
        return self._moved(now, dying=queue_message)

    def crashed(self, now: int, timing: Timing) -> Delivery:
        """The claim ran out without an outcome: it may have been shown. That costs an
        attempt, or what kills its sender would be tried, and shown, without end."""
        reason = "the sender stopped before it could record the answer"
        failed = self.failed(now, reason, timing, unknown=True)
        if failed.settled:
            return failed
        return replace(failed, state=State.QUEUED, due_at=self.due_at)

    def requeued(self, now: int, timing: Timing) -> Delivery:
        """Due for its next attempt: a new ticket, watched until it is settled."""
        return self._moved(
            now,
            state=State.QUEUED,
            ticket=self.ticket + 1,
            hold="",
            heals=0,
            due_at=now + timing.heal,
            lease_until=None,
        )

    def healed(self, now: int, timing: Timing) -> Delivery:
        """Its queue message may be lost: the same ticket is sent again, ever rarer."""
        wait = timing.heal * 2 ** min(self.heals, 4)
        return self._moved(now, due_at=now + wait, heals=self.heals + 1)

    def replayed(self, now: int, why: str, timing: Timing) -> Delivery:
        """Dead, and asked for again: a new generation with fresh attempts. What stands
        there from before may be answered, and be its card still."""
        return self._moved(
            now,
            "replayed",
            why,
            state=State.QUEUED,
            ticket=self.ticket + 1,
            generation=self.generation + 1,
            attempts=0,
            heals=0,
            due_at=now + timing.heal,
            dead_at=None,
            dying=None,
            lease_until=None,
        )

    def given_up(self, now: int, why: str) -> Delivery:
        """Dead, and not wanted here any more, since it is told elsewhere."""
        return replace(self.called_off(now, why), dead_at=None, dying=None)

    def retold(
        self,
        now: int,
        why: str,
        purpose: Purpose,
        timing: Timing,
        pings: tuple[str, ...],
    ) -> Delivery:
        """It was told, and is told once more, in a message of its own."""
        again = self.replayed(now, why, timing)
        return replace(again, purpose=purpose, pings=pings, hold="")

    def suppressed(self, now: int, reason: str) -> Delivery:
        """Not to be sent, with the reason."""
        return self._moved(
            now,
            "suppressed",
            reason,
            state=State.SUPPRESSED,
            due_at=None,
            lease_until=None,
        )

    def _moved(
        self, now: int, what: str = "", reason: str | None = None, **changes: object
    ) -> Delivery:
        """With `what`, a line in the log; with a reason, even none, that one holds."""
        short = (reason or "")[:REASON_KEPT]
        log = self.log
        if what:
            log = (*log, Attempt(now, what, short))[-LOG_KEPT:]
        if reason is not None:
            changes["reason"] = short
        changes |= {"rev": self.rev + 1, "updated_at": now, "log": log}
        return _made(vars(self) | changes)


def restored(told: dict[str, object]) -> Delivery:
    """The delivery of which a row tells these fields; the rest is as at first."""
    return _made(told)


def _made(values: dict[str, object]) -> Delivery:
    """At a tenth of what the constructor or `replace` cost: each delivery is read, and
    moves twice or more. What it is not told is the class's, which is the default."""
    made = object.__new__(Delivery)
    made.__dict__ = values
    return made
