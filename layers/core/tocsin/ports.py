"""What the use cases need from outside, each port named by its role."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from tocsin.delivery import Delivery
    from tocsin.message import Message
    from tocsin.notification import Notification
    from tocsin.settings import Settings


class Clock(Protocol):
    """Time and chance, so that nothing else asks for them."""

    def now(self) -> int:
        """Ms since the epoch."""

    def sleep(self, ms: int) -> None:
        """Wait."""

    def entropy(self) -> bytes:
        """Ten random bytes."""


# --- channels ---------------------------------------------------------------


class Kind(StrEnum):
    """What a call to a provider came to."""

    OK = "ok"
    TRANSIENT = "transient"
    LIMITED = "limited"
    PERMANENT = "permanent"
    GONE = "gone"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The channel's judgement of one call.

    wait_ms    LIMITED: do not call again before this
    pause_ms   any kind: the provider's headers ask for this pause before the next call
    everywhere LIMITED: the limit is of this machine's address, not of one destination
    """

    kind: Kind
    reason: str = ""
    wait_ms: int = 0
    pause_ms: int = 0
    everywhere: bool = False
    message_id: str | None = None
    place: str | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """A destination as its channel sees it. The secret never shows in a repr. `state`
    is what was learnt of it since it was put, by names that its channel gives."""

    name: str
    settings: Mapping[str, Any]
    secret: str = field(repr=False)
    state: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Probe:
    """What a provider says of a destination without a message being posted."""

    ok: bool
    reason: str
    details: Mapping[str, str] = field(default_factory=dict)


