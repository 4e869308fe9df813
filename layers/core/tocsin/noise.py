"""Noise: what each route told in a week, and whether anybody cared. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import field
from datetime import datetime
from statistics import median
from zoneinfo import ZoneInfo

from tocsin import wording
from tocsin.delivery import Purpose, State
from tocsin.events import Event, Fact
from tocsin.linting import Sample
from tocsin.look import Look
from tocsin.notification import Notification
from tocsin.severity import Severity
from tocsin.values import dataclass

TYPE = "tocsin.noise"
LOOK = Look(icon="📊", colour=0x3399FF)
ROUTES = 20
MANY = 20  # told in a week: fewer disturb nobody
NIGHT = range(22, 24), range(7)


@dataclass(slots=True)
class Noise:
    """One route's week."""

    route: str
    told: int = 0
    urgent: int = 0
    at_night: int = 0
    asked: int = 0
    acknowledged: list[int] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)

    def add(self, row: Notification, zone: ZoneInfo) -> None:
        """One notification that it told."""
        self.told += 1
        self.urgent += row.event.severity.urgent
        hour = datetime.fromtimestamp(row.accepted_at / 1000, zone).hour
        self.at_night += any(hour in hours for hours in NIGHT)
        self.kinds[row.fingerprint] += 1
        at = _acknowledged_at(row)
        self.asked += row.event.state == "firing" or at is not None
        if at is not None:
            self.acknowledged.append(at - row.accepted_at)

    def words(self) -> str:
        """As in: 412 told · 3 % acknowledged, after 4 min · 400 never looked at."""
        parts = [f"{self.told:,} told"]
        if self.asked:
            part = round(100 * len(self.acknowledged) / self.asked)
            after = (
                f", after {wording.duration(round(median(self.acknowledged)))}"
                if self.acknowledged
                else ""
            )
            unseen = self.asked - len(self.acknowledged)
            parts.append(f"{part} % of {self.asked:,} problems acknowledged{after}")
            parts.append(f"{unseen:,} never looked at")
        return "\n".join([" · ".join(parts), *(f"→ {each}" for each in self.advice())])

    def advice(self) -> Iterator[str]:
        """What would disturb less, where it would miss little."""
        if self.told < MANY or self.acknowledged:
            return
        _, most = self.kinds.most_common(1)[0]
        if most * 2 > self.told:
            yield f"throttle it: {most:,} were of one fingerprint"
        if not self.urgent:
            yield "digest it: none was urgent, and nobody acknowledged any"
        if self.at_night * 2 > self.told:
            yield f"quiet it: {self.at_night:,} came between 22:00 and 07:00"


def noise_of(rows: Iterable[Notification], zone: str) -> list[Noise]:
    """The loudest route first."""
    found: dict[str, Noise] = {}
    clock = ZoneInfo(zone)
    for row in rows:
        if row.resolves:
            continue  # It is told with its problem.
        for route in _told_by(row):
            found.setdefault(route, Noise(route)).add(row, clock)
    return sorted(found.values(), key=lambda each: -each.told)


def noise_event(sample: Sample, zone: str) -> Event | None:
    """One event that tells of all routes; None where nothing was told."""
    found = noise_of(sample.rows, zone)
    if not found:
        return None
    proposals = sum(1 for each in found for _ in each.advice())
    told = sum(each.told for each in found)
    noun = "proposal" if proposals == 1 else "proposals"
    advised = f"{proposals:,} {noun} to make less noise." if proposals else ""
    return Event(
        type=TYPE,
        title=f"{told:,} told {sample.words}",
        message=" ".join(filter(None, (advised, sample.reach(zone)))),
        severity=Severity.INFO,
        look=LOOK,
        fields=tuple(
            Fact(name=f"Route {each.route}", value=each.words(), inline=False)
            for each in found[:ROUTES]
        ),
    )


def _told_by(row: Notification) -> set[str]:
    return {
        each.route
        for each in row.deliveries.values()
        if each.state is State.SENT
        and each.route
        and each.purpose not in (Purpose.AUDIT, Purpose.SUMMARY)
    }


def _acknowledged_at(row: Notification) -> int | None:
    """The first time, though it may have expired since."""
    times = [each.at for each in row.actions if each.what == "acknowledged"]
    return min(times, default=row.ack_at)
