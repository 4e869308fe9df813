"""Summaries: many notifications told in one, as a newspaper would. Pure.

Every title is a fact's value, and so data: whatever it holds is shown, never obeyed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from tocsin import washing, wording
from tocsin.events import Event, Fact
from tocsin.look import Look
from tocsin.notification import Notification
from tocsin.severity import Severity
from tocsin.values import dataclass

TYPE = "tocsin.summary"
MEMBERS = 1_000
SECTIONS = 12
LINES = 8
TITLE = 90
LOOK = Look(icon="🗞️", colour=0x3399FF)
ICONS = {
    Severity.CRITICAL: "🚨",
    Severity.HIGH: "🔴",
    Severity.MEDIUM: "⚠️",
    Severity.LOW: "🟡",
    Severity.INFO: "ℹ️",
    Severity.SUCCESS: "✅",
    Severity.DEBUG: "🛠️",
}


def summary_event(
    rows: Sequence[Notification], destination: str, *, hold: str, zone: str
) -> Event:
    """One event that tells a destination of all these; `hold` is why they waited."""
    ids = {row.id for row in rows}
    # A resolution whose problem stands beside it is shown by that.
    told = [row for row in rows if row.resolves not in ids]
    lines = _lines(told, destination)
    worst = max(lines, key=lambda line: line.severity.rank).severity
    return Event(
        type=TYPE,
        title=_headline(len(told), lines, hold),
        message=_span(told, zone),
        severity=worst if worst.rank < Severity.HIGH.rank else Severity.MEDIUM,
        look=LOOK,
        fields=tuple(_sections(lines, zone)),
        data={"members": [row.id for row in rows], "waited": hold},
    )


def empty_event(hold: str) -> Event:
    """A quiet day, in one line."""
    return Event(type=TYPE, title=f"Nothing to tell: {hold}", look=LOOK)


def members_of(event: Event) -> frozenset[str]:
    """The ids of the notifications that a summary tells of."""
    told = event.data.get("members")
    return frozenset(map(str, told)) if isinstance(told, list) else frozenset()


@dataclass(slots=True)
class Line:
    """Everything of one type and title."""

    kind: str
    title: str
    severity: Severity
    over: bool
    first: int
    last: int
    count: int = 0

    def add(self, row: Notification, destination: str) -> None:
        """One more notification, which may itself have been seen several times."""
        self.count += row.seen_at(destination)
        self.first = min(self.first, row.accepted_at)
        self.last = max(self.last, row.last_at)
        self.over = _is_over(row)
        if row.event.severity.rank > self.severity.rank:
            self.severity = row.event.severity

    def words(self, zone: str) -> str:
        """As in: 🔴 checkout-5xx ×14 · 05:12 to 06:40 CET."""
        icon = "✅" if self.over else ICONS[self.severity]
        times = f" ×{wording.grouped(self.count)}" if self.count > 1 else ""
        first = wording.clock(self.first, zone, self.last)
        last = wording.clock(self.last, zone, self.last)
        span = last if first == last else f"{first} to {last}"
        return f"{icon} {self.title}{times} · {span}"


def _lines(rows: Iterable[Notification], destination: str) -> list[Line]:
    lines: dict[tuple[str, str], Line] = {}
    for row in rows:
        event = row.event
        said = event.title or event.message.partition("\n")[0] or event.type
        title = washing.shortened(washing.line(said), TITLE)
        line = lines.setdefault(
            (event.type, title),
            Line(
                event.type, title, event.severity, False, row.accepted_at, row.last_at
            ),
        )
        line.add(row, destination)
    return sorted(lines.values(), key=lambda line: (-line.severity.rank, -line.count))


def _sections(lines: Sequence[Line], zone: str) -> Iterator[Fact]:
    """By type, the worst first; what does not fit is counted."""
    kinds: dict[str, list[Line]] = {}
    for line in lines:
        kinds.setdefault(line.kind, []).append(line)
    shown = list(kinds.items())[:SECTIONS]
    for kind, own in shown:
        total = sum(line.count for line in own)
        words = [line.words(zone) for line in own[:LINES]]
        if len(own) > LINES:
            words.append(f"… and {len(own) - LINES:,} more")
        yield Fact(
            name=f"{wording.humanised(kind)} · {wording.grouped(total)}",
            value="\n".join(words),
            inline=False,
        )
    if len(kinds) > SECTIONS:
        rest = sum(line.count for line in lines) - sum(
            line.count for _, own in shown for line in own
        )
        yield Fact(
            name="And more",
            value=f"{rest:,} of {len(kinds) - SECTIONS:,} other kinds",
            inline=False,
        )


def _headline(count: int, lines: Sequence[Line], hold: str) -> str:
    kinds = len({line.kind for line in lines})
    of_kinds = f" of {kinds} kinds" if kinds > 1 else ""
    noun = "notification" if count == 1 else "notifications"
    return f"{wording.grouped(count)} {noun}{of_kinds}: {hold}"


def _span(rows: Sequence[Notification], zone: str) -> str:
    first = min(row.accepted_at for row in rows)
    last = max(row.last_at for row in rows)
    open_now = sum(row.is_open and not _is_over(row) for row in rows)
    words = (
        f"From {wording.clock(first, zone, last)} to {wording.clock(last, zone, last)}"
    )
    return f"{words}. Still open: {open_now:,}." if open_now else f"{words}."


def _is_over(row: Notification) -> bool:
    return row.resolved_at is not None or row.state == "resolved"
