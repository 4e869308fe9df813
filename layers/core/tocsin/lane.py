"""A lane: one destination's share of a batch, worked off in order and in few calls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import field, replace
from functools import partial
from itertools import takewhile
from typing import TYPE_CHECKING

from tocsin.calling import PAUSE_MS, Caller, mistake
from tocsin.carding import Cards
from tocsin.composing import compose
from tocsin.delivery import Delivery, Timing
from tocsin.errors import NotFound, Unavailable
from tocsin.gathering import gathered, held_back, hindered_by, is_broken
from tocsin.hand import Hand, Item
from tocsin.judging import Step, judge
from tocsin.message import Link, Message
from tocsin.notification import Notification, delivery_in
from tocsin.pacing import Pace, address_of
from tocsin.passes import Links, acting_links, file_link, presses_of
from tocsin.ports import (
    Channel,
    Clock,
    Editor,
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
from tocsin.settings import Destination, Settings
from tocsin.showing import Showing
from tocsin.superseding import Left, leave, left_by
from tocsin.threads import arrange, kept
from tocsin.values import dataclass

if TYPE_CHECKING:
    from tocsin.attaching import Baggage
    from tocsin.attic import Attic

FILES_MS = 9_000  # what a call with files may take longer: wait, fetch, upload
UPLOAD_MS = 4_000  # of these, the upload's
BUSY_MS = 2_000
MOST = 30  # in one call: whatever a channel holds, no more are looked at


def no_attic() -> Attic:
    """Where no files are kept. Raises `Unavailable`."""
    raise Unavailable("no files are kept here")


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
    links: Links
    deadline: int
    attic: Callable[[], Attic] = no_attic


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
    _cards: list[tuple[Record, str]] = field(default_factory=list)
    _line: _Line | None = None
    _baggage: Baggage | None = None
    _broken: bool = False
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
        elif waiting or self._cards:
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
        now = self.sending.clock.now()
        for record, name, ticket in tickets:
            if ticket < 0:
                self._cards.append((record, name))
                continue
            delivery = delivery_in(found, name, self.name)
            if delivery is None or name in waiting:
                continue  # A message without its row, or a double: nothing to do.
            item = Item(record, found[name], delivery)
            if self._is_to_be_sent(item, ticket, now):
                waiting[name] = item
        return list(waiting.values())

    def _is_to_be_sent(self, item: Item, ticket: int, now: int) -> bool:
        verdict = judge(
            ticket,
            item.record,
            item.notification,
            item.delivery,
            now,
            self.sending.timing,
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
        waiting = gathered(
            waiting, self.hand, destination.upkeep, known[self.name], self.sending.clock
        )
        self._broken = is_broken(destination.upkeep, known[self.name])
        line = _Line(
            self.sending.channel(destination.channel),
            Target(
                self.name,
                destination.settings,
                secret,
                known[self.name].learnt,
                hears=bool(destination.signing),
            ),
            self._caller(names),
            hindered_by(destination.upkeep, known[self.name], self.sending.clock),
        )
        self._line = line
        self._show(waiting, line)
        self.calls = line.caller.calls
        self._note_recovery(known[self.name])

    def _caller(self, names: tuple[str, str]) -> Caller:
        sending = self.sending
        return Caller(
            *names,
            sending.pace,
            sending.health,
            sending.clock,
            sending.deadline,
            faults=self.faults,
        )

    def _show(self, waiting: list[Item], line: _Line) -> None:
        """Cards first, since what stands there may be told by an edit alone."""
        sending = self.sending
        arrange(
            waiting,
            channel=line.channel,
            target=line.target,
            config=sending.settings.config,
            ledger=sending.ledger,
        )
        cards = Cards(
            self.name,
            line.editor,
            line.target,
            sending.ledger,
            sending.clock,
            sending.timing,
            self._rendered,
        )
        showing = Showing(cards, self.hand, line.caller, sending.timing)
        showing.failing = line.broken
        posts = showing.refreshed(self._cards)
        waiting = [*posts, *showing.ended(waiting)]
        self.limited += showing.limited
        self.delivered += showing.delivered
        if showing.gone:
            self._gone(showing.gone)
            self.hand.bury(waiting, showing.gone)
        elif showing.failing and not line.broken:
            sending.health.note(self.name, sending.clock.now(), showing.failing)
            self.hand.put_off(waiting, PAUSE_MS, "the destination is failing")
        else:
            self._send_all(waiting, line)

    def _send_all(self, waiting: list[Item], line: _Line) -> None:
        waiting = self._drawn(waiting)
        while waiting:
            extra = FILES_MS if self._carry(waiting) else 0
            hindrance = line.caller.hindrance(extra)
            if hindrance is not None:
                self.hand.put_off(waiting, *hindrance)
                return
            size = self._size(waiting, line.channel)
            parcel, waiting = waiting[:size], waiting[size:]
            send = self._send_with_files if self._carry(parcel) else self._send
            waiting = send(parcel, waiting, line)

    def _send(self, parcel: list[Item], rest: list[Item], line: _Line) -> list[Item]:
        """One call. Returns what is still to be sent."""
        claimed = self.hand.claim(parcel, self.sending.timing.lease)
        if not claimed:
            return rest
        outcome, took = line.send([self._message(item) for item in claimed])
        # The outcome first: what helps the next call must not cost this one's.
        rest = self._conclude(claimed, rest, outcome, line)
        line.caller.mind(outcome, took)
        return rest

    def _send_with_files(
        self, parcel: list[Item], rest: list[Item], line: _Line
    ) -> list[Item]:
        """The same, with their files: fetched before anything is claimed, so that who
        dies over them has sent nothing."""
        baggage = self._bags()
        with baggage.turn() as mine:
            if not mine:
                self.hand.put_off([*parcel, *rest], BUSY_MS, "other files are sent")
                return []
            planned = [self._message(item) for item in parcel]
            loaded = baggage.fetched(planned)
            hindrance = line.caller.hindrance(UPLOAD_MS)
            if hindrance is not None:
                self.hand.put_off([*parcel, *rest], *hindrance)
                return []
            for item, message in zip(parcel, loaded, strict=True):
                item.message = message
            rest = self._send(parcel, rest, line)
            # A lane may send many: it holds the files of one call at a time.
            for item, message, empty in zip(parcel, loaded, planned, strict=True):
                if item.message is message:
                    item.message = empty
            return rest

    def _carry(self, items: Sequence[Item]) -> bool:
        """Whether any of these goes with files."""
        if self._baggage is None:
            return False  # None has been planned for any of this lane.
        return any(item.message is not None and item.message.files for item in items)

    def _bags(self) -> Baggage:
        """Made when the first message with files comes: most lanes see none."""
        if self._baggage is None:
            from tocsin.attaching import Baggage, room_of  # noqa: PLC0415

            line, sending = self._line, self.sending
            room = room_of(line.channel, line.target) if line else None
            leads = partial(file_link, links=sending.links, now=sending.clock.now())
            self._baggage = Baggage(room, sending.attic, leads)
        return self._baggage

    def _size(self, waiting: list[Item], channel: Channel) -> int:
        """How many of the leading items go into the next call."""
        if waiting[0].alone:
            return 1
        together = [*takewhile(_in_company, waiting[:MOST])]
        messages = [self._message(item) for item in together]
        try:
            size = channel.fits(messages)
            carry = self._carry(together[:size])
            return self._bags().fitting(messages[:size]) if carry else size
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
                self.hand.bury([item], mistake(fault))
            else:
                drawn.append(item)
        return drawn

    def _conclude(
        self, parcel: list[Item], rest: list[Item], outcome: Outcome, line: _Line
    ) -> list[Item]:
        """Record what the call came to. Returns what is still to be sent."""
        now, record = self.sending.clock.now(), self.hand.record
        if outcome.kind is Kind.OK:
            ids = tuple(item.notification.id for item in parcel)
            together = ids if len(ids) > 1 and line.editor is not None else ()
            left = left_by(parcel)
            record(parcel, lambda each: _sent(each, now, outcome, together))
            self.delivered += len(parcel)
            if left:
                self._leave(left, outcome, line)
            return rest
        if outcome.kind is Kind.LIMITED:
            self.limited += 1
            record(parcel, lambda each: each.delivery.released(now, outcome.reason))
            return [*parcel, *rest]
        if outcome.kind is Kind.PERMANENT:
            return self._refused(parcel, rest, outcome)
        self._trouble(parcel, rest, outcome)
        return []

    def _leave(self, left: list[Left], outcome: Outcome, line: _Line) -> None:
        """What has just been told stands below: the messages from before say so."""
        line.caller.mind(outcome, 0)
        leave(
            left,
            editor=line.editor,
            target=line.target,
            caller=line.caller,
            draw=self._rendered,
        )

    def _refused(
        self, parcel: list[Item], rest: list[Item], outcome: Outcome
    ) -> list[Item]:
        """A refused call is split and sent singly: one bad one cannot hurt nine. Before
        that it is sent without its files, or by itself where it was to be put under
        another, which may be gone."""
        now = self.sending.clock.now()
        if self._carry(parcel):
            self._leave_files(parcel)
            why = f"refused with its files: {outcome.reason}"
            self.hand.record(parcel, lambda each: each.delivery.released(now, why))
            return [*parcel, *rest]
        if parcel[0].answers is not None:
            parcel[0].answers = parcel[0].message = None
            why = f"refused in its thread: {outcome.reason}"
            self.hand.record(parcel, lambda each: each.delivery.released(now, why))
            return [*parcel, *rest]
        if len(parcel) == 1:
            self.hand.bury(parcel, outcome.reason)
            return rest
        why = "refused together"
        self.hand.record(parcel, lambda each: each.delivery.released(now, why))
        for item in parcel:
            item.alone = True
        return [*parcel, *rest]

    def _leave_files(self, parcel: list[Item]) -> None:
        baggage = self._bags()
        for item in parcel:
            item.message = baggage.bare(self._message(item))

    def _trouble(self, parcel: list[Item], rest: list[Item], outcome: Outcome) -> None:
        """The destination failed: the called ones go on the retry schedule, and the
        rest is not thrown after them in this run."""
        now, timing, why = self.sending.clock.now(), self.sending.timing, outcome.reason
        if outcome.kind is Kind.GONE:
            self._gone(why)
            self.hand.bury([*parcel, *rest], why)
            return
        unknown = outcome.kind is Kind.UNKNOWN
        if self._broken:
            parcel = held_back(parcel, self.hand, now, unknown=unknown)
        self.hand.record(
            parcel, lambda each: each.delivery.failed(now, why, timing, unknown=unknown)
        )
        self.hand.bounce_dead(parcel)
        self.sending.health.note(self.name, now, why)
        self.hand.put_off(rest, PAUSE_MS, "the destination is failing")

    def _gone(self, why: str) -> None:
        self.gone = True
        self.sending.health.disable(self.name, self.sending.clock.now(), why)

    def _note_recovery(self, before: Health) -> None:
        if before.last_error and self.delivered:
            self.sending.health.note(self.name, self.sending.clock.now(), "")

    def _message(self, item: Item) -> Message:
        if item.message is None:
            item.message = self._rendered(item.notification, item.delivery)
            if item.answers is not None:
                item.message = replace(item.message, answers=item.answers)
        return item.message

    def _rendered(self, notification: Notification, delivery: Delivery) -> Message:
        config, now = self.sending.settings.config, self.sending.clock.now()
        channel = self.sending.settings.destinations[self.name].channel
        message = compose(
            notification, delivery, channel=channel, config=config, now=now
        )
        links = self._acting(notification, delivery, now)
        presses = presses_of(notification, delivery)
        if links or presses:
            message = replace(message, links=(*links, *message.links), presses=presses)
        if message.files:
            # What cannot get through with its files gets through without them.
            last = delivery.attempts >= len(self.sending.timing.retries)
            message = self._bags().planned(message, last=last)
        return message

    def _acting(
        self, notification: Notification, delivery: Delivery, now: int
    ) -> tuple[Link, ...]:
        """Without its key a message goes out without its button: the lesser evil."""
        try:
            return acting_links(notification, delivery, self.sending.links, now)
        except Unavailable:
            return ()


@dataclass(frozen=True, slots=True)
class _Line:
    """One destination's connection to its provider; `broken` says why it is left
    alone for now, but for what cannot wait."""

    channel: Channel
    target: Target
    caller: Caller
    broken: str = ""

    @property
    def editor(self) -> Editor | None:
        """The channel, where it can edit what it has posted there."""
        channel = self.channel
        if isinstance(channel, Editor) and channel.edits(self.target):
            return channel
        return None

    def send(self, messages: Sequence[Message]) -> tuple[Outcome, int]:
        """One call, and how long it took."""
        return self.caller.call(lambda: self.channel.send(messages, self.target))


def _in_company(item: Item) -> bool:
    return not item.alone


def _sent(
    item: Item, now: int, outcome: Outcome, together: tuple[str, ...]
) -> Delivery:
    card = kept(item)
    if card is not None:
        return card.sent(
            now,
            outcome.reason,
            message_id=card.message_id,
            place=card.place,
            shown=card.shown,
            together=card.together,
        )
    return item.delivery.sent(
        now,
        outcome.reason,
        message_id=outcome.message_id,
        place=outcome.place,
        shown=item.notification.edition,
        together=together,
    )
