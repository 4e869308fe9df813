"""Multipart bodies, and file names that every provider takes as they are.

https://www.rfc-editor.org/rfc/rfc7578
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from tocsin.message import File
from tocsin.values import dataclass

_ODD = re.compile(r"[^A-Za-z0-9._-]+")
_LETTERS = str.maketrans({"ß": "ss", "æ": "ae", "ø": "o", "œ": "oe", "ł": "l"})


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a form: under which field, as what."""

    field: str
    name: str
    media: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Form:
    """A body, and its content type."""

    media: str
    body: bytes


def form(fields: Mapping[str, tuple[str, bytes]], parts: Sequence[Part]) -> Form:
    """`fields` are (type, value) by name. The boundary follows from the content, so
    that no content can hold it."""
    digest = hashlib.sha256()
    for _, value in fields.values():
        digest.update(value)
    for part in parts:
        digest.update(part.content)
    boundary = f"tocsin-{digest.hexdigest()[:40]}"
    rows: list[bytes] = []
    for name, (media, value) in fields.items():
        rows += [_head(boundary, f'name="{name}"', media), value, b"\r\n"]
    for part in parts:
        about = f'name="{part.field}"; filename="{plain(part.name)}"'
        rows += [_head(boundary, about, part.media), part.content, b"\r\n"]
    rows.append(f"--{boundary}--\r\n".encode())
    return Form(f"multipart/form-data; boundary={boundary}", b"".join(rows))


def plain(name: str) -> str:
    """The name in letters that need no quoting and that nobody changes."""
    spelt = unicodedata.normalize("NFKD", name.translate(_LETTERS))
    kept = "".join(char for char in spelt if not unicodedata.combining(char))
    return _ODD.sub("_", kept).strip("._-") or "file"


def names_of(files: Iterable[File]) -> dict[File, str]:
    """A name for each that none of the others has, whatever their order is."""
    listed = list(dict.fromkeys(files))
    count = Counter(plain(file.name) for file in listed)
    return {
        file: plain(file.name)
        if count[plain(file.name)] == 1
        else _apart(plain(file.name), file)
        for file in listed
    }


def _apart(name: str, file: File) -> str:
    stem, dot, ending = name.rpartition(".")
    mark = f"{file.owner[-6:]}-{file.place + 1}"
    return f"{stem}-{mark}.{ending}" if dot else f"{name}-{mark}"


def _head(boundary: str, about: str, media: str) -> bytes:
    return (
        f"--{boundary}\r\nContent-Disposition: form-data; {about}\r\n"
        f"Content-Type: {media}\r\n\r\n"
    ).encode()
