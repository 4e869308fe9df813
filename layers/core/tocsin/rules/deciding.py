"""Deciding: from an event, the rules and the past, to a verdict that says why.

`decide` is pure. Storing, showing and dry-running its result are three readers of the
one value it returns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tocsin.catalog.thresholds import shortfall
from tocsin.delivery import Delivery
from tocsin.events import Event
from tocsin.notification import Plan, Planned, Step
from tocsin.rules import following, recalling
from tocsin.rules.addressing import Upkeeps, Ways, deliveries_of, ways_of
from tocsin.rules.config import Config
from tocsin.rules.planning import Moment, plan_of
from tocsin.rules.policy import Policy, Throttle
from tocsin.rules.recalling import Past
from tocsin.rules.silencing import Silence, silence_of
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
        limits = [recalling.limit_of(each) for each in policies or [config.defaults]]
        bounded = [limit.limit for limit in limits if limit is not None]
        return max(bounded) if len(bounded) == len(limits) else None

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
        return following.resolve(event, past, now)
    opened = past.opened
    if opened is not None and event.state == "firing":
        return following.follow(event, opened)
    if opened is not None and event.progress is not None:
        return following.progress(event, opened, past.memory, now)
    if event.state == "firing" and recalling.overtaken(event, past.memory):
        return following.late("it came after the event that ended it: kept, not sent")
    telling = _Telling(event, notification_id, sender, rules, past, now)
    return telling.decision()


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
        policy = ways.policy(self.rules.config)
        goes = any(route.to for route, _ in ways.taken)
        if goes and not self._opens:
            met = recalling.throttled(self.past.memory, policy, self.now)
            if met is not None and not self._goes_on():
                return _held_back(met, self.past)
        return self._told(ways, policy)

    @property
    def _opens(self) -> bool:
        """Problems, and work that is not done, are open until they are over."""
        progress = self.event.progress
        return self.event.state == "firing" or (progress is not None and progress < 100)

    def _goes_on(self) -> bool:
        """Though the limit is met: who reserved a place in it has not taken it, or what
        took it was told nobody, in a silence that is over."""
        if self.past.reserved(self.now):
            return True
        holder = self.past.holder
        return holder is not None and holder.untold and self._silence() is None

    def _silence(self) -> tuple[Silence, int] | None:
        return silence_of(self.event, self.sender, self.rules.silences, self.now)

    def _told(self, ways: Ways, policy: Policy) -> Decision:
        moment = self.rules.moment(self.now)
        deliveries = deliveries_of(ways, self.event, self.rules.upkeeps, moment)
        silence = self._silence()
        plan = list(plan_of(ways.taken, self.event, opens=self._opens, moment=moment))
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
        return self._remembered(
            Decision(self._verdict(deliveries), deliveries, tuple(trace), kept),
            policy,
            plan,
        )

    def _remembered(
        self, told: Decision, policy: Policy, plan: list[Planned]
    ) -> Decision:
        memory = self.past.memory
        if self._opens:
            count = recalling.flaps(memory, policy.flap, self.now)
            if count and policy.flap is not None:
                within = duration(policy.flap.within * 1000)
                said = f"changed {count} times in {within}: silent until it is stable"
                plan.append(Planned(self._after(policy.flap.stable), Plan.SETTLE))
                told = replace(
                    told, flaps=True, trace=(*told.trace, Step("flapping", said))
                )
            after = recalling.having_opened(memory, self.id, self.event, self.now)
            return replace(
                told,
                memory=after,
                plan=tuple(plan),
                reserved=self.past.reserved(self.now),
            )
        limit = recalling.limit_of(policy)
        if limit is None or told.verdict is Verdict.KEEP:
            return replace(told, plan=tuple(plan)) if plan else told
        reserved = (
            self.past.reserved(self.now)
            and recalling.throttled(memory, policy, self.now) is not None
        )
        after = recalling.having_told(memory, self.id, limit, self.now)
        if after.told >= limit.limit:
            # The last one in its window: whatever follows is counted on it, and told.
            plan.append(Planned(after.since + limit.per * 1000, Plan.TELL))
        return replace(told, memory=after, plan=tuple(plan), reserved=reserved)

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


def _held_back(limit: Throttle, past: Past) -> Decision:
    times = "once" if limit.limit == 1 else f"{limit.limit} times"
    told = f"told {times} in the last {limit.per} s: held back, and counted"
    holder = past.memory.holder
    return Decision(Verdict.REPEAT, trace=(Step("throttle", f"{told} on {holder}"),))
