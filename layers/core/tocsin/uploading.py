"""Uploading: a sender hands in a file, which events of the same source may name."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qsl

from typing_extensions import TypedDict

from tocsin.attachments import KEPT_DAYS, check, media_of, name_of
from tocsin.attic import Attic, Kept
from tocsin.errors import Fault, Invalid
from tocsin.ports import Clock

_DAY = 86_400_000
_NAME = 1_000


class Upload(TypedDict):
    """What the sender is told; `media` and `size` (bytes) as they are kept."""

    id: str
    name: str
    media: str
    size: int
    expires_at: str


def upload(
    content: bytes,
    headers: Mapping[str, str],
    query: str,
    *,
    source: str,
    attic: Attic,
    clock: Clock,
) -> Upload:
    """Keep a file. Header names in lower case; `query` as it came.

    Raises `Invalid`, `TooLarge`, `Unsupported` or `Unavailable`; nothing is kept then.
    """
    told = _name_in(query)
    media = media_of(headers.get("content-type", ""))
    check(content, media)
    kept = Kept(name_of(told, media), media, len(content))
    # 160 bits of chance: nobody finds one by trying, and of another source it would
    # be of no use.
    chance = clock.entropy() + clock.entropy()
    name = base64.b32encode(chance).decode().lower()
    attic.keep(source, name, kept, content)
    ends = datetime.fromtimestamp((clock.now() + KEPT_DAYS * _DAY) / 1000, UTC)
    return {
        "id": name,
        "name": kept.name,
        "media": kept.media,
        "size": kept.size,
        "expires_at": ends.isoformat(timespec="seconds").replace("+00:00", "Z"),
    }


def _name_in(query: str) -> str:
    told = ""
    for key, value in parse_qsl(query, keep_blank_values=True):
        if key != "name":
            reason = "unknown parameter; known: name"
            raise Invalid(f"query: {reason}", [Fault("query", reason)])
        told = value
    if not told.strip() or len(told) > _NAME:
        reason = f"give the file's name, of at most {_NAME:,} characters"
        raise Invalid(f"name: {reason}", [Fault("name", reason)])
    return told
