"""Attachments: which files are taken, under which names, and what they must be made of.

What is listed here can be shown or saved by whoever gets it and runs nowhere: no HTML,
no SVG, no program. A type is believed only where the bytes agree with it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from tocsin import washing
from tocsin.errors import Fault, Invalid, TooLarge, Unsupported
from tocsin.values import dataclass

# Lambda takes 6 MB (6,291,456 bytes) with the body in base64, which adds a third.
LARGEST = 4_500_000
KEPT_DAYS = 14  # as the bucket's lifecycle says
NAME = 100
DEFAULT_NAME = "attachment"
_UNFIT = re.compile(r"[^\w .()+-]+")
_DOTS = re.compile(r"\.{2,}")


@dataclass(frozen=True, slots=True)
class Media:
    """A type of content: how names of it end (the first is given to those that do
    not), and what its bytes begin with (none of them = text in UTF-8)."""

    endings: tuple[str, ...]
    begins: tuple[bytes, ...] = ()


MEDIA: Mapping[str, Media] = {
    "image/png": Media((".png",), (b"\x89PNG\r\n\x1a\n",)),
    "image/jpeg": Media((".jpg", ".jpeg"), (b"\xff\xd8\xff",)),
    "image/gif": Media((".gif",), (b"GIF87a", b"GIF89a")),
    "image/webp": Media((".webp",), (b"RIFF",)),
    "application/pdf": Media((".pdf",), (b"%PDF-",)),
    "application/zip": Media((".zip",), (b"PK\x03\x04", b"PK\x05\x06")),
    "application/gzip": Media((".gz", ".tgz"), (b"\x1f\x8b",)),
    "application/json": Media((".json",)),
    "text/plain": Media((".txt", ".log", ".md", ".diff", ".yaml", ".yml")),
    "text/csv": Media((".csv",)),
}


def media_of(content_type: str) -> str:
    """The type without its parameters. Raises `Unsupported`."""
    media = content_type.partition(";")[0].strip().lower()
    if media not in MEDIA:
        known = ", ".join(MEDIA)
        told = washing.shortened(washing.line(media), 60)
        reason = f'"{told}" is not taken; taken are: {known}'
        raise Unsupported(reason, [Fault("content-type", reason)])
    return media


def name_of(told: str, media: str) -> str:
    """A name that is only a name: no path, nothing unseen, and the ending of its type,
    whatever it was called."""
    last = re.split(r"[/\\]", washing.line(told))[-1]
    plain = _DOTS.sub(".", _UNFIT.sub("_", last)).strip(" .")
    endings = MEDIA[media].endings
    if plain.lower().endswith(endings):
        stem, dot, ending = plain.rpartition(".")
        return f"{stem[: NAME - len(ending) - 1].strip(' .')}{dot}{ending}"
    stem = plain[: NAME - len(endings[0])].strip(" .") or DEFAULT_NAME
    return f"{stem}{endings[0]}"


def check(content: bytes, media: str) -> None:
    """Raises `Invalid` or `TooLarge` when it is not what its type says."""
    if not content:
        raise _wrong("is empty: send the file's bytes as the body")
    if len(content) > LARGEST:
        reason = f"has {len(content):,} bytes; at most {LARGEST:,} are taken"
        raise TooLarge(f"the body {reason}", [Fault("body", reason)])
    begins = MEDIA[media].begins
    if begins:
        if not content.startswith(begins) or not _is_webp(content, media):
            raise _wrong(f"does not begin as {media} does; name the type that it has")
        return
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise _wrong(f"is not UTF-8, as {media} has to be here") from None
    if "\0" in text:
        raise _wrong(f"holds zero bytes, which {media} does not")


def size_in_words(size: int) -> str:
    """As people say it: 9.3 MB, 12 KB, 1 byte."""
    if size >= 1_000_000:
        return f"{size / 1_000_000:.1f} MB"
    if size >= 1_000:
        return f"{size / 1_000:.0f} KB"
    return "1 byte" if size == 1 else f"{size} bytes"


def _is_webp(content: bytes, media: str) -> bool:
    return media != "image/webp" or content[8:12] == b"WEBP"


def _wrong(reason: str) -> Invalid:
    return Invalid(f"the body {reason}", [Fault("body", reason)])
