"""A whole Tocsin in one process under a virtual clock: intake, queue, sender, sweep."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.attic import FakeAttic
from tests.fakes.chaos import Chaos, Killed
from tests.fakes.clock import FakeClock
from tests.fakes.ledger import FakeHealthBook, FakeLedger
from tests.fakes.provider import Provider, SeenProvider
from tests.fakes.queue import FakeQueue
from tocsin.accept import Sender, accept, rehearse
from tocsin.acknowledge import Means
from tocsin.deliver import Report, deliver
from tocsin.delivery import MINUTE, Timing
from tocsin.events import Event
from tocsin.intaking import Accepted
from tocsin.lane import Sending
from tocsin.notification import Notification
from tocsin.pacing import Pace
from tocsin.passes import Links
from tocsin.ports import Holder
from tocsin.rules.config import Config
from tocsin.settings import Destination, Settings
from tocsin.sweep import Swept, sweep

TIME_OF_A_RUN = 28_000


class FakeVault:
    """`ports.Vault` that knows every secret."""

    def secret(self, holder: Holder) -> str:
        return f"secret of {holder.name}"

    def put(self, name: str, secret: str) -> str:
        return name

    def drop(self, reference: str) -> None:
        """Nothing is kept."""


def settings_for(*names: str, **route: Any) -> Settings:
    """One route that takes everything to these destinations."""
    route = {"name": "all", "to": list(names), **route}
    return Settings(
        config=Config.model_validate({"routes": [route]}),
        destinations={name: Destination(name, "fake", {}) for name in names},
    )


def event(title: str = "Disk is full", **more: Any) -> Event:
    return Event.model_validate({"type": "test", "title": title, **more})


@dataclass
class World:
    """Everything, wired as the functions wire it. `chaos` kills what it is told to."""

    settings: Settings = field(default_factory=lambda: settings_for("ops"))
    clock: FakeClock = field(default_factory=FakeClock)
    chaos: Chaos = field(default_factory=Chaos)
    timing: Timing = field(default_factory=Timing)

    def __post_init__(self) -> None:
        self.ledger = FakeLedger(self.clock)
        self.queue = FakeQueue(self.clock)
        self.health = FakeHealthBook()
        self.provider = Provider(self.clock)
        self.attic = FakeAttic()
        self.restart()

    def restart(self) -> None:
        """A new process: what was only in memory is gone."""
        self.chaos.dead = False
        self.pace = Pace()
        wrap = self.chaos.wrap
        self.seen_ledger = wrap(
            self.ledger, "memories", "remember", "finish", "receipt", "counted", "commit",
            "repeat", "nudge", "load", "move", "amend", "due", "forget", "accepted",
            "mark", "set_mark",
        )  # fmt: skip
        self.seen_queue = wrap(self.queue, "send", "delete", "hide")
        self.seen_health = wrap(self.health, "health", "block", "disable", "note")
        self.seen_attic = wrap(self.attic, "find", "fetch")
        self.seen_vault = wrap(FakeVault(), "secret")
        self.seen_provider = SeenProvider(self.provider, self.chaos)

    def accept(
        self,
        *events: Event,
        key: str = "",
        sender: str = "app",
        body: str = "digest",
        at: int = 0,
    ) -> list[Accepted]:
        return accept(
            events,
            sender=Sender(sender, key, body, at),
            settings=self.settings,
            ledger=self.seen_ledger,
            outbox=self.seen_queue,
            clock=self.clock,
            timing=self.timing,
        )

    def means(self) -> Means:
        """What it takes to act on a notification."""
        rules = self.settings.rules(self.timing.factor)
        return Means(self.seen_ledger, self.seen_queue, rules, self.clock, self.timing)

    def rehearse(self, *events: Event) -> list[Accepted]:
        return rehearse(
            events,
            sender=Sender("app"),
            settings=self.settings,
            ledger=self.seen_ledger,
            clock=self.clock,
            timing=self.timing,
        )

    def send_once(self) -> Report | None:
        """One invocation of the sender, if anything is visible."""
        records = self.queue.receive()
        if not records:
            return None
        report = deliver(
            records,
            sending=Sending(
                settings=self.settings,
                ledger=self.seen_ledger,
                inflight=self.seen_queue,
                health=self.seen_health,
                vault=self.seen_vault,
                channel=lambda _: self.seen_provider,
                clock=self.clock,
                timing=self.timing,
                pace=self.pace,
                links=Links("https://tocsin.example.com", lambda: "key"),
                deadline=self.clock.now() + TIME_OF_A_RUN,
                attic=lambda: self.seen_attic,
            ),
        )
        kept = set(report.kept)
        self.queue.delete([each for each in records if each.message_id not in kept])
        return report

    def send_all(self, most: int = 500) -> None:
        """Invocations until nothing is visible."""
        for _ in range(most):
            if self.send_once() is None:
                return
        raise AssertionError("the sender never came to rest")

    def sweep(self) -> Swept:
        return sweep(
            rules=self.settings.rules(self.timing.factor),
            ledger=self.seen_ledger,
            calendar=self.seen_ledger,
            outbox=self.seen_queue,
            health=self.seen_health,
            clock=self.clock,
            timing=self.timing,
            deadline=self.clock.now() + 50_000,
        )

    def live(self, minutes: int) -> None:
        """Let time pass: the sender works whenever it can, the sweep each minute."""
        end = self.clock.at + minutes * MINUTE
        while self.clock.at < end:
            self.send_all()
            self.sweep()
            self.send_all()
            self.clock.at += MINUTE

    def survive(self, act: Callable[[], object]) -> bool:
        """Do it; True if the process was killed on the way. A new one takes over."""
        try:
            act()
        except Killed:
            self.chaos.revive()
            self.restart()
            return True
        return False

    def one(self) -> Notification:
        """The only notification there is."""
        (found,) = self.ledger.kept.values()
        return found

    def statuses(self) -> Sequence[str]:
        """The status of every notification, in order of acceptance."""
        return [self.ledger.kept[each].status for each in sorted(self.ledger.kept)]
