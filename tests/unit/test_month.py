"""A month of everything at once: storms, silences, outages, crashes, changing clocks."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, rule
from hypothesis.strategies import booleans, integers, sampled_from

from tests.fakes.month import DAY, Month
from tests.fakes.month_routes import LIMITS, NAMES, Policy, some_event
from tocsin.delivery import MINUTE

KINDS = ("pager", "news", "day", "must", "dup", "many", "work", "rest")
HOWS = ("firing", "firing", "fatal", "resolved", "resolved", "info", "info", "info",
        "critical", "0", "60", "100")  # fmt: skip
PLAIN = [how for how in HOWS if not how.isdigit()]
MARCH = datetime(2026, 3, 22, 9, 17, tzinfo=UTC)
OCTOBER = datetime(2026, 10, 18, 9, 17, tzinfo=UTC)


def ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


class Life:
    """What may happen, by chance."""

    def __init__(self, month: Month, seed: int) -> None:
        self.month, self.chance = month, Random(seed)
        self.kind = "news"

    def days(self, days: int, events: int) -> None:
        """So many events within so many days, and the rest of life between them."""
        month, chance = self.month, self.chance
        begun, until = month.events, month.world.clock.at + days * DAY
        while month.events - begun < events:
            left = max(until - month.world.clock.at, MINUTE)
            pace = 4 * left / max(events - (month.events - begun), 1)
            self._send()
            chance.choice([self._person, self._trouble, self._run, self._run])()
            rest = pace * chance.choice([0.02, 0.02, 0.1, 0.3, 4])
            month.pass_time(int(chance.expovariate(1 / rest)))

    def _send(self) -> None:
        chance = self.chance
        if chance.random() < 0.15:
            self.kind = chance.choice(KINDS)
        kind = self.kind
        how = chance.choice(HOWS)
        many = [some_event(kind, chance.randrange(4), how)]
        if not how.isdigit():  # late news of one work count twice if they are tried so
            many *= chance.choice([1, 1, 1, 2, 5, 12])
            many += [
                some_event(kind, chance.randrange(4), chance.choice(PLAIN))
                for _ in range(chance.choice([0, 0, 0, 3]))
            ]
        kill = chance.randrange(1, 9) if chance.random() < 0.15 else 0
        key = f"k{self.month.requests}"
        after, patient = chance.random() < 0.5, not kill or chance.random() < 0.8
        self.month.send(*many, key=key, kill=kill, after=after, patient=patient)

    def _person(self) -> None:
        opened = self.month.open_ones()
        if opened:
            act = self.chance.choice([self.month.acknowledge, self.month.resolve])
            act(self.chance.choice(opened))

    def _trouble(self) -> None:
        chance, month = self.chance, self.month
        lasts = int(chance.expovariate(1 / (20 * MINUTE)))
        what = chance.random()
        if what < 0.15:
            kind = chance.choice(["transient", "limited", "unknown"])
            month.outage(chance.choice(NAMES), kind, lasts)
        elif what < 0.4:
            month.silence(self.kind, lasts)
        elif what < 0.5:
            month.lift()
        elif what < 0.55:
            month.limit(chance.choice(LIMITS), chance.choice(LIMITS))

    def _run(self) -> None:
        chance = self.chance
        kill = chance.randrange(1, 25) if chance.random() < 0.2 else 0
        after = chance.random() < 0.5
        if chance.random() < 0.5:
            self.month.work(kill, after=after)
        else:
            twice = chance.randrange(1, 4) if chance.random() < 0.3 else 0
            self.month.sweep(kill, after=after, twice=twice)


def test_a_month_of_ten_thousand_events_keeps_every_promise() -> None:
    month = Month(ms(MARCH))
    life = Life(month, 4)
    life.days(14, 5_000)
    month.lift()
    month.world.clock.at = max(month.world.clock.at, ms(OCTOBER))
    life.days(14, 5_000)
    month.peace()

    assert month.events >= 10_000
    month.check()


class Days(RuleBasedStateMachine):
    """The same, in whatever order breaks it soonest."""

    def __init__(self) -> None:
        super().__init__()
        self.month = Month(ms(MARCH))

    @rule(
        kind=sampled_from(KINDS),
        number=integers(0, 2),
        how=sampled_from(HOWS),
        times=integers(1, 4),
        kill=integers(0, 8),
        after=booleans(),
        patient=booleans(),
    )
    def send(
        self,
        kind: str,
        number: int,
        how: str,
        times: int,
        kill: int,
        after: bool,
        patient: bool,
    ) -> None:
        many = [some_event(kind, number, how)] * (1 if how.isdigit() else times)
        key = f"k{self.month.requests}"
        self.month.send(*many, key=key, kill=kill, after=after, patient=patient)

    @rule(minutes=sampled_from([1, 4, 11, 70, 400]))
    def pass_time(self, minutes: int) -> None:
        self.month.pass_time(minutes * MINUTE)

    @rule(kill=integers(0, 12), after=booleans(), twice=integers(0, 3))
    def sweep(self, kill: int, after: bool, twice: int) -> None:
        self.month.sweep(kill, after=after, twice=twice)

    @rule(kill=integers(0, 12), after=booleans())
    def work(self, kill: int, after: bool) -> None:
        self.month.work(kill, after=after)

    @rule(ends=booleans())
    def act(self, ends: bool) -> None:
        for name in self.month.open_ones()[-1:]:
            (self.month.resolve if ends else self.month.acknowledge)(name)

    @rule(kind=sampled_from(KINDS), minutes=sampled_from([5, 50, 500]))
    def silence(self, kind: str, minutes: int) -> None:
        self.month.silence(kind, minutes * MINUTE)

    @rule(first=sampled_from(LIMITS), second=sampled_from(LIMITS))
    def limit(self, first: Policy, second: Policy) -> None:
        self.month.limit(first, second)

    @rule(
        name=sampled_from(NAMES), kind=sampled_from(["transient", "limited", "unknown"])
    )
    def fail(self, name: str, kind: str) -> None:
        self.month.outage(name, kind, 20 * MINUTE)

    def teardown(self) -> None:
        self.month.peace()
        self.month.check()


TestDays = Days.TestCase
TestDays.settings = settings(
    max_examples=25,
    stateful_step_count=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
