"""A month in the life of a whole Tocsin, watched: whatever breaks a promise raises."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.fakes.clock import FakeClock
from tests.fakes.meddler import Meddler
from tests.fakes.month_ledger import MonthLedger
from tests.fakes.month_routes import LIMITS, NAMES, NIGHT, ZONE, Policy, config_of
from tests.fakes.provider import Provider
from tests.fakes.world import World
from tocsin.acknowledge import acknowledge, resolve
from tocsin.delivery import MINUTE, Delivery, Purpose, State
from tocsin.errors import Conflict
from tocsin.events import Event
from tocsin.message import Message
from tocsin.notification import Notification
from tocsin.ports import Kind, Outcome, Target
from tocsin.rules.criteria import Match
from tocsin.rules.deciding import LOOK_AGAIN
from tocsin.rules.silencing import Silence, silence_of
from tocsin.settings import Destination, Settings
from tocsin.summary import TYPE, members_of

HOUR = 60 * MINUTE
DAY = 24 * HOUR


@dataclass(repr=False)
class Month:
    """The world, what was asked of it, and the watch that is kept over it."""

    at: int
    events: int = 0
    requests: int = 0
    updates: int = 0
    outages: dict[str, tuple[int, str]] = field(default_factory=dict)
    told: Counter[str] = field(default_factory=Counter)
    unsilenced: list[tuple[str, int]] = field(default_factory=list)
    done: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        config = config_of(*LIMITS[:2])
        destinations = {name: Destination(name, "fake", {}) for name in NAMES}
        clock = FakeClock(self.at)
        self.world = World(Settings(config=config, destinations=destinations), clock)
        self.ledger = MonthLedger(clock)
        self.ledger.amended = self._amended
        self.world.ledger = self.ledger
        self.world.restart()
        provider = self.world.provider
        provider.editable, provider.latency = True, 5
        provider.behaviour, provider.on_edit = self._posting, self._editing

    # --- what happens ---------------------------------------------------------

    def send(
        self,
        *events: Event,
        key: str,
        kill: int = 0,
        after: bool = False,
        patient: bool = True,
    ) -> None:
        """One request, whose process may die of its call `kill`; its sender tries
        again with the same key, as senders do who are `patient`."""
        results: list[Any] = []
        self.requests += 1
        shows = any(each.progress is not None for each in events)
        before = self._counted() if shows or not patient else 0

        def request() -> None:
            results[:] = self.world.accept(*events, key=key, body=key)

        self._dying(request, kill, after)
        if not results and not patient:
            self.events += self._counted() - before
            return
        if not results:
            request()
        self.events += len(events)
        # How far one work has come is shown, or counted if it is news no more.
        self.updates += shows and self._counted() - before < len(events)
        for each, result in zip(events, results, strict=True):
            if not self._silence(each, "app"):
                now = self.world.clock.at
                self.unsilenced.append((result.notification.id, now))

    def limit(self, first: Policy, second: Policy) -> None:
        """The operator changes what two routes that take the same may tell."""
        settings = self.world.settings
        self.world.settings = replace(settings, config=config_of(first, second))

    def _counted(self) -> int:
        return sum(row.occurrences for row in self._own())

    def _own(self) -> list[Notification]:
        """What was sent in, that is: no summaries."""
        return [row for row in self.ledger.kept.values() if row.event.type != TYPE]

    def work(self, kill: int = 0, *, after: bool = False) -> None:
        """The sender comes to rest, though it may die on the way."""
        if kill:
            self._dying(self.world.send_once, kill, after)
        self.world.send_all(5_000)

    def sweep(self, kill: int = 0, *, after: bool = False, twice: int = 0) -> None:
        """A run, into which another may fall before its move number `twice`."""
        world = self.world
        plain = world.seen_ledger
        if twice:
            world.seen_ledger = Meddler(plain, "move", self._again(plain), at=twice)
        self._dying(world.sweep, kill, after)
        if twice and not kill:
            world.seen_ledger = plain

    def _again(self, ledger: Any) -> Callable[[], object]:
        def again() -> None:
            meddled, self.world.seen_ledger = self.world.seen_ledger, ledger
            self.world.sweep()
            self.world.seen_ledger = meddled

        return again

    def pass_time(self, ms: int) -> None:
        """Minutes in which nothing is due are passed over: in them nothing happens."""
        clock = self.world.clock
        end = clock.at + ms
        self.work()
        while (at := self._next()) < end:
            clock.at = at
            self.work()
            self.sweep()
            self.work()
        clock.at = max(clock.at, end)

    def _next(self) -> int:
        """The next full minute in which something is to be done, or may be audited."""
        now = self.world.clock.at
        seen = [each.visible_at for each in self.world.queue.messages]
        soonest = min([*seen, *self.ledger.dues(), now + HOUR // 2])
        return (max(soonest, now) // MINUTE + 1) * MINUTE

    def acknowledge(self, name: str) -> None:
        self._act(acknowledge, name)

    def resolve(self, name: str) -> None:
        self._act(resolve, name)

    def _act(self, act: Any, name: str) -> None:
        try:
            act(name, actor="ann", note="", means=self.world.means())
        except Conflict:
            return

    def silence(self, kind: str, ms: int) -> None:
        """Nothing of that kind is told for so long."""
        now, settings = self.world.clock.at, self.world.settings
        match = Match.model_validate({"type": f"{kind}.*"})
        made = Silence(f"s{now}", match, now, now + ms, "ann", "so it is")
        self.world.settings = replace(settings, silences=(*settings.silences, made))

    def lift(self) -> None:
        """All silences are taken back."""
        self.world.settings = replace(self.world.settings, silences=())

    def outage(self, name: str, kind: str, ms: int) -> None:
        """A provider fails: "transient", "limited", "unknown" (it shows it, and no
        answer comes)."""
        self.outages[name] = self.world.clock.at + ms, kind

    def open_ones(self) -> list[str]:
        """What may be acknowledged or resolved."""
        return [
            memory.holder
            for memory in self.ledger.known.values()
            if memory.holder in self.ledger.kept
            and self.ledger.kept[memory.holder].is_open
        ]

    def peace(self) -> None:
        """No trouble any more, and time enough for everything to come to its end."""
        self.lift()
        self.outages.clear()
        self.pass_time(9 * DAY)

    def _dying(self, act: Callable[[], object], kill: int, after: bool) -> None:
        chaos = self.world.chaos
        if not kill:
            act()
            return
        chaos.calls.clear()
        chaos.fatal, chaos.after = kill, after
        self.world.survive(act)
        chaos.revive()
        self.world.restart()

    # --- what is watched, while it happens ------------------------------------

    def _posting(
        self, _: Provider, messages: Sequence[Message], target: Target
    ) -> Outcome | None:
        for row, delivery in self._rows(messages, target.name):
            self._may_be_told(row, delivery)
        outcome = self._outage(target.name)
        if outcome is None or outcome.kind is Kind.UNKNOWN:
            self.told.update(message.id for message in messages)
            shown = self.world.provider.show(messages, target)
            return outcome or shown
        return outcome

    def _editing(
        self, _: Provider, messages: Sequence[Message], target: Target
    ) -> Outcome | None:
        for message, (row, _delivery) in zip(
            messages, self._rows(messages, target.name), strict=True
        ):
            assert message.state == _state(row), "an edit shows what is known now"
        outcome = self._outage(target.name)
        return None if outcome is None or outcome.kind is Kind.UNKNOWN else outcome

    def _may_be_told(self, row: Notification, delivery: Delivery) -> None:
        if delivery.purpose is Purpose.ESCALATION:
            assert row.ack_at is None, "it escalates though someone is on it"
            assert not row.is_over, "it escalates though it is over"
        silence = self._silence(row.event, row.sender)
        if silence and row.event.state != "resolved":
            older = row.accepted_at < silence.starts_at
            assert older, "it is told though it came in a silence"

    def _amended(self, old: Notification, new: Notification) -> None:
        """What is told by itself is not told in a silence either; work may be done in
        one, and is not told then."""
        fresh = [
            name
            for name, each in new.deliveries.items()
            if each != old.deliveries.get(name) and not each.settled
        ]
        silent = self._silence(new.event, new.sender)
        assert not (fresh and silent), f"{new.id} is told again in a silence"
        if silent and old.is_open and not new.is_open:
            self.done[new.id] = self.world.clock.at

    def _rows(
        self, messages: Sequence[Message], name: str
    ) -> Iterator[tuple[Notification, Delivery]]:
        for message in messages:
            row = self.ledger.kept[message.id.removesuffix(f"-{name}")]
            yield row, row.deliveries[name]

    def _silence(self, one: Event, sender: str) -> Silence | None:
        silences, now = self.world.settings.silences, self.world.clock.at
        found = silence_of(one, sender, silences, now)
        return found[0] if found else None

    def _outage(self, name: str) -> Outcome | None:
        until, kind = self.outages.get(name, (0, ""))
        if self.world.clock.at >= until:
            return None
        return Outcome(Kind(kind), "an outage", wait_ms=90_000)

    # --- what must hold in the end ----------------------------------------------

    def check(self) -> None:
        """All promises that can be looked at afterwards."""
        rows = list(self.ledger.kept.values())
        own = self._own()
        assert self._counted() == self.events - self.updates
        for row in rows:
            self._settled(row)
        self._told_once(rows, own)
        self._missed_is_counted(own)
        for name, at in self.unsilenced:
            row = self.ledger.kept[name]
            over = self.done.get(name, row.resolved_at)
            if over is not None and over < at + LOOK_AGAIN:
                continue  # It ended before anyone saw that its silence was taken back.
            reasons = {each.reason.partition(" ")[0] for each in row.deliveries.values()
                       if each.state is State.SUPPRESSED}  # fmt: skip
            assert not reasons, f"{name} came in no silence, and is told nobody"
        self._cards_show_how_it_ended()
        self._digests_keep_their_times(rows)

    def _settled(self, row: Notification) -> None:
        assert row.settled, f"{row.id} is not settled: {dict(row.deliveries)}"
        assert not row.is_open, f"{row.id} did not close"
        assert row.deliveries or row.suppressed, f"{row.id} has no outcome"
        for each in row.deliveries.values():
            told = each.state is State.SENT or each.reason
            assert told, f"{row.id} is {each.state} for no reason"
            holds = [line.reason for line in each.log if line.what == "held"]
            if row.event.severity.rank >= 5 and row.peak is None:
                assert not any(hold.startswith("quiet") for hold in holds)

    def _told_once(
        self, rows: Sequence[Notification], own: Sequence[Notification]
    ) -> None:
        summed: Counter[str] = Counter()
        for row in rows:
            (name,) = row.deliveries if row.event.type == TYPE else ("",)
            summed.update(f"{each}-{name}" for each in members_of(row.event))
        for row in own:
            for each in row.deliveries.values():
                if any(line.what == "held" for line in each.log):
                    self._held_is_told_once(row, each, summed)

    def _missed_is_counted(self, own: Sequence[Notification]) -> None:
        """Of what three routes take, each destination was told, or counts it."""
        shared = [
            row
            for row in own
            if row.event.type.startswith("many.") and not row.event.counts
        ]
        for name in NAMES:
            others = [row for row in shared if name not in row.deliveries]
            held = sum(row.missed.get(name, 0) for row in shared)
            assert held == sum(row.occurrences for row in others), name

    def _held_is_told_once(
        self, row: Notification, delivery: Delivery, summed: Counter[str]
    ) -> None:
        name = f"{row.id}-{delivery.destination}"
        times = summed[name]
        again = any(line.what == "replayed" for line in delivery.log)
        tries = [line.what for line in delivery.log]
        doubled = delivery.possibly_sent or tries.count("sent") > 1
        assert times <= 1 or again, f"{name} is told in {times} summaries"
        if times and not again:
            assert not self.told[name], f"{name} is told in a summary, and by itself"
        if not times and delivery.state is State.SENT:
            assert self.told[name] or "shown on the card" in delivery.reason, name
            assert self.told[name] <= 1 or doubled, f"{name} is told twice, unmarked"

    def _cards_show_how_it_ended(self) -> None:
        for post in self.world.provider.posts:
            for message, (row, delivery) in zip(
                post.messages, self._rows(post.messages, post.destination), strict=True
            ):
                if delivery.message_id == post.id and delivery.is_card:
                    assert message.state == _state(row), f"{row.id}: an old card"
                    assert delivery.shown == row.edition, f"{row.id}: an old card"

    def _digests_keep_their_times(self, rows: Sequence[Notification]) -> None:
        """Whatever the clocks do: the hour that they skip at the jump, and the hour
        that they show twice the first time."""
        for row in rows:
            if row.event.data.get("waited") == "digest of route news":
                at = datetime.fromtimestamp(row.accepted_at / 1000, ZoneInfo(ZONE))
                shown = f"{at:%H:%M}"
                skipped = shown == "03:00" and (at.month, at.day) == (3, 29)
                assert shown in ("09:00", NIGHT) or skipped, at
                assert not at.fold, at


def _state(row: Notification) -> str:
    if row.is_over:
        return "resolved"
    return row.state if row.ack_at is None else "acknowledged"
