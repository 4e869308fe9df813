"""The console's files, as the api function serves them: packed once, cached for good.

The page names its files below a digest of all of them, so that a browser may keep each
for ever and still never mixes two releases.
"""

from __future__ import annotations

import gzip
import hashlib
import html
import json
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import quote

from tocsin.api.bundle import bundled
from tocsin.api.operation import Answer, Call, Nothing, Operation
from tocsin.errors import NotFound
from tocsin.values import dataclass

_KINDS: Final = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
}
_STYLES: Final = ("style.css", "pages.css")
_FIRST: Final = "app/main.js"
_VERSION: Final = b"{version}"
_SIGN_IN: Final = b"{sign-in}"
_STYLE: Final = b"{style}"
_BELL: Final = b"{bell}"
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src '{style}';"
    " connect-src 'self'{more}; img-src data:; frame-ancestors 'none';"
    " base-uri 'none'; form-action 'none'"
)
_SAFE: Final = {
    "content-security-policy": _POLICY.format(style="none", more=""),
    "x-frame-options": "DENY",
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


class SignIn(Protocol):
    """Where people may sign in, besides with a key: `tocsin.openid.people`."""

    @property
    def origin(self) -> str:
        """The one place besides ours that the page may call then."""

    @property
    def shown(self) -> dict[str, str]:
        """What the page is told."""


class Login(Nothing):
    """What an issuer sends back with its people. The page reads and forgets it."""

    model_config = {"extra": "ignore"}


class Console:
    """The files of a folder, read at the first request that asks for one. `sign_in` is
    asked with every page; None = with keys only."""

    def __init__(
        self, folder: Path, sign_in: Callable[[], SignIn | None] = lambda: None
    ) -> None:
        self._folder = folder
        self._sign_in = sign_in
        self._files: dict[str, Packed] = {}
        self.version = ""
        self._style = ""

    def operations(self) -> list[Operation[Any, Any]]:
        """No key is needed: there is nothing in these files that is not public."""
        one = "/console/{version}/{name}"
        return [
            _page("/console", "Show where the console is.", _onward),
            _page(
                "/console/",
                "Show the console, a page for operators.",
                self._index,
                Login,
            ),
            _page(one, "One of its files.", self._file),
        ]

    def _index(self, call: Call[Login, Nothing]) -> Answer:
        page, policy = self._read()._page(self._sign_in())
        tag = f'"{hashlib.sha256(page).hexdigest()[:16]}"'
        headers = {**_SAFE, "cache-control": _ASK_AGAIN, "etag": tag}
        headers["content-security-policy"] = policy
        if call.request.headers.get("if-none-match", "").removeprefix("W/") == tag:
            return Answer("", 304, headers, _KINDS[".html"])
        return _sent(_packed("index.html", page), call, headers)

    def _page(self, offer: SignIn | None) -> tuple[bytes, str]:
        """The page, and what it may call, where people sign in like this."""
        told = json.dumps(offer.shown) if offer else ""
        page = self._files["index.html"].plain
        more = f" {offer.origin}" if offer else ""
        named = page.replace(_SIGN_IN, html.escape(told).encode())
        return named, _POLICY.format(style=self._style, more=more)

    def _file(self, call: Call[Nothing, Nothing]) -> Answer:
        found = self._read()._files.get(call.params["name"])
        if found is None or call.params["version"] != self.version:
            raise NotFound("the console has no such file, or not any more: reload it")
        return _sent(found, call, {**_SAFE, "cache-control": _FOR_EVER})

    def _read(self) -> Console:
        if not self._files:
            found, self._style = _served(self._folder)
            listed = b"\0".join(name.encode() + b"\0" + found[name] for name in found)
            self.version = hashlib.sha256(listed).hexdigest()[:16]
            page = found["index.html"].replace(_VERSION, self.version.encode())
            found["index.html"] = page
            self._files = {name: _packed(name, text) for name, text in found.items()}
        return self


def _served(folder: Path) -> tuple[dict[str, bytes], str]:
    """(the files as browsers get them, what the policy calls the page's own style).

    The page brings its style and its picture, and asks for the script alone: calls at
    the same time are cold starts, and one after the other there is one.
    """
    modules = {
        path.relative_to(folder).as_posix(): path.read_text("utf-8")
        for path in folder.rglob("*.js")
    }
    style = b"".join((folder / name).read_bytes() for name in _STYLES)
    bell = f"data:image/svg+xml,{quote((folder / 'bell.svg').read_bytes())}"
    page = (folder / "index.html").read_bytes()
    page = page.replace(_BELL, bell.encode()).replace(_STYLE, style)
    files = {"console.js": bundled(modules, _FIRST).encode(), "index.html": page}
    return files, f"sha256-{b64encode(hashlib.sha256(style).digest()).decode()}"


def _page(
    path: str, does: str, run: Any, query: type[Nothing] = Nothing
) -> Operation[Any, Any]:
    return Operation(
        "GET", path, does, run, None, query, Nothing, str, media=("text/html",)
    )


def _onward(_: Call[Nothing, Nothing]) -> Answer:
    # Relative: the API may stand below any path.
    return Answer("", 308, {"location": "console/"}, _KINDS[".html"])


def _packed(name: str, text: bytes) -> Packed:
    # Without a time in it, the same file is the same bytes.
    return Packed(text, gzip.compress(text, 9, mtime=0), _KINDS[Path(name).suffix])


def _sent(file: Packed, call: Call[Any, Nothing], headers: dict[str, str]) -> Answer:
    headers = {**headers, "vary": "accept-encoding"}
    if "gzip" not in call.request.headers.get("accept-encoding", ""):
        return Answer(file.plain.decode(), 200, headers, file.media)
    return Answer(file.zipped, 200, {**headers, "content-encoding": "gzip"}, file.media)
