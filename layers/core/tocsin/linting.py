"""Linting: what looks wrong with the settings as they are used. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from tocsin import washing, wording
from tocsin.events import Event, Fact
from tocsin.look import Look
from tocsin.notification import Notification
from tocsin.ports import Health
from tocsin.settings import Settings
from tocsin.severity import Severity
from tocsin.values import dataclass

TYPE = "tocsin.lint"
LOOK = Look(icon="🧹", colour=0xFFCC00)
FAILS_LONG = 86_400_000  # ms
LINES = 20


@dataclass(frozen=True, slots=True)
class Sample:
    """What was accepted lately, newest first. `complete`: that is all of it."""

    rows: Sequence[Notification]
    complete: bool
    days: int

    @property
    def words(self) -> str:
        """What is known to hold for it."""
        if self.complete:
            return f"in the last {self.days} days"
        return f"of the last {len(self.rows):,} notifications"

    def reach(self, zone: str) -> str:
        """How far it looks back, where that is less than was asked for."""
        if self.complete or not self.rows:
            return ""
        newest, oldest = self.rows[0].accepted_at, self.rows[-1].accepted_at
        since = wording.clock(oldest, zone, newest)
        wanted = f"not the last {self.days} days: more came in than one report reads"
        looked = f"the last {len(self.rows):,} notifications, since {since}"
        return f"Looked at {looked}; {wanted}."


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that looks wrong, under a heading."""

    about: str
    words: str


def findings(
    settings: Settings, sample: Sample, health: Mapping[str, Health], now: int
) -> list[Finding]:
    """Everything but what providers say when they are asked."""
    return [
        *_idle(settings, sample),
        *_ill(settings, health, now),
        *_unused(settings),
        *_endless(settings),
    ]


def lint_event(found: Iterable[Finding], reach: str) -> Event:
    """What was found, in one event. What others have written is data in it. `reach`:
    how far was looked, where that was not far."""
    headings: dict[str, list[str]] = {}
    for each in found:
        headings.setdefault(each.about, []).append(each.words)
    count = sum(map(len, headings.values()))
    noun = "thing looks" if count == 1 else "things look"
    return Event(
        type=TYPE,
        title=f"{count:,} {noun} wrong in Tocsin's settings",
        message=reach,
        severity=Severity.LOW,
        look=LOOK,
        fields=tuple(
            Fact(name=about, value=_listed(lines), inline=False)
            for about, lines in headings.items()
        ),
    )


def used_destinations(settings: Settings) -> set[str]:
    """Those that something names."""
    audits = {each.upkeep.audit_to for each in settings.destinations.values()}
    named = {name for _, name in settings.config.named_destinations()}
    return (named | {name for name in audits if name}) & settings.destinations.keys()


def _idle(settings: Settings, sample: Sample) -> Iterator[Finding]:
    """Nothing is idle where nothing happens."""
    if not sample.rows:
        return
    took = {
        step.rule.removeprefix("route ")
        for row in sample.rows
        for step in row.trace
        if step.verdict.startswith("taken")
    }
    for route in settings.config.routes:
        if route.name not in took:
            yield Finding("Idle routes", f"{route.name} took none {sample.words}")


def _ill(
    settings: Settings, health: Mapping[str, Health], now: int
) -> Iterator[Finding]:
    about = "Destinations that fail"
    for name in settings.destinations:
        known = health.get(name, Health())
        if known.disabled_at:
            yield Finding(about, f"{name} is disabled: {known.disabled_reason}")
        elif known.last_error and now - known.last_ok_at > FAILS_LONG:
            since = "ever" if not known.last_ok_at else "for more than a day"
            yield Finding(about, f"{name} has not worked {since}: {known.last_error}")


def _unused(settings: Settings) -> Iterator[Finding]:
    for name in sorted(settings.destinations.keys() - used_destinations(settings)):
        yield Finding("Destinations that nothing names", name)


def _endless(settings: Settings) -> Iterator[Finding]:
    for silence in settings.silences:
        if silence.ends_at is None:
            told = f"{silence.id}, set by {silence.author}: {silence.comment}"
            yield Finding("Silences without an end", told)


def _listed(lines: Sequence[str]) -> str:
    shown = [washing.shortened(washing.line(line), 180) for line in lines[:LINES]]
    if len(lines) > LINES:
        shown.append(f"… and {len(lines) - LINES:,} more")
    return "\n".join(shown)
