"""What the use cases need from outside, each port named by its role."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from tocsin.values import dataclass

if TYPE_CHECKING:
    from tocsin.delivery import Delivery
    from tocsin.memory import Memory
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
    MISSING = "missing"  # of an edit: the message is not there any more


@dataclass(frozen=True, slots=True)
class Outcome:
    """The channel's judgement of one call.

    wait_ms    LIMITED: do not call again before this
    pause_ms   any kind: the provider's headers ask for this pause before the next call
    everywhere LIMITED: the limit is of this machine's address, not of one destination
    outdated   any kind: what of `Target.state` turned out not to hold (any more)
    """

    kind: Kind
    reason: str = ""
    wait_ms: int = 0
    pause_ms: int = 0
    everywhere: bool = False
    message_id: str | None = None
    place: str | None = None
    outdated: Mapping[str, int] = field(default_factory=dict)

    def edited_at(self, place: str, own: str) -> Outcome:
        """Of an edit at `place`: a destination that was put elsewhere (`own`) since is
        not gone with its old place."""
        moved = self.kind is Kind.GONE and place not in ("", own)
        return replace(self, kind=Kind.MISSING) if moved else self


@dataclass(frozen=True, slots=True)
class Target:
    """A destination as its channel sees it. The secret never shows in a repr. `state`
    is what was learnt of it since it was put, by names that its channel gives;
    `hears`: presses of its buttons reach us signed, so that they may be shown."""

    name: str
    settings: Mapping[str, Any]
    secret: str = field(repr=False)
    state: Mapping[str, Any] = field(default_factory=dict)
    hears: bool = False


@dataclass(frozen=True, slots=True)
class Probe:
    """What a provider says of a destination without a message being posted."""

    ok: bool
    reason: str
    details: Mapping[str, str] = field(default_factory=dict)


class Sign(Protocol):
    """Signs a call to AWS as the role that we run as."""

    def __call__(
        self,
        service: str,
        region: str,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes,
    ) -> dict[str, str]:
        """The headers with the signature. Raises `Unavailable`."""


@dataclass(frozen=True, slots=True)
class Aws:
    """What channels need that are a service of AWS; `base` takes the place of all its
    endpoints, on local stacks only; `region` is the one that we run in."""

    sign: Sign
    base: str | None = None
    region: str = ""


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


@runtime_checkable
class Editor(Protocol):
    """A channel that can change what it has posted."""

    def edits(self, target: Target) -> bool:
        """Whether messages of this destination can be edited."""

    def edit(
        self, messages: Sequence[Message], target: Target, message_id: str, place: str
    ) -> Outcome:
        """Make the posted message show these, all that it held, in the same order.
        Pings nobody. Never raises for what a provider does; MISSING when the message is
        not there any more."""


@runtime_checkable
class Presser(Protocol):
    """A channel whose buttons act, once we know what signs presses of them."""

    def check_signing(self, settings: Mapping[str, Any], secret: str) -> None:
        """Raises `Invalid` for a secret that cannot be one, or for a destination whose
        messages can have no such buttons."""


@runtime_checkable
class Threader(Protocol):
    """A channel that can put what follows a message under it (`Message.answers`)."""

    def threads(self, target: Target) -> bool:
        """Whether that can be done at this destination."""


# --- alarms -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Picture:
    """A file that is kept as if the alarms' own source had uploaded it."""

    id: str
    name: str
    media: str
    size: int


class Enricher(Protocol):
    """Asks what an alarm's notification does not tell; both may be asked at once."""

    def tags(self, arn: str) -> Mapping[str, str]:
        """The alarm's tags. Raises `Unavailable`."""

    def graph(self, arn: str, widget: str) -> Picture:
        """A picture of `widget` (JSON), drawn now and kept. Raises `Unavailable`."""


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
class Receipt:
    """What an idempotency key was used for: the body's digest, when (ms), and on which
    notification that was counted, "" = it became one of its own."""

    digest: str
    at: int
    on: str = ""


@dataclass(frozen=True, slots=True)
class Missed:
    """So many more like this notification were held back at these destinations, and
    are notifications of their own or counted on others."""

    notification_id: str
    destinations: tuple[str, ...]
    count: int = 1


@dataclass(frozen=True, slots=True)
class Commit:
    """All that one accepted event writes, in one transaction.

    recalled    what was remembered of its fingerprint when it was judged
    remembered  what is to be remembered instead, None = leave it
    closes      `notification.resolves` is over by this
    key         idempotency key, remembered for a day with `receipt`
    missed      notifications that count this one too, for who did not get it
    """

    notification: Notification
    recalled: Memory | None = None
    remembered: Memory | None = None
    closes: bool = False
    key: str = ""
    receipt: Receipt | None = None
    missed: tuple[Missed, ...] = ()

    @property
    def writes(self) -> int:
        """How many of a transaction's writes it takes."""
        notification = self.notification
        dues = sum(
            delivery.due_at is not None for delivery in notification.deliveries.values()
        )
        timer = notification.timer_at is not None
        others = (self.remembered is not None) + self.closes + bool(self.key)
        return 1 + others + dues + timer + len(self.missed)


