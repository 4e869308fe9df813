"""Attachments: files of this machine, as the API takes them. Nothing here raises for
what a file is: an event goes out without it, and says so."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Union

from tocsin_client.answers import NotTaken as NotTaken
from tocsin_client.plain import clip, said

LARGEST = 4_500_000  # bytes; as the API takes them
MOST, FIELDS = 10, 50  # of an event
LONGEST_NAME = 200
BINARY: tuple[tuple[bytes, str, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png", ".png"),
    (b"\xff\xd8\xff", "image/jpeg", ".jpg"),
    (b"GIF87a", "image/gif", ".gif"),
    (b"GIF89a", "image/gif", ".gif"),
    (b"RIFF", "image/webp", ".webp"),
    (b"%PDF-", "application/pdf", ".pdf"),
    (b"PK\x03\x04", "application/zip", ".zip"),
    (b"PK\x05\x06", "application/zip", ".zip"),
    (b"\x1f\x8b", "application/gzip", ".gz"),
)
TEXTS = {".json": "application/json", ".csv": "text/csv"}
PLAIN = "text/plain"

Given = Union[str, "os.PathLike[str]", bytes, bytearray, "tuple[str, bytes]"]
"""A path, content, or a name with content."""
Upload = Callable[[str, str, bytes], str]
"""(name, type, content) to the id. Raises `NotTaken`."""


@dataclass(frozen=True)
class File:
    """A file, read."""

    name: str
    content: bytes

    @property
    def media(self) -> str:
        """What it is by its bytes or, for a text, by its name."""
        for begin, media, _ in BINARY:
            if self.content.startswith(begin):
                return media
        return TEXTS.get(Path(self.name).suffix.lower(), PLAIN)


def read(given: Given) -> File:
    """Raises `NotTaken`."""
    if isinstance(given, (bytes, bytearray)):
        file = File("", bytes(given))
    elif isinstance(given, tuple):
        name, content = given
        file = File(said(name), bytes(content))
    else:
        file = File(Path(given).name, _content(Path(given)))
    if not file.content:
        raise NotTaken("it is empty")
    if len(file.content) > LARGEST:
        raise NotTaken(f"it has {len(file.content):,} bytes; at most {LARGEST:,} go")
    return file if file.name else File(_name(file.content), file.content)


def attach(event: dict[str, Any], given: Iterable[Any], upload: Upload) -> list[str]:
    """Put them into the event, which names in a field what does not go along, and why.
    Returns these."""
    attached: list[Any] = []
    faults: list[str] = []
    notes: list[Any] = []
    for each in list(given)[:MOST]:
        if isinstance(each, Mapping):
            attached.append(each)
            continue
        try:
            file = read(each)
            attached.append({"id": upload(file.name, file.media, file.content)})
        except Exception as error:  # noqa: BLE001 - the event is worth more than a file
            why = said(error) or error.__class__.__name__
            name = clip(_told(each), LONGEST_NAME - 3)
            notes.append({"name": f"📎 {name}", "value": clip(f"not sent: {why}", 500)})
            faults.append(f"{name}: {why}")
    fields = [*event.pop("fields", ())[: FIELDS - len(notes)], *notes]
    event.pop("attachments", None)
    event.update({"fields": fields} if fields else {})
    event.update({"attachments": attached} if attached else {})
    return faults


def waits_for_none(_name: str, _media: str, _content: bytes) -> str:
    """The upload of those who do not wait."""
    raise NotTaken("files go with notify, which waits, not with post")


def named(given: Iterable[Any]) -> list[Any]:
    """Only their names, for those who look at what would have been sent."""
    return [
        each if isinstance(each, Mapping) else {"name": _told(each)} for each in given
    ]


def _content(path: Path) -> bytes:
    """Not more than can go. A pipe or a device might never end, or never begin."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise NotTaken("it is no file")
        with path.open("rb") as stream:
            return stream.read(LARGEST + 1)
    except OSError as error:
        raise NotTaken(error.strerror or "it cannot be read") from None


def _name(content: bytes) -> str:
    endings = [ending for begin, _, ending in BINARY if content.startswith(begin)]
    return f"attachment{endings[0] if endings else '.txt'}"


def _told(given: Any) -> str:
    if isinstance(given, tuple) and given:
        return said(given[0])
    if isinstance(given, (bytes, bytearray)):
        return "attachment"
    try:
        return Path(given).name
    except TypeError:
        return "attachment"
