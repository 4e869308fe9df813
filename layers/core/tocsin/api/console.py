"""The console's files, as the api function serves them: packed once, cached for good.

The page names its files below a digest of all of them, so that a browser may keep each
for ever and still never mixes two releases.
"""

from __future__ import annotations

import gzip
import hashlib
from functools import partial
from pathlib import Path
from typing import Any, Final

from tocsin.api.operation import Answer, Call, Nothing, Operation
from tocsin.errors import NotFound
from tocsin.values import dataclass

_KINDS: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_VERSION: Final = b"{version}"
_SAFE: Final = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
        " img-src 'self' data:; frame-ancestors 'none'; base-uri 'none';"
        " form-action 'none'"
    ),
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
_FOR_EVER: Final = "public, max-age=31536000, immutable"
_ASK_AGAIN: Final = "no-cache"


@dataclass(frozen=True, slots=True)
class Packed:
    """A file as it is sent: plain, and in gzip."""

    plain: bytes
    zipped: bytes
    media: str


class Console:
    """The files of a folder, read at the first request that asks for one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, Packed] = {}
        self.version = ""

    def operations(self) -> list[Operation[Any, Any]]:
        """No key is needed: there is nothing in these files that is not public."""
        one = "/console/{version}/{name}"
        module = "/console/{version}/app/{name}"
        return [
            _page("/console", "Show where the console is.", _onward),
            _page("/console/", "Show the console, a page for operators.", self._index),
            _page(one, "One of its files.", partial(self._file, "")),
            _page(module, "One of its modules.", partial(self._file, "app/")),
        ]

    def _index(self, call: Call[Nothing, Nothing]) -> Answer:
        tag = f'"{self._read().version}"'
        headers = {**_SAFE, "cache-control": _ASK_AGAIN, "etag": tag}
        if call.request.headers.get("if-none-match", "").removeprefix("W/") == tag:
            return Answer("", 304, headers, _KINDS[".html"])
        return _sent(self._files["index.html"], call, headers)

    def _file(self, inside: str, call: Call[Nothing, Nothing]) -> Answer:
        found = self._read()._files.get(inside + call.params["name"])
        if found is None or call.params["version"] != self.version:
            raise NotFound("the console has no such file, or not any more: reload it")
        return _sent(found, call, {**_SAFE, "cache-control": _FOR_EVER})

    def _read(self) -> Console:
        if not self._files:
            paths = sorted(p for p in self._folder.rglob("*") if p.suffix in _KINDS)
            found = {
                path.relative_to(self._folder).as_posix(): path.read_bytes()
                for path in paths
            }
            listed = b"\0".join(name.encode() + b"\0" + found[name] for name in found)
            self.version = hashlib.sha256(listed).hexdigest()[:16]
            page = found["index.html"].replace(_VERSION, self.version.encode())
            found["index.html"] = page
            self._files = {name: _packed(name, text) for name, text in found.items()}
        return self


def _page(path: str, does: str, run: Any) -> Operation[Any, Any]:
    return Operation(
        "GET", path, does, run, None, Nothing, Nothing, str, media=("text/html",)
    )


def _onward(_: Call[Nothing, Nothing]) -> Answer:
    # Relative: the API may stand below any path.
    return Answer("", 308, {"location": "console/"}, _KINDS[".html"])


def _packed(name: str, text: bytes) -> Packed:
    # Without a time in it, the same file is the same bytes.
    return Packed(text, gzip.compress(text, 9, mtime=0), _KINDS[Path(name).suffix])


def _sent(
    file: Packed, call: Call[Nothing, Nothing], headers: dict[str, str]
) -> Answer:
    headers = {**headers, "vary": "accept-encoding"}
    if "gzip" not in call.request.headers.get("accept-encoding", ""):
        return Answer(file.plain.decode(), 200, headers, file.media)
    return Answer(file.zipped, 200, {**headers, "content-encoding": "gzip"}, file.media)
