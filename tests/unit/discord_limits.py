"""Discord's documented limits, written down a second time, from the documentation.

https://docs.discord.com/developers/resources/message
https://docs.discord.com/developers/resources/webhook
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

KEYS = {
    "content",
    "username",
    "avatar_url",
    "embeds",
    "allowed_mentions",
    "components",
    "thread_name",
    "applied_tags",
}


def broken_limits(body: bytes) -> list[str]:
    """Every limit that the body of an execute call breaks; empty is good."""
    payload = json.loads(body.decode("utf-8"))
    wrong = [f"unknown key {key}" for key in payload.keys() - KEYS]
    wrong += _text("content", payload.get("content", "x"), 2000)
    wrong += _text("username", payload.get("username", "x"), 80)
    wrong += _text("thread_name", payload.get("thread_name", "x"), 100)
    embeds = payload.get("embeds", [])
    if not 1 <= len(embeds) <= 10:
        wrong.append(f"{len(embeds)} embeds")
    for index, embed in enumerate(embeds):
        wrong += [f"embed {index}: {fault}" for fault in _embed(embed)]
    total = sum(_size(embed) for embed in embeds)
    if total > 6000:
        wrong.append(f"{total} in all embeds")
    urls = [embed["url"] for embed in embeds if "url" in embed]
    if len(urls) != len(set(urls)):
        wrong.append("embeds with the same url")
    wrong += _components(payload.get("components", []))
    if "allowed_mentions" not in payload:
        wrong.append("no allowed_mentions")
    return wrong


def pinged(body: bytes) -> set[str]:
    """Whom Discord would ping: named in the content, and allowed."""
    payload = json.loads(body)
    content, allowed = payload.get("content", ""), payload["allowed_mentions"]
    parse = allowed.get("parse", [])
    reached = set()
    if "everyone" in parse:
        reached |= set(re.findall(r"@everyone|@here", content))
    for sign, kind, key in (("!?", "user", "users"), ("&", "role", "roles")):
        for found in re.findall(rf"<@{sign}(\d+)>", content):
            if key in parse or found in allowed.get(key, []):
                reached.add(f"{kind}:{found}")
    return reached


def _embed(embed: dict[str, Any]) -> list[str]:
    wrong = _text("title", embed.get("title", "x"), 256)
    wrong += _text("description", embed.get("description", "x"), 4096)
    wrong += _text("footer", embed.get("footer", {}).get("text", "x"), 2048)
    fields = embed.get("fields", [])
    if len(fields) > 25:
        wrong.append(f"{len(fields)} fields")
    for field in fields:
        wrong += _text("field name", field["name"], 256)
        wrong += _text("field value", field["value"], 1024)
    if not 0 <= embed.get("color", 0) <= 0xFFFFFF:
        wrong.append("colour")
    if "timestamp" in embed and datetime.fromisoformat(embed["timestamp"]).year > 3000:
        wrong.append("timestamp")
    for url in (embed.get("url"), embed.get("image", {}).get("url")):
        wrong += _url(url, 2048)
    if embed.get("description", "").count("```") % 2:
        wrong.append("a code block left open")
    return wrong


def _components(rows: list[dict[str, Any]]) -> list[str]:
    wrong = ["rows"] if len(rows) > 5 else []
    for row in rows:
        if not 1 <= len(row["components"]) <= 5:
            wrong.append("buttons in a row")
        for button in row["components"]:
            wrong += _text("button", button["label"], 80)
            if button["style"] == 5:
                wrong += _url(button["url"], 512)
            else:
                wrong += _text("custom_id", button["custom_id"], 100)
    return wrong


def _text(name: str, text: str, limit: int) -> list[str]:
    if not 1 <= len(text.strip()) <= len(text) <= limit:
        return [f"{name} of {len(text)}"]
    return []


def _url(url: str | None, limit: int) -> list[str]:
    if url is None:
        return []
    good = urlsplit(url).scheme in ("http", "https") and "." in urlsplit(url).netloc
    clean = re.fullmatch(r"[!-~]+", url) and not re.search(r'[<>"\\^`{|}]', url)
    return [] if good and clean and len(url) <= limit else [f"url {url[:60]}"]


def _size(embed: dict[str, Any]) -> int:
    texts = [embed.get("title"), embed.get("description")]
    texts.append(embed.get("footer", {}).get("text"))
    for field in embed.get("fields", []):
        texts += [field["name"], field["value"]]
    return sum(len(text) for text in texts if text)
