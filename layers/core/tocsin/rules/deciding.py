"""Deciding: from an event, the rules and the past, to a verdict that says why.

`decide` is pure. Storing, showing and dry-running its result are three readers of the
one value it returns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tocsin.catalog.thresholds import shortfall
from tocsin.delivery import Delivery, Purpose, State
from tocsin.events import Event
from tocsin.notification import Plan, Planned, Step
from tocsin.rules import following, recalling
from tocsin.rules.addressing import Upkeeps, Way, Ways, deliveries_of, ways_of
from tocsin.rules.config import Config
from tocsin.rules.planning import Moment, held, plan_of
from tocsin.rules.recalling import Past
from tocsin.rules.silencing import Silence, silence_of
from tocsin.rules.throttling import Parted, having_told, limit_of, parted
from tocsin.rules.verdicts import Decision as Decision
from tocsin.rules.verdicts import Verdict as Verdict
from tocsin.values import dataclass
from tocsin.wording import duration

LOOK_AGAIN = 300_000  # ms: a silence may be taken back before its end


@dataclass(frozen=True, slots=True)
class Rules:
    """What operators decided, as far as deciding needs it."""

    config: Config
    upkeeps: Upkeeps
    silences: Sequence[Silence] = ()
    factor: float = 1.0

    @property
    def most_at_once(self) -> int | None:
        """How many equal notices a route may tell at once, None = any number."""
        config = self.config
        policies = [question.policy for question in config.questions]
        limits = [limit_of(each) for each in policies or [config.defaults]]
        bounded = [limit.limit for limit in limits if limit is not None]
        return max(bounded) if len(bounded) == len(limits) else None

    def says_of(self, event: Event, sender: str, at: int) -> tuple[object, ...]:
        """What they say of a notice: one of which they say the same, and which has its
        fingerprint, is told where it is, or counts where it does."""
        silence = silence_of(event, sender, self.silences, at)
        return (
            [route.name for route, _ in ways_of(event, sender, self.config).taken],
            bool(shortfall(event, self.config.types)),
            silence and silence[0].id,
        )

    def moment(self, now: int) -> Moment:
        """That time, on the operators' clocks."""
        return Moment(now, self.config.timezone, self.factor)


def decide(
    event: Event,
    notification_id: str,
    *,
    sender: str,
    rules: Rules,
    past: Past,
    now: int,
) -> Decision:
    """Decide on one event, which is to become `notification_id` if it is told."""
    if event.state == "resolved":
        return _ended(event, past, rules, now)
    opened = past.opened
    if opened is not None and event.state == "firing":
        return following.follow(event, opened)
    if opened is not None and event.progress is not None:
        return following.progress(event, opened, past.memory, now)
    if event.state == "firing" and recalling.overtaken(event, past.memory):
        return following.late("it came after the event that ended it: kept, not sent")
    telling = _Telling(event, notification_id, sender, rules, past, now)
    return telling.decision()


def _ended(event: Event, past: Past, rules: Rules, now: int) -> Decision:
    """Where its problem was told with others, and no card shows it, an end waits to be
    told with others too."""
    ended = following.resolve(event, past, now)
    known = past.opened.deliveries if past.opened else {}
    lone = [
        each
        for name, each in ended.deliveries.items()
        if known[name].state is State.SENT and not known[name].is_card
    ]
    if not lone:
        return ended
    config, moment = rules.config, rules.moment(now)
    policies = {route.name: config.policy_of(route) for route in config.routes}
    waiting = {
        each.destination: held(each, event, policies[each.route], moment)
        for each in lone
        if each.purpose is not Purpose.AUDIT and each.route in policies
    }
    return replace(ended, deliveries={**ended.deliveries, **waiting})


