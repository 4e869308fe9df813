"""Files that follow a message, those of a kind together, so that calls are few.

https://core.telegram.org/bots/api#sendmediagroup
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from tocsin.channels import _multipart as multipart
from tocsin.channels._multipart import Part
from tocsin.channels.telegram import limits
from tocsin.message import File
from tocsin.values import dataclass

MOST = 10  # of a group


@dataclass(frozen=True, slots=True)
class Following:
    """One call after the message: its method, its form, and what it brings."""

    method: str
    form: tuple[str, bytes]
    names: str


def form_of(parameters: dict[str, Any], parts: Sequence[Part]) -> tuple[str, bytes]:
    """(content type, body). Parameters that are no text are JSON."""
    fields = {
        name: ("text/plain; charset=utf-8", _value(told).encode("utf-8", "replace"))
        for name, told in parameters.items()
    }
    made = multipart.form(fields, parts)
    return made.media, made.body


def part_of(file: File, field: str) -> Part:
    """The file in a form."""
    return Part(field, file.name, file.media, file.content)


def following(files: Sequence[File], parameters: dict[str, Any]) -> Iterator[Following]:
    """The calls that bring them, photos first; `parameters` are of each call."""
    for field in ("photo", "document"):
        same = [
            file
            for file in files
            if (file.media in limits.PHOTOS) == (field == "photo")
        ]
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
