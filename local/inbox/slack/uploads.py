"""Files, in Slack's three steps: a place is asked for, filled, and shown in a channel.

https://docs.slack.dev/messaging/working-with-files#uploading_files
"""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from local.inbox.shelf import Shelf, Upload
from local.inbox.slack.payload import thread_of
from local.inbox.slack.refusal import Json, Refusal
from local.inbox.slack.visit import PROVIDER, Visit
from local.inbox.store import Arrival, Store

PLACE: Final = "https://files.slack.com/upload/v1/"
LARGEST: Final = 1_000_000_000


@dataclass(slots=True)
class Place:
    """Where one file goes, before anybody sees it."""

    name: str
    length: int
    content: bytes = b""


class Uploads:
    """Files on their way."""

    def __init__(self, store: Store, shelf: Shelf) -> None:
        self._store = store
        self._shelf = shelf
        self._places: dict[str, Place] = {}

    def routes(self) -> list[web.RouteDef]:
        """Where the bytes go."""
        return [web.post("/slack/upload/v1/{file}", self._fill)]

    def ask(self, visit: Visit) -> Json:
        """files.getUploadURLExternal"""
        name, length = str(visit.body.get("filename", "")), visit.body.get("length")
        if not name or not str(length).isdigit() or not 0 < int(str(length)) <= LARGEST:
            raise Refusal("invalid_arguments")
        number = f"F{self._store.next_seq():010}"
        self._places[number] = Place(name, int(str(length)))
        return {"ok": True, "upload_url": f"{PLACE}{number}", "file_id": number}

    async def _fill(self, request: web.Request) -> web.Response:
        place = self._places.get(request.match_info["file"])
        if place is None:
            return web.Response(status=404, text="not found")
        content = await request.read()
        if len(content) != place.length:
            return web.Response(status=400, text="the length is not the one announced")
        place.content = content
        return web.Response(text=f"OK - {len(content)}")

    def complete(self, visit: Visit) -> Json:
        """files.completeUploadExternal"""
        listed = visit.body.get("files")
        if not isinstance(listed, list) or not listed:
            raise Refusal("invalid_arguments")
        places = [self._places.get(str(one.get("id"))) for one in listed]
        found = [place for place in places if place is not None and place.content]
        if len(found) != len(listed):
            raise Refusal("file_not_found")
        uploads = [
            _upload(place, one) for place, one in zip(found, listed, strict=True)
        ]
        thread = thread_of(visit.body)
        self._show(visit, uploads, thread)
        for one in listed:
            del self._places[str(one["id"])]
        return {"ok": True, "files": [{"id": one["id"]} for one in listed]}

    def _show(self, visit: Visit, uploads: list[Upload], thread: str | None) -> None:
        number = f"{self._store.next_seq()}"
        visit.message_id = f"file-{number}"
        words = str(visit.body.get("initial_comment") or "")
        message = {
            "ts": visit.message_id,
            "text": words,
            "blocks": [],
            "attachments": [],
            "files": self._shelf.keep(f"slack-{number}", uploads),
            "author": {"username": "Tocsin"},
            "icon_url": None,
            "icon_emoji": None,
        }
        names = [upload.name for upload in uploads]
        arrival = Arrival(
            seq=self._store.next_seq(),
            provider=PROVIDER,
            webhook=visit.box,
            id=visit.message_id,
            received_at=visit.at,
            payload=visit.body,
            message=message,
            text="\n".join([words, *names]),
            path=visit.path,
            thread={"id": thread, "name": thread} if thread else None,
            pings={"everyone": False, "users": [], "roles": []},
        )
        self._store.add(arrival)


def _upload(place: Place, told: Json) -> Upload:
    """Slack finds the type out by itself."""
    kind = mimetypes.guess_type(place.name)[0] or "application/octet-stream"
    return Upload(str(told.get("title") or place.name), kind, place.content)
