"""A lane: one destination's share of a batch, worked off in order and in few calls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from tocsin.delivery import Timing
from tocsin.errors import NotFound, Unavailable
from tocsin.hand import Hand, Item
from tocsin.judging import Step, judge
from tocsin.message import Message
from tocsin.notification import delivery_in
from tocsin.pacing import Pace, address_of
from tocsin.ports import (
    Channel,
    Clock,
    Health,
    HealthBook,
    Inflight,
    Kind,
    Ledger,
    Outcome,
    Record,
    Target,
    Vault,
)
from tocsin.rendering import render
from tocsin.settings import Destination, Settings

SLEEP_MS = 5_000  # longer waits hide the group instead of holding the process
PAUSE_MS = 20_000  # after a failed call, before the rest of the lane is tried
SLOW_MS = 2_000  # a call that took so long and failed pauses the destination for all
CALL_MS = 7_000  # what one call may take at the worst, with its record


@dataclass(frozen=True, slots=True)
class Sending:
    """What every lane works with. `deadline` (ms): be done by then."""

    settings: Settings
    ledger: Ledger
    inflight: Inflight
    health: HealthBook
    vault: Vault
    channel: Callable[[str], Channel]
    clock: Clock
    timing: Timing
    pace: Pace
    deadline: int


@dataclass(slots=True)
class Lane:
    """Works off `records`, all to the destination `name`. Counts what it did."""

    name: str
    records: Sequence[Record]
    sending: Sending
    calls: int = 0
    delivered: int = 0
    limited: int = 0
    gone: bool = False
    faults: list[BaseException] = field(default_factory=list)
    hand: Hand = field(init=False)
    _complete: bool = False

    def __post_init__(self) -> None:
        sending = self.sending
        self.hand = Hand(self.records, sending.ledger, sending.inflight, sending.clock)

    def run(self) -> None:
        """Judge every ticket, send what is to be sent, hide what must wait."""
        waiting = self._judged()
        destination = self.sending.settings.destinations.get(self.name)
        if destination is None:
            self.hand.bury(waiting, "the destination does not exist any more")
        elif waiting:
            self._prepare(waiting, destination)
        self.hand.hide()
        self._complete = True

    def unfinished(self) -> list[Record]:
        """Records that must stay in the queue: all of them if the lane broke."""
        return self.hand.kept() if self._complete else list(self.records)

    def leave(self) -> None:
        """Delete the finished records now."""
        done = self.hand.finished()
        if done:
            self.sending.inflight.delete(done)

    def _judged(self) -> list[Item]:
        tickets = [
            (record, name, ticket)
            for record in self.records
            for name, ticket in record.parcel.tickets
        ]
        found = self.sending.ledger.load(name for _, name, _ in tickets)
        waiting: dict[str, Item] = {}
        for record, name, ticket in tickets:
            delivery = delivery_in(found, name, self.name)
            if delivery is None or name in waiting:
                continue  # A message without its row, or a double: nothing to do.
            item = Item(record, found[name], delivery)
            if self._is_to_be_sent(item, ticket):
                waiting[name] = item
        return list(waiting.values())

    def _is_to_be_sent(self, item: Item, ticket: int) -> bool:
        now, timing = self.sending.clock.now(), self.sending.timing
        verdict = judge(
            ticket, item.record, item.notification, item.delivery, now, timing
        )
        if verdict.change is not None and self.hand.swap([item], [verdict.change]):
            self.hand.keep(item.record, 0)
            return False
        if verdict.step is Step.BOUNCE:
            self.hand.keep(item.record, 0)
        elif verdict.step is Step.WAIT:
            self.hand.keep(item.record, -(-verdict.wait_ms // 1000))
        return verdict.step is Step.SEND

    def _prepare(self, waiting: list[Item], destination: Destination) -> None:
        """Everything that can be known before a call."""
        names = (self.name, address_of(destination.channel))
        known = self.sending.health.health(names)
        if known[self.name].disabled_at:
            reason = known[self.name].disabled_reason
            self.hand.bury(waiting, f"the destination is disabled: {reason}")
            return
        for name in names:
            self.sending.pace.hold(name, known[name].blocked_until)
        try:
            secret = self.sending.vault.secret(destination)
        except NotFound:
            self.hand.bury(waiting, "its secret is missing; put the destination again")
            return
        target = Target(self.name, destination.settings, secret)
        channel = self.sending.channel(destination.channel)
        self._send_all(waiting, channel, target, names)
        self._note_recovery(known[self.name])

    def _send_all(
        self,
        waiting: list[Item],
        channel: Channel,
        target: Target,
        names: tuple[str, str],
    ) -> None:
        waiting = self._drawn(waiting)
        while waiting and self._may_call(waiting, names):
            size = self._size(waiting, channel)
            claimed = self.hand.claim(waiting[:size], self.sending.timing.lease)
            waiting = waiting[size:]
            if not claimed:
                continue
            began = self.sending.clock.now()
            outcome = self._call(channel, claimed, target)
            took = self.sending.clock.now() - began
            self.calls += 1
            # The outcome first: what helps the next call must not cost this one's.
            waiting = self._conclude(claimed, waiting, outcome)
            self._mind_pace(outcome, names)
            self._mind_slowness(outcome, took)

    def _may_call(self, waiting: list[Item], names: tuple[str, str]) -> bool:
        """Wait for the provider's pace if that is short, else put the rest off."""
        clock = self.sending.clock
        wait = self.sending.pace.wait(names, clock.now())
        left = self.sending.deadline - clock.now() - CALL_MS
        if left <= 0:
            self.hand.put_off(waiting, 0, "the time of this run was over")
            return False
        if wait > min(SLEEP_MS, left):
            self.hand.put_off(waiting, wait, "the provider is to be left alone for now")
            return False
        if wait:
            clock.sleep(wait)
        return True

    def _size(self, waiting: list[Item], channel: Channel) -> int:
        """How many of the leading items go into the next call."""
        if waiting[0].alone:
            return 1
        together = [item for item in waiting if not item.alone]
        try:
            return channel.fits([self._message(item) for item in together])
        except Exception as fault:  # noqa: BLE001 - told; each then stands for itself
            self.faults.append(fault)
            return 1

    def _drawn(self, waiting: Sequence[Item]) -> list[Item]:
        """Those that can be rendered. One that cannot is our mistake, and its own."""
        drawn = []
        for item in waiting:
            try:
                self._message(item)
            except Exception as fault:  # noqa: BLE001 - told, and buried with its name
                self.faults.append(fault)
                self.hand.bury([item], _mistake(fault))
            else:
                drawn.append(item)
        return drawn

    def _call(
        self, channel: Channel, parcel: Sequence[Item], target: Target
    ) -> Outcome:
        """One call. A channel that breaks over a message has refused it, so that nine
        others are sent without it."""
        try:
            return channel.send([self._message(item) for item in parcel], target)
        except Exception as fault:  # noqa: BLE001 - told, and recorded with its name
            self.faults.append(fault)
            return Outcome(Kind.PERMANENT, _mistake(fault))

    def _conclude(
        self, parcel: list[Item], rest: list[Item], outcome: Outcome
    ) -> list[Item]:
        """Record what the call came to. Returns what is still to be sent."""
        now, record = self.sending.clock.now(), self.hand.record
        if outcome.kind is Kind.OK:
            mid, place, why = outcome.message_id, outcome.place, outcome.reason
            record(
                parcel, lambda each: each.sent(now, why, message_id=mid, place=place)
            )
            self.delivered += len(parcel)
            return rest
        if outcome.kind is Kind.LIMITED:
            self.limited += 1
            record(parcel, lambda each: each.released(now, outcome.reason))
            return [*parcel, *rest]
        if outcome.kind is Kind.PERMANENT:
            return self._refused(parcel, rest, outcome)
        self._trouble(parcel, rest, outcome)
        return []

    def _refused(
        self, parcel: list[Item], rest: list[Item], outcome: Outcome
    ) -> list[Item]:
        """A refused call is split and sent singly: one bad one cannot hurt nine."""
        if len(parcel) == 1:
            self.hand.bury(parcel, outcome.reason)
            return rest
        now = self.sending.clock.now()
        self.hand.record(parcel, lambda each: each.released(now, "refused together"))
        for item in parcel:
            item.alone = True
        return [*parcel, *rest]

    def _trouble(self, parcel: list[Item], rest: list[Item], outcome: Outcome) -> None:
        """The destination failed: the called ones go on the retry schedule, and the
        rest is not thrown after them in this run."""
        now, timing, why = self.sending.clock.now(), self.sending.timing, outcome.reason
        if outcome.kind is Kind.GONE:
            self.gone = True
            self.sending.health.disable(self.name, now, why)
            self.hand.bury([*parcel, *rest], why)
            return
        unknown = outcome.kind is Kind.UNKNOWN
        self.hand.record(
            parcel, lambda each: each.failed(now, why, timing, unknown=unknown)
        )
        self.hand.bounce_dead(parcel)
        self.sending.health.note(self.name, now, why)
        self.hand.put_off(rest, PAUSE_MS, "the destination is failing")

    def _mind_pace(self, outcome: Outcome, names: tuple[str, str]) -> None:
        pause = max(outcome.wait_ms, outcome.pause_ms)
        if pause:
            name = names[1] if outcome.everywhere else names[0]
            self._hold(name, pause)

    def _mind_slowness(self, outcome: Outcome, took: int) -> None:
        """A destination that hangs holds a sender for seconds, and with it whatever
        shares its batches: only the first to meet that waits for it."""
        if took >= SLOW_MS and outcome.kind in (Kind.TRANSIENT, Kind.UNKNOWN):
            self._hold(self.name, PAUSE_MS)

    def _hold(self, name: str, pause: int) -> None:
        """No call for so long, here and, if that can be written, everywhere."""
        until = self.sending.clock.now() + pause
        self.sending.pace.hold(name, until)
        with suppress(Unavailable):
            self.sending.health.block(name, until)

    def _note_recovery(self, before: Health) -> None:
        if before.last_error and self.delivered:
            self.sending.health.note(self.name, self.sending.clock.now(), "")

    def _message(self, item: Item) -> Message:
        if item.message is None:
            config = self.sending.settings.config
            item.message = render(
                item.notification,
                item.delivery,
                zone=config.timezone,
                application=config.application,
                now=self.sending.clock.now(),
            )
        return item.message


def _mistake(fault: Exception) -> str:
    return f"our own mistake ({type(fault).__name__}); see the sender's log"
