"""The shelf: files that came with messages, the newest ones, for the page to show."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

ROUTE: Final = "/files"
IMAGES: Final = ("image/png", "image/jpeg", "image/gif", "image/webp")
_BYTES: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Upload:
    """One file of a message."""

    name: str
    kind: str
    content: bytes


class Shelf:
    """Keeps the newest uploads, up to a total size."""

    def __init__(self, room: int = _BYTES) -> None:
        self._room = room
        self._used = 0
        self._files: OrderedDict[str, Upload] = OrderedDict()

    def put(self, file_id: str, upload: Upload) -> None:
        """Keep one; the oldest ones leave."""
        self._files[file_id] = upload
        self._used += len(upload.content)
        while self._used > self._room:
            _, old = self._files.popitem(last=False)
            self._used -= len(old.content)

    def get(self, file_id: str) -> Upload | None:
        """The file of this id, if it is still here."""
        return self._files.get(file_id)

    def keep(self, message_id: str, uploads: Sequence[Upload]) -> list[dict[str, Any]]:
        """Keep the files of a message; returns what the page needs to show them."""
        told = []
        for place, upload in enumerate(uploads):
            file_id = f"{message_id}-{place}"
            self.put(file_id, upload)
            told.append(
                {
                    "filename": upload.name,
                    "content_type": upload.kind,
                    "size": len(upload.content),
                    "url": f"{ROUTE}/{file_id}",
                }
            )
        return told

    def routes(self) -> list[web.RouteDef]:
        """Where its files are shown."""
        return [web.get(ROUTE + "/{file}", self.serve)]

    async def serve(self, request: web.Request) -> web.Response:
        """A picture as one, anything else to be saved."""
        upload = self.get(request.match_info["file"])
        if upload is None:
            raise web.HTTPNotFound
        shown = upload.kind in IMAGES
        kind = upload.kind if shown else "application/octet-stream"
        headers = {} if shown else {"Content-Disposition": "attachment"}
        return web.Response(body=upload.content, content_type=kind, headers=headers)