@dataclass(frozen=True, slots=True)
class _Telling:
    """Something new: it asks the routes."""

    event: Event
    id: str
    sender: str
    rules: Rules
    past: Past
    now: int

    def decision(self) -> Decision:
        short = shortfall(self.event, self.rules.config.types)
        if short:
            step = Step("threshold", short)
            return Decision(Verdict.KEEP, trace=(step,), why_kept=short)
        ways = ways_of(self.event, self.sender, self.rules.config)
        if self._opens:
            return self._opened(ways, self._told(ways, ways.taken))
        asked = parted(ways.taken, self.past, self.now, self._is_silent)
        if not asked.tells:
            return _held_back(asked, self.past)
        return self._noticed(ways, asked, self._told(ways, asked.telling))

    @property
    def _opens(self) -> bool:
        """Problems, and work that is not done, are open until they are over."""
        progress = self.event.progress
        return self.event.state == "firing" or (progress is not None and progress < 100)

    def _is_silent(self) -> bool:
        return self._silence() is not None

    def _silence(self) -> tuple[Silence, int] | None:
        return silence_of(self.event, self.sender, self.rules.silences, self.now)

    def _told(self, ways: Ways, telling: Sequence[Way]) -> Decision:
        """Who is told now, and what is planned for later."""
        moment = self.rules.moment(self.now)
        deliveries = deliveries_of(telling, self.event, self.rules.upkeeps, moment)
        silence = self._silence()
        plan = list(plan_of(telling, self.event, opens=self._opens, moment=moment))
        trace = [self._news(), *ways.steps]
        kept = ""
        if not deliveries:
            kept = "no route sends it anywhere: kept, not sent"
            trace.append(Step("routes", kept))
        elif silence is not None:
            deliveries = silenced(deliveries, silence[0], self.now)
            trace.append(Step("silences", next(iter(deliveries.values())).reason))
            plan = [self._look_again(silence[1])] if self._opens else []
        trace += [
            Step(f"destination {each.destination}", f"waits for the {each.hold}")
            for each in deliveries.values()
            if each.hold
        ]
        verdict = self._verdict(deliveries)
        return Decision(verdict, deliveries, tuple(trace), kept, plan=tuple(plan))

    def _opened(self, ways: Ways, told: Decision) -> Decision:
        """It is open from now on, and may be one change too many."""
        memory, flap = self.past.memory, ways.policy(self.rules.config.defaults).flap
        count = recalling.flaps(memory, flap, self.now)
        if count and flap is not None:
            within = duration(flap.within * 1000)
            said = f"changed {count} times in {within}: silent until it is stable"
            told = replace(
                told,
                flaps=True,
                plan=(*told.plan, Planned(self._after(flap.stable), Plan.SETTLE)),
                trace=(*told.trace, Step("flapping", said)),
            )
        if self.past.reserved(self.now):
            return replace(told, place=memory.holder)
        after = recalling.having_opened(memory, self.id, self.event, self.now)
        return replace(told, memory=after)

    def _noticed(self, ways: Ways, asked: Parted, told: Decision) -> Decision:
        """Told by some routes, and counted for those that have met their limit."""
        if told.verdict is Verdict.KEEP:
            return told
        name = asked.place or self.id
        after, ends = having_told(self.past.memory, ways.taken, asked, name, self.now)
        return Decision(
            told.verdict,
            told.deliveries,
            trace=(*told.trace, *(each.step for each in asked.held)),
            memory=after,
            plan=(*told.plan, *(Planned(end, Plan.TELL) for end in ends)),
            place=asked.place,
            missed=asked.missed(told.deliveries),
        )

    def _look_again(self, until: int) -> Planned:
        return Planned(min(until, self.now + LOOK_AGAIN), Plan.UNSILENCE)

    def _after(self, seconds: int) -> int:
        return self.rules.moment(self.now).after(seconds)

    def _verdict(self, deliveries: dict[str, Delivery]) -> Verdict:
        if self._opens:
            return Verdict.OPEN
        return Verdict.TELL if deliveries else Verdict.KEEP

    def _news(self) -> Step:
        if self.event.state == "firing":
            return Step("fingerprint", "a new problem")
        if self._opens:
            return Step(
                "fingerprint", "work that has begun: one card shows how it goes"
            )
        return Step("fingerprint", "a notice: told each time")


def silenced(
    deliveries: dict[str, Delivery], silence: Silence, now: int
) -> dict[str, Delivery]:
    """None of them is sent while the silence lasts."""
    word = "maintenance" if silence.kind == "maintenance" else "silence"
    reason = f"in {word} {silence.id}, set by {silence.author}"
    if silence.comment:
        reason = f"{reason}: {silence.comment}"
    return {
        name: each if each.settled else each.suppressed(now, reason)
        for name, each in deliveries.items()
    }


def _held_back(asked: Parted, past: Past) -> Decision:
    """By every route: the latest that was told counts it, and the others for those who
    hear of them only."""
    holders = [each.window.holder for each in asked.held]
    latest = past.memory.holder
    main = latest if latest in holders else max(holders)
    missed = dict(asked.missed(past.rows[main].deliveries))
    missed.pop(main, None)
    trace = tuple(each.step for each in asked.held)
    return Decision(Verdict.REPEAT, trace=trace, counts_on=main, missed=missed)
