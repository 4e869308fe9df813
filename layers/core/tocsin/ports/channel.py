"""Channels: the code for one kind of endpoint, and what passes between it and us."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from tocsin.values import dataclass

if TYPE_CHECKING:
    from tocsin.message import Message


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
