"""The journal: what arrived, one JSON line per change, so that a restart keeps it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from local.inbox.store import Json

_FILE = "inbox.jsonl"


class FileJournal:
    """Appends to `<folder>/inbox.jsonl`; each line reaches the system at once."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / _FILE
        self._file: TextIO | None = None

    def read(self) -> Iterator[tuple[str, Json]]:
        """Every change in order; a line torn by a crash is passed over."""
        if not self._path.exists():
            return
        with self._path.open(encoding="utf-8") as lines:
            for line in lines:
                try:
                    entry = json.loads(line)
                    yield entry["kind"], entry["record"]
                except (ValueError, KeyError, TypeError):
                    continue

    def write(self, kind: str, record: Json) -> None:
        """Append one change."""
        if self._file is None:
            self._file = self._path.open("a", encoding="utf-8")
        self._file.write(_line(kind, record))
        self._file.flush()

    def restart(self, records: Iterator[tuple[str, Json]]) -> None:
        """Replace everything by these changes, in one rename."""
        self.close()
        fresh = self._path.with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as file:
            file.writelines(_line(kind, record) for kind, record in records)
        fresh.replace(self._path)

    def close(self) -> None:
        """Give the file back."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _line(kind: str, record: Json) -> str:
    return json.dumps({"kind": kind, "record": record}, separators=(",", ":")) + "\n"
