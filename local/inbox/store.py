"""What arrived, in order, whatever the provider: in memory, bounded, observable."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Protocol

from local.inbox.tally import Tally
from local.inbox.visited import Call

Json = dict[str, Any]
Clock = Callable[[], float]
Listener = Callable[[str, Json], None]

CAPACITY = 20_000
CALLS_KEPT = 5_000
_EDITS_KEPT = 200


@dataclass(slots=True)
class Arrival:
    """One message as people see it now, with everything known about its coming."""

    seq: int
    provider: str
    webhook: str
    id: str
    received_at: float
    payload: Json
    message: Json
    text: str
    headers: dict[str, str] = field(default_factory=dict)
    path: str = ""
    query: dict[str, str] = field(default_factory=dict)
    thread: Json | None = None
    pings: Json = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    edits: list[Json] = field(default_factory=list)
    edited_at: float | None = None
    deleted_at: float | None = None

    def says(self, words: str) -> bool:
        """Whether this message shows, or ever showed, these words."""
        if words in self.text:
            return True
        return any(words in edit["text_before"] for edit in self.edits)

    def as_json(self) -> Json:
        """The form of the control API, of the page and of the journal; not a copy."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_json(cls, record: Json) -> Arrival:
        """Read back what `as_json` wrote; unknown keys are ignored."""
        known = {f.name for f in fields(cls)}
        return cls(**{key: value for key, value in record.items() if key in known})


class Journal(Protocol):
    """Where changes are written so that a restart keeps what arrived."""

    def write(self, kind: str, record: Json) -> None:
        """Append one change."""

    def restart(self, records: Iterator[tuple[str, Json]]) -> None:
        """Replace everything by these changes."""


class Store:
    """Messages by order and by id, the recent calls, and the counts over all calls."""

    def __init__(
        self, clock: Clock, journal: Journal | None = None, capacity: int = CAPACITY
    ) -> None:
        self.clock = clock
        self.names: dict[str, str] = {}
        self.calls: deque[Call] = deque(maxlen=CALLS_KEPT)
        self.tally = Tally(clock())
        self._journal = journal
        self._capacity = capacity
        self._arrivals: OrderedDict[int, Arrival] = OrderedDict()
        self._by_id: dict[tuple[str, str, str], Arrival] = {}
        self._listeners: list[Listener] = []
        self._next_seq = 1

    # -- observing ---------------------------------------------------------------

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Be told of each change as (kind, record); returns how to stop."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def _tell(self, kind: str, record: Json) -> None:
        for listener in list(self._listeners):
            listener(kind, record)

    def _change(self, kind: str, arrival: Arrival) -> None:
        if not self._journal and not self._listeners:
            return
        record = arrival.as_json()
        if self._journal:
            self._journal.write("message", record)
        self._tell(kind, record)

    # -- changing ----------------------------------------------------------------

    def next_seq(self) -> int:
        """The place the next arrival takes."""
        return self._next_seq

    def add(self, arrival: Arrival) -> None:
        """Keep a new message; the oldest one leaves when the store is full."""
        self._keep(arrival)
        self.tally.accepted(arrival.webhook, arrival.received_at)
        self._change("message", arrival)

    def edit(self, arrival: Arrival, payload: Json, after: Json, text: str) -> None:
        """Show `after` instead; what was shown before stays in the history."""
        now = self.clock()
        arrival.edits.append(
            {
                "at": now,
                "payload": payload,
                "before": arrival.message,
                "text_before": arrival.text,
            }
        )
        del arrival.edits[:-_EDITS_KEPT]
        arrival.message, arrival.text, arrival.edited_at = after, text, now
        self.tally.edited(arrival.webhook)
        self._change("edit", arrival)

    def remove(self, arrival: Arrival) -> None:
        """Mark as deleted: nobody sees it any more, but it did arrive."""
        arrival.deleted_at = self.clock()
        self.tally.deleted(arrival.webhook)
        self._change("delete", arrival)

    def log(self, call: Call) -> None:
        """Count a call and remember it for a while."""
        self.calls.append(call)
        self.tally.called(call)
        if self._listeners:
            self._tell("call", asdict(call))

    def name(self, names: dict[str, str]) -> None:
        """Give mailboxes the names that the page shows."""
        self.names.update(names)
        if self._journal:
            self._journal.write("names", dict(self.names))
        self._tell("names", dict(self.names))

    def clear(self) -> None:
        """Forget everything that arrived; names stay, and so does the counting of
        places, so that a reader's `since` never goes backwards."""
        self._arrivals.clear()
        self._by_id.clear()
        self.calls.clear()
        self.tally = Tally(self.clock())
        if self._journal:
            self._journal.restart(iter([("names", dict(self.names))]))
        self._tell("reset", {})

    # -- reading -----------------------------------------------------------------

    def find(self, provider: str, webhook: str, message_id: str) -> Arrival | None:
        """The message of this id that people can still see."""
        arrival = self._by_id.get((provider, webhook, message_id))
        return arrival if arrival and arrival.deleted_at is None else None

    def select(
        self, webhook: str = "", since: int = 0, contains: str = ""
    ) -> Iterator[Arrival]:
        """Messages in the order they came, after place `since`."""
        for seq, arrival in self._arrivals.items():
            if seq > since and matches(arrival, webhook, contains):
                yield arrival

    @property
    def last_seq(self) -> int:
        """The place of the newest arrival, 0 before the first."""
        return self._next_seq - 1

    def __len__(self) -> int:
        return len(self._arrivals)

    # -- restoring ---------------------------------------------------------------

    def restore(self, records: Iterator[tuple[str, Json]]) -> None:
        """Take back what a journal kept, then write it anew without its history."""
        for kind, record in records:
            if kind == "names":
                self.names.update(record)
            elif kind == "message":
                self._restore(Arrival.from_json(record))
        if self._journal:
            self._journal.restart(self._snapshot())

    def _restore(self, arrival: Arrival) -> None:
        if arrival.seq not in self._arrivals:
            self.tally.accepted(arrival.webhook, arrival.received_at)
        self._keep(arrival)

    def _snapshot(self) -> Iterator[tuple[str, Json]]:
        yield "names", dict(self.names)
        for arrival in self._arrivals.values():
            yield "message", arrival.as_json()

    def _keep(self, arrival: Arrival) -> None:
        self._arrivals[arrival.seq] = arrival
        self._by_id[arrival.provider, arrival.webhook, arrival.id] = arrival
        self._next_seq = max(self._next_seq, arrival.seq + 1)
        while len(self._arrivals) > self._capacity:
            _, old = self._arrivals.popitem(last=False)
            self._by_id.pop((old.provider, old.webhook, old.id), None)


def matches(arrival: Arrival, webhook: str, contains: str) -> bool:
    """Whether a message belongs to this mailbox and says these words."""
    if webhook and arrival.webhook != webhook:
        return False
    return not contains or arrival.says(contains)