@dataclass(frozen=True, slots=True)
class Repeat:
    """`count` more occurrences of what was told already: a single write, and one for
    each other notification that counts them for some of its destinations (`missed`),
    and for each key that is to say what it was counted on (`receipts`).

    `key` is what the sender's key is briefly known by (`identity.brief_of`): as long as
    that is among the last counted there, and for a day, it counts once. `forgets` are
    those that it takes the room of.
    `swallowed` is the state that the event told of and that is not shown, since the
    problem flaps.
    """

    notification_id: str
    at: int
    count: int = 1
    key: str = ""
    swallowed: str = ""
    forgets: tuple[str, ...] = ()
    missed: tuple[Missed, ...] = ()
    receipts: tuple[tuple[str, Receipt], ...] = ()


@dataclass(frozen=True, slots=True)
class Move:
    """One delivery, swapped from `old` to `new` if it still is `old`."""

    notification_id: str
    old: Delivery
    new: Delivery


class Ledger(Protocol):
    """The writing side of the record: accept, move, act."""

    def memories(self, fingerprints: Iterable[str]) -> dict[str, Memory]:
        """What is remembered of these fingerprints, strongly consistent."""

    def remember(self, fingerprint: str, old: Memory | None, new: Memory) -> None:
        """Swap what is remembered if it still is `old`. Raises `Stale`."""

    def finish(self, problem_id: str, *, by: str, at: int) -> None:
        """The problem is over by the notification `by`. Raises `Stale` when it was over
        by another already."""

    def receipt(self, key: str) -> Receipt | None:
        """What this idempotency key was used for in the last 24 h."""

    def counted(self, keys: Iterable[str], since: int = 0) -> dict[str, str]:
        """The notifications on which events with these keys were counted after `since`
        (ms): what a key was used for is kept for longer than it holds."""

    def commit(self, commits: Sequence[Commit]) -> int:
        """Write as many of those in front as go together, all of them or none, and say
        how many: at least one, at most 100 `Commit.writes` and 4 MB. What is one write
        may be written again, which changes nothing. Raises `Stale` when an id, a memory
        or the key is another's meanwhile, or `Unavailable`."""

    def repeat(self, repeat: Repeat) -> Notification:
        """Count them; with a key, all that goes with it or nothing. Raises `Stale` if
        nothing counts on it any more, or they were counted under one of the keys."""

    def nudge(self, notification: Notification, at: int) -> None:
        """Its cards are to be edited at `at`. Raises `Stale` when someone else has
        changed it, or asked for that already."""

    def load(self, ids: Iterable[str]) -> dict[str, Notification]:
        """The notifications that exist among these, strongly consistent."""

    def move(self, moves: Sequence[Move]) -> None:
        """Swap all or none: at most 30, each of another notification. Raises `Stale`
        naming those that had changed."""

    def amend(self, old: Notification, new: Notification, *, closes: bool) -> None:
        """Write what people and timers changed (acknowledgement, end, audit trail,
        plan, timers, what was counted last, deliveries added or moved) if `old` still
        holds; occurrences are left as they are. `closes` also ends the problem: only
        which it was is remembered, for a day. Raises `Stale`."""


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery that the sweep must look at; `TIMER` in the place of a destination
    stands for the notification itself."""

    notification_id: str
    destination: str
    due_at: int


@dataclass(frozen=True, slots=True)
class Dead:
    """A dead letter, as listed."""

    notification_id: str
    destination: str
    dead_at: int


TIMER = "!"  # no destination can have this name


class Calendar(Protocol):
    """The watching side of the record, read by the sweep. No index, no scan."""

    def due(
        self, shard: int, before: int, limit: int, after: Due | None = None
    ) -> list[Due]:
        """What is due, oldest first, behind the entry `after`."""

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
    """What the sender last learned of a destination. Times in ms; 0 = never.
    `failures` are those in a row. `learnt` are numbers that providers tell on their own
    account, by names of the channel's; what is shown as `Target.state`."""

    blocked_until: int = 0
    disabled_at: int = 0
    disabled_reason: str = ""
    last_ok_at: int = 0
    last_error_at: int = 0
    last_error: str = ""
    told: bool = False
    failures: int = 0
    learnt: Mapping[str, int] = field(default_factory=dict)


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

    def learn(self, name: str, what: str, value: int) -> None:
        """Remember a number that its provider told; never lowers it."""

    def forget(self, name: str, what: str, value: int) -> None:
        """A number does not hold any more, if it still is what is remembered."""


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
        """Keep it; returns the reference for `Holder.secret`. Raises `Invalid` for one
        that is too large."""

    def drop(self, reference: str) -> None:
        """Forget it; silent when it is gone already."""
