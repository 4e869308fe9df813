"""Reporting: what Tocsin tells of itself at set times: lint, noise, empty digests.

Each has a name and a time, and its id follows from both: runs that overlap, or one that
dies half-way, tell it once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import suppress

from tocsin.accept import Sender, accept, id_under
from tocsin.configuring import Channels
from tocsin.delivery import Delivery, Purpose, State, Timing
from tocsin.destinations import reach
from tocsin.errors import NotFound, Stale, Unavailable
from tocsin.events import Event
from tocsin.identity import new_id
from tocsin.linting import Finding, Sample, findings, lint_event, used_destinations
from tocsin.noise import noise_event
from tocsin.notification import Notification, Step
from tocsin.parcels import hand_over
from tocsin.ports import Archive, Clock, Commit, HealthBook, Ledger, Outbox, Vault
from tocsin.rules.config import Route
from tocsin.rules.planning import Moment
from tocsin.rules.policy import Digest, Quiet
from tocsin.rules.reports import schedule_of
from tocsin.rules.times import last_telling
from tocsin.settings import Settings
from tocsin.summary import empty_event
from tocsin.values import dataclass

DAYS = 7
DAY = 86_400_000
LATE = 900_000  # ms: two runs may fail, and the third tells what was due
PAGE, PAGES = 100, 20
PROBES = "What providers say"


@dataclass(frozen=True, slots=True)
class Desk:
    """What it takes to report. `deadline` (ms): ask no provider after it."""

    settings: Settings
    ledger: Ledger
    archive: Archive
    health: HealthBook
    vault: Vault
    channels: Channels
    outbox: Outbox
    clock: Clock
    timing: Timing
    deadline: int

    @property
    def moment(self) -> Moment:
        """Now, on the operators' clocks."""
        factor = self.timing.factor
        return Moment(self.clock.now(), self.settings.config.timezone, factor)


def report(desk: Desk) -> tuple[str, ...]:
    """Tell what is due now; returns the names of what was told."""
    config = desk.settings.config
    now = Moment(desk.clock.now(), config.timezone)  # of days that last a day
    told = []
    for name, when, drawn in (
        ("lint", config.reports.lint, _lint),
        ("noise", config.reports.noise, _noise),
    ):
        slot = _due(schedule_of(when), None, now) if when else None
        if slot is not None and _tell(name, slot, drawn, desk):
            told.append(name)
    told += [f"empty {name}" for name in _tell_of_nothing(desk)]
    return tuple(told)


def _due(times: Digest, quiet: Quiet | None, moment: Moment) -> int | None:
    """The real moment of the slot that has just passed, None = none has."""
    slot = last_telling(times, quiet, moment.clock + 1, moment.zone)
    return moment.when(slot) if moment.clock - slot < LATE else None


def _tell(
    name: str, slot: int, drawn: Callable[[Desk], Event | None], desk: Desk
) -> bool:
    """Through the routes, as anybody's event."""
    sender = Sender("tocsin", f"{name}:{slot}", at=slot)
    if desk.ledger.load([id_under(sender)]):
        return False
    event = drawn(desk)
    if event is None:
        return False
    accept(
        [event],
        sender=sender,
        settings=desk.settings,
        ledger=desk.ledger,
        outbox=desk.outbox,
        clock=desk.clock,
        timing=desk.timing,
    )
    return True


def _lint(desk: Desk) -> Event | None:
    health = desk.health.all()
    sample, zone = _sample(desk), desk.settings.config.timezone
    found = findings(desk.settings, sample, health, desk.clock.now())
    found += _probed(desk)
    return lint_event(found, sample.reach(zone)) if found else None


def _noise(desk: Desk) -> Event | None:
    return noise_event(_sample(desk), desk.settings.config.timezone)


def _sample(desk: Desk) -> Sample:
    """The last week, or as much of it as is read in a few pages."""
    now = desk.clock.now()
    since = now - DAYS * DAY
    rows: list[Notification] = []
    cursor = ""
    for _ in range(PAGES):
        page, cursor = desk.archive.recent(
            since=since, until=now, limit=PAGE, cursor=cursor
        )
        rows += [row for row in page if row.sender != "tocsin"]
        if not cursor:
            break
    return Sample(rows, complete=not cursor, days=DAYS)


def _probed(desk: Desk) -> Iterator[Finding]:
    """Ask the provider of each that is in use, without posting."""
    for name in sorted(used_destinations(desk.settings)):
        if desk.clock.now() > desk.deadline:
            return
        try:
            endpoint = reach(
                name,
                settings=desk.settings,
                vault=desk.vault,
                channels=desk.channels,
                health=desk.health,
            )
            probe = endpoint.channel.probe(endpoint.target)
        except NotFound as missing:
            yield Finding(PROBES, f"{name}: {missing}")
        except Unavailable:
            continue
        else:
            if not probe.ok:
                yield Finding(PROBES, f"{name}: {probe.reason}")


def _tell_of_nothing(desk: Desk) -> Iterator[str]:
    """A line for each digest that says so when nothing was there to tell."""
    config = desk.settings.config
    for route in config.routes:
        policy = config.policy_of(route)
        if policy.digest is None or not policy.digest.empty:
            continue
        times = policy.digest, policy.quiet
        slot = _due(*times, desk.moment)
        if slot is None:
            continue
        since = _before(*times, slot, desk.moment)
        if _nothing_waited(route, since, slot, desk):
            for name in route.to:
                if name in desk.settings.destinations and _say(name, route, slot, desk):
                    yield route.name


def _before(times: Digest, quiet: Quiet | None, slot: int, moment: Moment) -> int:
    """The real moment of the slot before that one."""
    clock = int(slot * moment.factor)
    return moment.when(last_telling(times, quiet, clock, moment.zone))


def _nothing_waited(route: Route, since: int, slot: int, desk: Desk) -> bool:
    """Between the two. Not known, where more came in than is read."""
    cursor = ""
    for _ in range(PAGES):
        page, cursor = desk.archive.recent(
            since=since, until=slot, limit=PAGE, cursor=cursor
        )
        for row in page:
            for each in row.deliveries.values():
                if each.route == route.name and each.state is not State.SUPPRESSED:
                    return False
        if not cursor:
            return True
    return False


def _say(destination: str, route: Route, slot: int, desk: Desk) -> bool:
    """Past the routes, which are asked about what happened, not about nothing."""
    text = f"empty\x1f{destination}\x1f{route.name}\x1f{slot}"
    now = desk.clock.now()
    name = new_id(slot, hashlib.sha256(text.encode()).digest()[:10])
    delivery = Delivery(
        destination=destination,
        route=route.name,
        purpose=Purpose.SUMMARY,
        updated_at=now,
        due_at=now + desk.timing.heal,
    )
    hold = f"digest of route {route.name}"
    said = Notification(
        id=name,
        event=empty_event(hold),
        fingerprint=hashlib.sha256(name.encode()).hexdigest()[:32],
        state="notice",
        sender="tocsin",
        accepted_at=slot,
        last_at=now,
        deliveries={destination: delivery},
        trace=(Step("digest", "nothing waited, and its route wants that said"),),
    )
    if desk.ledger.load([name]):
        return False
    with suppress(Stale):
        desk.ledger.commit([Commit(said)])
        hand_over([(name, delivery)], desk.outbox)
        return True
    return False
