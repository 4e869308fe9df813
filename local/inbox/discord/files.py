"""Uploaded files: multipart bodies, and their limits."""

from __future__ import annotations

import json
from typing import Any, Final

from aiohttp import BodyPartReader, web

from local.inbox.discord.form import Form, Json, Refusal
from local.inbox.shelf import Shelf, Upload

FILE_BYTES: Final = 10 * 1024 * 1024
REQUEST_BYTES: Final = 25 * 1024 * 1024
_KINDS: Final = ("application/json", "application/x-www-form-urlencoded")
_MULTIPART: Final = "multipart/form-data"


async def read_body(request: web.Request) -> tuple[Any, list[Upload]]:
    """The parsed body and its files. Raises Refusal as Discord does."""
    kind = request.content_type
    try:
        if kind == _MULTIPART:
            return await _multipart(request)
        if kind == _KINDS[0]:
            return _parse(await request.read()), []
        if kind == _KINDS[1]:
            return dict(await request.post()), []
    except web.HTTPRequestEntityTooLarge:
        raise too_large() from None
    form = Form()
    known = ", ".join(f"'{k}'" for k in (_MULTIPART, *reversed(_KINDS)))
    told = f'Expected "Content-Type" header to be one of {{{known}}}.'
    form.refuse((), "CONTENT_TYPE_INVALID", told)
    form.settle()
    raise AssertionError("a form with an error settles by raising")


def too_large() -> Refusal:
    """The refusal of a request or a file that is too large."""
    return Refusal(413, 40005, "Request entity too large")


def _parse(raw: bytes) -> Any:
    try:
        return json.loads(raw, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        told = "The request body contains invalid JSON."
        raise Refusal(400, 50109, told) from None


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


async def _multipart(request: web.Request) -> tuple[Any, list[Upload]]:
    body: Any = {}
    uploads: list[Upload] = []
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader):
                continue
            content = bytes(await part.read())
            if len(content) > FILE_BYTES:
                raise too_large()
            if part.filename:
                kind = part.headers.get("Content-Type", "application/octet-stream")
                uploads.append(Upload(part.filename, kind, content))
            elif part.name == "payload_json":
                body = _parse(content)
            elif isinstance(body, dict):
                body[part.name or ""] = content.decode(errors="replace")
    except ValueError:
        raise Refusal(400, 50109, "The request body is not valid multipart.") from None
    return body, uploads


def shelve(
    shelf: Shelf, base: str, message_id: str, uploads: list[Upload], described: Any
) -> list[Json]:
    """Keep the files of a message; returns its attachment objects."""
    about = {str(d.get("id")): d for d in described or []}
    attachments = []
    for index, upload in enumerate(uploads):
        file_id = f"{message_id}-{index}"
        shelf.put(file_id, upload)
        words = about.get(str(index), {})
        attachments.append(
            {
                "id": file_id,
                "filename": words.get("filename") or upload.name,
                "description": words.get("description"),
                "size": len(upload.content),
                "content_type": upload.kind,
                "url": f"{base}/{file_id}",
            }
        )
    return attachments