class Channel(Protocol):
    """The code for one kind of endpoint. It neither retries nor routes nor dedups."""

    def split(self, settings: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
        """Validate what an operator gave: (settings to keep, secret to hide).

        Raises `Invalid`, with field and reason. The secret is "" when none was given.
        """

    def fits(self, messages: Sequence[Message]) -> int:
        """How many of the leading messages one call can hold (at least 1)."""

    def send(self, messages: Sequence[Message], target: Target) -> Outcome:
        """Post all of them in one call. Never raises for what a provider does."""

    def probe(self, target: Target) -> Probe:
        """Ask the provider about the destination without posting."""


# --- the queue --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Parcel:
    """One queue message: deliveries (notification id, ticket) to one destination."""

    destination: str
    urgent: bool
    tickets: tuple[tuple[str, int], ...]


class Outbox(Protocol):
    """Where parcels are left for the sender."""

    def send(self, parcels: Sequence[Parcel]) -> None:
        """Queue them. Raises `Unavailable`."""


@dataclass(frozen=True, slots=True)
class Record:
    """A parcel as the sender receives it. `sent_at` is when it was queued, in ms."""

    message_id: str
    receipt: str
    sent_at: int
    receives: int
    parcel: Parcel


class Inflight(Protocol):
    """The received records: what the sender may do to them."""

    def delete(self, records: Sequence[Record]) -> None:
        """Done with: leave the queue."""

    def hide(self, records: Sequence[Record], seconds: int) -> None:
        """Keep them (and with them their group) invisible for so long; 0 = at once."""


class DeadLetterQueue(Inflight, Protocol):
    """Where SQS keeps what bounced too often."""

    def receive(self) -> list[Record]:
        """A few messages, hidden from others for half a minute; empty = no more."""


# --- the ledger -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered of a fingerprint: the problem that is open under it."""

    open_id: str
    opened_at: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an idempotency key was used for: the body's digest, and when (ms)."""

    digest: str
    at: int


@dataclass(frozen=True, slots=True)
class Commit:
    """All that one accepted event writes, in one transaction.

    opens / closes   the fingerprint starts or stops naming an open problem
    resolved         the id of the notification that this one resolves
    key              idempotency key, remembered for a day with `receipt`
    """

    notification: Notification
    opens: bool = False
    closes: bool = False
    key: str = ""
    receipt: Receipt | None = None

    @property
    def writes(self) -> int:
        """How many of a transaction's writes it takes."""
        dues = sum(
            delivery.due_at is not None
            for delivery in self.notification.deliveries.values()
        )
        return 1 + self.opens + 2 * self.closes + bool(self.key) + dues


@dataclass(frozen=True, slots=True)
class Repeat:
    """`count` more occurrences of an open problem: a single write.

    `key` names the sender's event; the same key twice in a row counts once.
    """

    notification_id: str
    at: int
    count: int = 1
    key: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """One delivery, swapped from `old` to `new` if it still is `old`."""

    notification_id: str
    old: Delivery
    new: Delivery


class Ledger(Protocol):
    """The writing side of the record: accept, move, act."""

    def memories(self, fingerprints: Iterable[str]) -> dict[str, Memory]:
        """What is open under these fingerprints."""

    def free(self, fingerprint: str, memory: Memory) -> None:
        """Free a fingerprint whose problem is no longer kept."""

    def receipt(self, key: str) -> Receipt | None:
        """What this idempotency key was used for in the last 24 h."""

    def commit(self, commits: Sequence[Commit]) -> None:
        """Write all or nothing: at most 100 `Commit.writes` together. A lone notice
        may be written again, which changes nothing. Raises `Stale` when an id, a
        fingerprint or the key is there meanwhile, or `Unavailable`."""

    def repeat(self, repeat: Repeat) -> Notification:
        """Count them. Raises `Stale` if the problem is no longer open."""

    def load(self, ids: Iterable[str]) -> dict[str, Notification]:
        """The notifications that exist among these, strongly consistent."""

    def move(self, moves: Sequence[Move]) -> None:
        """Swap all or none: at most 30, each of another notification. Raises `Stale`
        naming those that had changed."""

    def amend(self, old: Notification, new: Notification, *, closes: bool) -> None:
        """Write acknowledgement, resolution and audit trail of `new` if `old` still
        holds; `closes` also ends the problem. Raises `Stale`."""


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery that the sweep must look at."""

    notification_id: str
    destination: str
    due_at: int


@dataclass(frozen=True, slots=True)
class Dead:
    """A dead letter, as listed."""

    notification_id: str
    destination: str
    dead_at: int


class Calendar(Protocol):
    """The watching side of the record, read by the sweep. No index, no scan."""

    def due(self, shard: int, before: int, limit: int) -> list[Due]:
        """What is due, oldest first."""

    def forget(self, due: Due) -> None:
        """Drop an entry that its delivery no longer claims."""

    def accepted(
        self, shard: int, after: str, before: int, limit: int
    ) -> list[Notification]:
        """Notifications of one shard in order of id: later than id `after`,
        accepted before `before` (ms). Crosses days by itself."""

    def mark(self, shard: int) -> str:
        """The id up to which the audit has come, "" at the very start."""

    def set_mark(self, shard: int, old: str, new: str) -> None:
        """Advance it. Raises `Stale` if another sweep did."""


class Archive(Protocol):
    """The reading side of the record, for people."""

    def recent(
        self, *, since: int, until: int, limit: int, cursor: str
    ) -> tuple[list[Notification], str]:
        """Newest first; (page, next cursor or "")."""

    def dead(self, *, limit: int, cursor: str) -> tuple[list[Dead], str]:
        """Dead letters, oldest first; (page, next cursor or "")."""


# --- destinations' health ---------------------------------------------------


@dataclass(frozen=True, slots=True)
class Health:
    """What the sender last learned of a destination. Times in ms; 0 = never."""

    blocked_until: int = 0
    disabled_at: int = 0
    disabled_reason: str = ""
    last_ok_at: int = 0
    last_error_at: int = 0
    last_error: str = ""
    told: bool = False


class HealthBook(Protocol):
    """Shared between all senders, since each process sees only its own calls."""

    def health(self, names: Iterable[str]) -> dict[str, Health]:
        """Of those that have one."""

    def block(self, name: str, until: int) -> None:
        """No call before `until`; never shortens a longer block."""

    def disable(self, name: str, at: int, reason: str) -> None:
        """The provider says it is gone: no more calls."""

    def note(self, name: str, at: int, error: str) -> None:
        """Remember the last failure ("" = it worked again)."""

    def all(self) -> dict[str, Health]:
        """Every destination that has one."""

    def told(self, name: str) -> None:
        """Its owner knows that it is gone."""


class Notice(Protocol):
    """The owner's own way of hearing of our trouble, past every route."""

    def tell(self, subject: str, text: str) -> None:
        """Raises `Unavailable`."""


# --- settings ---------------------------------------------------------------


class SettingsBook(Protocol):
    """What operators decided, as of at most a second ago."""

    def current(self) -> Settings:
        """The cached settings, read again when older than a second."""


class Holder(Protocol):
    """Who has a secret in the vault: a destination, or what a source signs with."""

    @property
    def name(self) -> str:
        """Whose it is, for people."""

    @property
    def secret(self) -> str:
        """The reference under which it is kept; "" = there is none."""

    @property
    def secret_version(self) -> int:
        """Raised when the secret changes, so that caches notice."""


class Vault(Protocol):
    """Where secrets are kept."""

    def secret(self, holder: Holder, /) -> str:
        """The secret. Raises `NotFound`, or `Unavailable`."""

    def put(self, name: str, secret: str) -> str:
        """Keep it; returns the reference for `Holder.secret`."""

    def drop(self, reference: str) -> None:
        """Forget it; silent when it is gone already."""
