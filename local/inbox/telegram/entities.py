"""Telegram's HTML: read by its rules, refused in its words.

https://core.telegram.org/bots/api#html-style
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

ENTITIES: Final = 100
_SPACE: Final = " \t\r\n\0\v"
_NAMED: Final = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE: Final = re.compile(r"&(?:#x([0-9a-fA-F]{1,8})|#(\d{1,10})|(\w{1,8}));?")
_KINDS: Final = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "tg-emoji": "custom_emoji",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}


class ParseError(ValueError):
    """What Telegram says after "can't parse entities: "."""


@dataclass(slots=True)
class Parsed:
    """The words, and the stretches of them with a look, in UTF-16 units."""

    text: str = ""
    entities: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class _Open:
    name: str
    offset: int
    argument: str
    at: int


def units(text: str) -> int:
    """The length as Telegram counts it."""
    return len(text) + sum(char > "\uffff" for char in text)


def parse(markup: str) -> Parsed:
    """Read `parse_mode` HTML. Raises ParseError."""
    reader = _Reader(markup)
    reader.read()
    entities = [one for one in reader.entities if one is not None]
    entities.sort(key=lambda one: (one["offset"], -one["length"]))
    return Parsed("".join(reader.words), entities[:ENTITIES])


class _Reader:
    def __init__(self, markup: str) -> None:
        self.words: list[str] = []
        self.entities: list[dict[str, Any] | None] = []
        self._markup = markup
        self._size = 0
        self._open: list[_Open] = []

    def read(self) -> None:
        at = 0
        while (tag := self._markup.find("<", at)) >= 0:
            self._say(self._markup[at:tag])
            closes = self._markup.startswith("</", tag)
            at = self._end(tag) if closes else self._start(tag)
        self._say(self._markup[at:])
        if self._open:
            name = self._open[-1].name
            raise ParseError(f'Can\'t find end tag corresponding to start tag "{name}"')

    def _say(self, text: str) -> None:
        decoded = _decoded(text)
        self.words.append(decoded)
        self._size += units(decoded)

    def _start(self, tag: int) -> int:
        at = self._until(tag + 1, _SPACE + ">")
        offset = self._bytes(tag)
        if at == len(self._markup):
            raise ParseError(f"Unclosed start tag at byte offset {offset}")
        name = self._markup[tag + 1 : at].lower()
        if name not in _KINDS:
            raise ParseError(f'Unsupported start tag "{name}" at byte offset {offset}')
        attributes, at = self._attributes(name, at, offset)
        if name == "span" and attributes.get("class") != "tg-spoiler":
            raise ParseError(
                f'Tag "span" must have class "tg-spoiler" at byte offset {offset}'
            )
        argument = attributes.get("href", "")
        if name == "blockquote" and "expandable" in attributes:
            argument = "expandable"
        self._open.append(_Open(name, self._size, argument, len(self.words)))
        return at + 1

    def _attributes(self, tag: str, at: int, offset: int) -> tuple[dict[str, str], int]:
        """(what the tag says, where its ">" is)."""
        found: dict[str, str] = {}
        while True:
            at = self._past_spaces(at)
            if at < len(self._markup) and self._markup[at] == ">":
                return found, at
            end = self._until(at, _SPACE + "=>")
            name = self._markup[at:end]
            if not name:
                told = f'Empty attribute name in the tag "{tag}"'
                raise ParseError(f"{told} at byte offset {offset}")
            at = self._past_spaces(end)
            if at == len(self._markup):
                raise ParseError(f"Unclosed start tag at byte offset {offset}")
            if self._markup[at] != "=":
                if (tag, name) != ("blockquote", "expandable"):
                    raise ParseError(
                        "Expected equal sign in declaration of an attribute of the"
                        f' tag "{tag}" at byte offset {offset}'
                    )
                found[name] = ""
                continue
            found[name], at = self._value(self._past_spaces(at + 1), offset)

    def _value(self, at: int, offset: int) -> tuple[str, int]:
        quote = self._markup[at : at + 1]
        if quote not in ("'", '"') or not quote:
            end = at
            while end < len(self._markup) and re.match(
                r"[A-Za-z0-9.-]", self._markup[end]
            ):
                end += 1
            if self._markup[end : end + 1] not in (*_SPACE, ">"):
                raise ParseError(
                    f"Unexpected end of name token at byte offset {self._bytes(at)}"
                )
            return self._markup[at:end].lower(), end
        end = self._markup.find(quote, at + 1)
        if end < 0 or end + 1 == len(self._markup):
            raise ParseError(f"Unclosed start tag at byte offset {offset}")
        return _decoded(self._markup[at + 1 : end]), end + 1

    def _end(self, tag: int) -> int:
        offset = self._bytes(tag)
        if not self._open:
            raise ParseError(f"Unexpected end tag at byte offset {offset}")
        end = self._until(tag + 2, _SPACE + ">")
        name = self._markup[tag + 2 : end].lower()
        at = self._past_spaces(end)
        if self._markup[at : at + 1] != ">":
            raise ParseError(f"Unclosed end tag at byte offset {offset}")
        opened = self._open.pop()
        if name not in ("", opened.name):
            raise ParseError(
                f"Unmatched end tag at byte offset {offset}, expected"
                f' "</{opened.name}>", found "</{name}>"'
            )
        if self._size > opened.offset:
            self.entities.append(self._entity(opened))
        return at + 1

    def _entity(self, opened: _Open) -> dict[str, Any] | None:
        entity: dict[str, Any] = {
            "type": _KINDS[opened.name],
            "offset": opened.offset,
            "length": self._size - opened.offset,
        }
        if opened.name == "blockquote" and opened.argument:
            entity["type"] = "expandable_blockquote"
        if opened.name != "a":
            return entity
        url = opened.argument or "".join(self.words[opened.at :])
        if user := user_of(url):
            return entity | {"type": "text_mention", "user": {"id": user}}
        return entity | {"url": url} if web_address(url) else None

    def _until(self, at: int, stops: str) -> int:
        while at < len(self._markup) and self._markup[at] not in stops:
            at += 1
        return at

    def _past_spaces(self, at: int) -> int:
        while at < len(self._markup) and self._markup[at] in _SPACE:
            at += 1
        return at

    def _bytes(self, at: int) -> int:
        return len(self._markup[:at].encode("utf-8", "replace"))


def user_of(url: str) -> int:
    """Whom a link of the form tg://user?id=… names, 0 for any other."""
    parts = _parts(url)
    if parts is None or parts.scheme != "tg" or parts.netloc != "user":
        return 0
    named = parse_qs(parts.query).get("id", [""])[0]
    return int(named) if named.isascii() and named.isdigit() else 0


def web_address(url: str) -> bool:
    """Whether Telegram links it: a host without a dot is none."""
    parts = _parts(url)
    if parts is None:
        return False
    host = parts.hostname or ""
    web = parts.scheme in ("http", "https") and ("." in host or ":" in host)
    return web or parts.scheme in ("tg", "ton")


def _parts(url: str) -> Any:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts


def _decoded(text: str) -> str:
    return _REFERENCE.sub(_character, text) if "&" in text else text


def _character(match: re.Match[str]) -> str:
    hexadecimal, decimal, name = match.groups()
    if name:
        return _NAMED.get(name, match[0])
    code = int(hexadecimal, 16) if hexadecimal else int(decimal)
    return chr(code) if 0 < code < 0x110000 else match[0]
