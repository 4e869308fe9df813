"""Files that follow a message, those of a kind together, so that calls are few.

https://core.telegram.org/bots/api#sendmediagroup
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from tocsin.channels import _multipart as multipart
from tocsin.channels._multipart import Form, Part
from tocsin.message import File, Message
from tocsin.values import dataclass

# What is shown as a photo; animations would stand still.
PHOTOS = ("image/png", "image/jpeg", "image/webp")
MOST = 10  # of a group


@dataclass(frozen=True, slots=True)
class Following:
    """One call after the message: its method, its form, and what it brings."""

    method: str
    form: Form
    names: str


def carried(messages: Sequence[Message]) -> list[File]:
    """The files that have content, in order."""
    return [file for one in messages for file in one.files if file.content]


def field_of(file: File, *, as_document: bool = False) -> str:
    """Under which field, and so as what, it is sent."""
    return "photo" if file.media in PHOTOS and not as_document else "document"


def form_of(parameters: dict[str, Any], parts: Sequence[Part]) -> Form:
    """Parameters that are no text are JSON."""
    fields = {
        name: ("text/plain; charset=utf-8", _value(told).encode("utf-8", "replace"))
        for name, told in parameters.items()
    }
    return multipart.form(fields, parts)


def part_of(file: File, field: str) -> Part:
    """The file in a form."""
    return Part(field, multipart.plain(file.name), file.media, file.content)


def following(files: Sequence[File], parameters: dict[str, Any]) -> Iterator[Following]:
    """The calls that bring them, photos first; `parameters` are of each call."""
    for field in ("photo", "document"):
        same = [file for file in files if field_of(file) == field]
        for start in range(0, len(same), MOST):
            yield _group(same[start : start + MOST], field, parameters)


def _group(files: Sequence[File], field: str, parameters: dict[str, Any]) -> Following:
    names = ", ".join(file.name for file in files)
    if len(files) == 1:
        method = f"send{field.capitalize()}"
        form = form_of(parameters, [part_of(files[0], field)])
        return Following(method, form, names)
    listed = [
        {"type": field, "media": f"attach://file{place}"} for place in range(len(files))
    ]
    parts = [part_of(file, f"file{place}") for place, file in enumerate(files)]
    form = form_of({**parameters, "media": listed}, parts)
    return Following("sendMediaGroup", form, names)


def _value(told: object) -> str:
    return told if isinstance(told, str) else json.dumps(told, ensure_ascii=False)
