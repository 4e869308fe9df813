"""The operators' desk: the port through which settings are written, and its values.

Every write is a compare-and-swap on what the writer had read (`Settings`, or the old
value), so that two operators cannot overwrite each other unseen.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Protocol

from tocsin.values import dataclass

if TYPE_CHECKING:
    from tocsin.rules.config import Config
    from tocsin.rules.silencing import Silence
    from tocsin.settings import Destination, Settings, Source

Media = Literal["yaml", "json"]
EDITIONS_KEPT = 20
NO_EDITION = "0"


@dataclass(frozen=True, slots=True)
class Edition:
    """The routing file in the words it was put in: by whom, and when (ms)."""

    text: str
    media: Media
    actor: str
    at: int
    etag: str = ""


@dataclass(frozen=True, slots=True)
class Upsert:
    """A destination to be written, if it still is `old` (None = does not exist)."""

    old: Destination | None
    new: Destination


class Desk(Protocol):
    """Where operators' decisions are written. All methods raise `Unavailable`."""

    def fresh(self) -> Settings:
        """The settings as they are now, past every cache."""

    def put_config(
        self,
        config: Config,
        edition: Edition,
        *,
        after: str,
        upserts: Sequence[Upsert] = (),
    ) -> str:
        """Put a routing file and its destinations live, all or nothing.

        `after` is the ETag of the file that it replaces (`NO_EDITION` = none yet).
        Returns the new ETag. Raises `Outdated` when another file is current, `Conflict`
        when a destination changed.
        """

    def editions(self, limit: int = EDITIONS_KEPT) -> list[Edition]:
        """The latest routing files, newest first."""

    def put_destination(self, upsert: Upsert) -> None:
        """Write it, and forget that its provider once said it was gone.

        Raises `Conflict`.
        """

    def delete_destination(self, old: Destination) -> None:
        """Raises `Conflict` when it changed or is gone."""

    def put_source(self, new: Source, *, old: Source | None) -> None:
        """Raises `Conflict`."""

    def delete_source(self, old: Source, *, remains: Source | None) -> None:
        """Delete it while `remains` (another that can administer) is still unchanged.

        Raises `Conflict`.
        """

    def put_silence(self, new: Silence) -> None:
        """Raises `Conflict` when there is one with its id."""

    def delete_silence(self, old: Silence) -> None:
        """Raises `Conflict` when it is gone."""
