"""What came from a provider, and what it takes to believe and to answer it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field

from tocsin.acknowledge import Means
from tocsin.errors import NotFound
from tocsin.ports import Archive, Channel, Vault
from tocsin.settings import Settings
from tocsin.values import dataclass


@dataclass(frozen=True, slots=True)
class Came:
    """One call. `vault` keeps what providers sign with; `channels` gives the channel
    of a name."""

    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    settings: Settings
    archive: Archive
    vault: Vault
    channels: Callable[[str], Channel]
    means: Means

    @property
    def now(self) -> int:
        """Ms since the epoch."""
        return self.means.clock.now()

    def secrets(self, channel: str) -> Iterator[tuple[str, list[str]]]:
        """(destination, its live secrets) of each whose presses are signed with one. A
        secret that is not there any more fits nothing. Raises `Unavailable`."""
        for name, each in self.settings.destinations.items():
            if each.channel != channel:
                continue
            found = []
            for kept in each.signing:
                try:
                    found.append(self.vault.secret(kept))
                except NotFound:
                    continue
            if found:
                yield name, found
