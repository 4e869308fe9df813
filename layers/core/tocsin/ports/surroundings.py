"""What everything stands on: time and chance, settings, secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from tocsin.settings import Settings


class Clock(Protocol):
    """Time and chance, so that nothing else asks for them."""

    def now(self) -> int:
        """Ms since the epoch."""

    def sleep(self, ms: int) -> None:
        """Wait."""

    def entropy(self) -> bytes:
        """Ten random bytes."""


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
