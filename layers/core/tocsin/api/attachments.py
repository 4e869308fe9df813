"""Attachments: the link to an uploaded file, and the upload, described.

Uploads are taken by the ingest function. A link leads on to S3 for a few minutes, so
that nothing a stranger uploaded is ever shown under our own address.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from tocsin.api import link_page
from tocsin.api.operation import Answer, Call, Nothing, Operation
from tocsin.api.reach import Reach
from tocsin.attachments import LARGEST, MEDIA
from tocsin.errors import Gone, NotFound, Refused
from tocsin.passes import Act

_LOST = "this file is not kept any more"


def operations(reach: Reach) -> list[Operation[Any, Any]]:
    """No key is needed: the link itself is one, for one file."""
    return [
        Operation(
            "GET",
            "/f/{link}",
            "Lead on to the file that a link in a message is about.",
            partial(_lead, reach),
            None,
            Nothing,
            Nothing,
            str,
            status=302,
            media=("text/html",),
        )
    ]


def _lead(reach: Reach, call: Call[Nothing, Nothing]) -> Answer:
    try:
        url = _address(reach, call.params["link"])
    except Refused as error:
        return link_page.refused(error.title, error.detail, error.status)
    headers = {"location": url, "referrer-policy": "no-referrer"}
    return Answer("", 302, headers, media="text/html")


def _address(reach: Reach, text: str) -> str:
    """Raises `NotFound`, `Gone` or `Unavailable`."""
    wanted = reach.links.read(text, reach.clock.now())
    if wanted.act is not Act.FILE:
        raise NotFound("this link leads to no file")
    row = reach.ledger.load([wanted.notification_id]).get(wanted.notification_id)
    files = row.event.attachments if row is not None else ()
    place = int(wanted.destination)
    if row is None or place >= len(files):
        raise Gone(_LOST)
    source, name = row.sender, files[place].id or ""
    kept = reach.attic().find(source, name)
    if kept is None:
        raise Gone(_LOST)
    return reach.attic().address(source, name, kept)


def described(kept: dict[str, Any], refused: dict[str, Any]) -> dict[str, Any]:
    """`POST /v1/attachments`, which the ingest function serves."""
    raw = {"schema": {"type": "string", "format": "binary", "maxLength": LARGEST}}
    name = {
        "name": "name",
        "in": "query",
        "required": True,
        "description": "The file's name, for people.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 1_000},
    }
    answered = {
        "description": "Kept; events of the same key may name its id",
        "content": {"application/json": {"schema": kept}},
    }
    return {
        "/v1/attachments": {
            "post": {
                "operationId": "postAttachments",
                "summary": "Hand in a file, which events may then name by its id.",
                "tags": ["attachments"],
                "security": [{"key": ["ingest"]}],
                "parameters": [name],
                "requestBody": {"required": True, "content": dict.fromkeys(MEDIA, raw)},
                "responses": {"201": answered, **refused},
            }
        }
    }
