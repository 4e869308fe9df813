"""Telegram's HTML as the provider reads it, written down a second time for the tests.

https://core.telegram.org/bots/api#html-style
"""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

KEYS = {
    "chat_id",
    "message_thread_id",
    "text",
    "parse_mode",
    "link_preview_options",
    "reply_parameters",
    "disable_notification",
    "reply_markup",
}
TAG = re.compile(
    r'<(?P<open>b|i|s|code|pre|blockquote)>|<blockquote expandable>|<a href="(?P<href>[^"<>]*)">'
    r"|</(?P<close>b|i|s|code|pre|blockquote|a)>"
)
REFERENCE = re.compile(r"&(?:amp|lt|gt|quot);")
MENTION = re.compile(
    r"(?<![^\W])@[A-Za-z0-9_]{2,32}|(?<=[^\x00-\x7f])@[A-Za-z0-9_]{2,32}"
)
COMMAND = re.compile(r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?![\w/<>])")


@dataclass
class Read:
    """What a reader gets: words, and stretches of them with a look."""

    text: str = ""
    entities: list[tuple[str, int, int]] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def read(markup: str) -> Read:
    """Parse it; `wrong` says what Telegram would not take."""
    found, stack, at = Read(), list[tuple[str, int]](), 0
    for match in TAG.finditer(markup):
        _words(found, markup[at : match.start()])
        at = match.end()
        if (name := match["close"]) is not None:
            opened, start = stack.pop() if stack else ("nothing", 0)
            if opened != name:
                found.wrong.append(f"</{name}> closes {opened}")
            found.entities.append((opened, start, len(found.text)))
            continue
        if match["href"] is not None:
            found.links.append(html.unescape(match["href"]))
        name = "a" if match["href"] is not None else match["open"] or "blockquote"
        if {opened for opened, _ in stack} & {"pre", "code", name}:
            found.wrong.append(f"<{name}> inside {stack}")
        stack.append((name, len(found.text)))
    _words(found, markup[at:])
    found.wrong += [f"<{name}> stays open" for name, _ in stack]
    return found


def broken_limits(body: bytes) -> list[str]:
    """Every limit that the body of a sendMessage call breaks; empty is good."""
    payload = json.loads(body.decode("utf-8"))
    wrong = [f"unknown key {key}" for key in payload.keys() - KEYS]
    seen = seen_of(payload)
    wrong += seen.wrong
    size = len(seen.text.strip().encode("utf-16-le")) // 2
    if not 1 <= size <= 4096:
        wrong.append(f"{size} units")
    if len(seen.entities) > 100:
        wrong.append(f"{len(seen.entities)} entities")
    if not payload["link_preview_options"]["is_disabled"]:
        wrong.append("a preview")
    wrong += [f"link to {link}" for link in seen.links if not _good(link)]
    return wrong + _keyboard(payload.get("reply_markup", {}))


def seen_of(payload: dict[str, Any]) -> Read:
    """The text of a payload as it is read."""
    if payload.get("parse_mode") == "HTML":
        return read(payload["text"])
    return Read(payload["text"])


def pinged(body: bytes) -> set[str]:
    """Whom Telegram would call: by id, or by a name or command left live."""
    seen = seen_of(json.loads(body))
    users = (link.removeprefix("tg://user?id=") for link in seen.links)
    reached = {f"user:{user}" for user in users if user.isdigit()}
    words = list(seen.text)
    for name, start, end in seen.entities:
        if name in ("pre", "code"):
            words[start:end] = " " * (end - start)
    text = "".join(words)
    return reached | set(MENTION.findall(text)) | set(COMMAND.findall(text))


def _words(found: Read, text: str) -> None:
    if re.search('[<>"]', text):
        found.wrong.append(f"not escaped: {text[:80]}")
    if "&" in REFERENCE.sub("", text):
        found.wrong.append(f"not a reference: {text[:80]}")
    found.text += html.unescape(text)


def _good(link: str) -> bool:
    if re.fullmatch(r"tg://user\?id=\d+", link):
        return True
    parts = urlsplit(link)
    return parts.scheme in ("http", "https") and "." in (parts.hostname or "")


def _keyboard(markup: dict[str, Any]) -> list[str]:
    rows = markup.get("inline_keyboard", [])
    wrong = [f"a row of {len(row)}" for row in rows if not 1 <= len(row) <= 8]
    buttons = [button for row in rows for button in row]
    wrong += ["too many buttons"] if len(buttons) > 100 else []
    wrong += ["too large a keyboard"] if _size(markup) > 10_000 else []
    for button in buttons:
        if set(button) == {"text", "callback_data"} and button["text"].strip():
            if not 1 <= len(button["callback_data"].encode()) <= 64:
                wrong.append(f"button named {button['callback_data']}")
            continue
        if set(button) != {"text", "url"} or not button["text"].strip():
            wrong.append(f"button {button}")
        if not _good(button["url"]) or button["url"].startswith("tg:"):
            wrong.append(f"button to {button['url']}")
    return wrong


def _size(markup: dict[str, Any]) -> int:
    return len(json.dumps(markup, ensure_ascii=False).encode("utf-8", "replace"))
