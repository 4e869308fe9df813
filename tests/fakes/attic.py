"""Uploaded files in memory."""

from __future__ import annotations

from dataclasses import dataclass, field

from tocsin.attic import Kept
from tocsin.errors import NotFound, TooLarge, Unavailable


@dataclass
class FakeAttic:
    """`attic.Attic`. `broken`: nothing can be had; `fetches` counts what was asked."""

    files: dict[tuple[str, str], tuple[Kept, bytes]] = field(default_factory=dict)
    broken: bool = False
    fetches: int = 0

    def keep(self, source: str, name: str, kept: Kept, content: bytes) -> None:
        self.files[source, name] = (kept, content)

    def find(self, source: str, name: str) -> Kept | None:
        if self.broken:
            raise Unavailable("find: SlowDown")
        found = self.files.get((source, name))
        return found[0] if found else None

    def fetch(self, source: str, name: str, most: int, seconds: float) -> bytes:
        self.fetches += 1
        if self.broken:
            raise Unavailable("fetch: SlowDown")
        if (source, name) not in self.files:
            raise NotFound("the file is not kept any more")
        _, content = self.files[source, name]
        if len(content) > most:
            raise TooLarge("more than told")
        return content

    def address(self, source: str, name: str, kept: Kept) -> str:
        return f"https://bucket.example.com/{source}/{name}?signed"
