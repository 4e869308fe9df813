"""The attic: the port behind which uploaded files are kept, and its values."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from tocsin.ports import Target
from tocsin.values import dataclass


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of a file; `size` in bytes."""

    name: str
    media: str
    size: int


class Attic(Protocol):
    """Files by the source that brought them and their id: who names another source
    finds nothing. All methods raise `Unavailable`."""

    def keep(self, source: str, name: str, kept: Kept, content: bytes) -> None:
        """Keep it under the id `name`, for `attachments.KEPT_DAYS`."""

    def find(self, source: str, name: str) -> Kept | None:
        """What is known of it; None when there is no such file (any more)."""

    def fetch(self, source: str, name: str, most: int, seconds: float) -> bytes:
        """Its bytes, within so many seconds. Raises `NotFound`, or `TooLarge` when they
        are more than `most`."""

    def address(self, source: str, name: str, kept: Kept) -> str:
        """Where whoever has it can get the file for a few minutes."""


@dataclass(frozen=True, slots=True)
class Room:
    """What one call of a channel can carry: the provider's name for people, bytes of
    `each` file and of the `whole`, and how many files."""

    provider: str
    each: int
    whole: int
    count: int = 10


@runtime_checkable
class Uploader(Protocol):
    """A channel that can carry files with its messages."""

    def room(self, target: Target) -> Room | None:
        """How much to this destination; None = it takes links only."""
