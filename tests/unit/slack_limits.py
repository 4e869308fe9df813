"""Slack's limits, written down a second time, from the documentation.

https://docs.slack.dev/reference/block-kit/blocks
https://docs.slack.dev/reference/methods/chat.postMessage
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

KEYS = {
    "text",
    "blocks",
    "attachments",
    "unfurl_links",
    "unfurl_media",
    "parse",
    "link_names",
}
BOT_KEYS = {"channel", "thread_ts", "username", "icon_emoji", "icon_url"}
ANGLED = re.compile(r"<([^<>]*)>")


def broken_limits(body: bytes, *, bot: bool = False) -> list[str]:
    """Every limit that the body of a post breaks; empty is good."""
    payload = json.loads(body.decode("utf-8"))
    wrong = [f"key {k}" for k in payload.keys() - KEYS - (BOT_KEYS if bot else set())]
    for name in ("unfurl_links", "unfurl_media", "link_names"):
        wrong += [name] if payload.get(name) is not False else []
    wrong += ["parse"] if payload.get("parse") != "none" else []
    wrong += _length("text", payload["text"], 4000)
    attachments = payload["attachments"]
    if len(attachments) > 20:
        wrong.append(f"{len(attachments)} attachments")
    blocks = list(payload["blocks"])
    for attachment in attachments:
        wrong += [] if attachment.keys() == {"color", "blocks"} else ["attachment"]
        wrong += [] if re.fullmatch("#[0-9A-F]{6}", attachment["color"]) else ["color"]
        if not 1 <= len(attachment["blocks"]) <= 20:
            wrong.append(f"{len(attachment['blocks'])} blocks in an attachment")
        blocks += attachment["blocks"]
    if not 1 <= len(blocks) <= 50:
        wrong.append(f"{len(blocks)} blocks")
    for block in blocks:
        wrong += _block(block)
    total = sum(len(text) for block in blocks for text in _strings(block))
    if total > 12_000:
        wrong.append(f"{total} in all blocks")
    for text in texts(payload):
        wrong += _escapes(text)
    return wrong


def texts(payload: dict[str, Any]) -> list[str]:
    """Every text that Slack would parse."""
    found = [payload["text"]]
    for block in all_blocks(payload):
        objects = [block.get("text"), *block.get("fields", [])]
        objects += block["elements"] if block["type"] == "context" else []
        found += [one["text"] for one in objects if one and one["type"] == "mrkdwn"]
    return found


def all_blocks(payload: dict[str, Any]) -> list[dict[str, Any]]:
    """Those above the bars and those beside them."""
    inner = [attachment["blocks"] for attachment in payload["attachments"]]
    return [*payload["blocks"], *(block for blocks in inner for block in blocks)]


def pinged(body: bytes) -> set[str]:
    """Whom Slack would ping."""
    found = set()
    for text in texts(json.loads(body)):
        for inside in ANGLED.findall(text):
            word = inside.split("|")[0]
            if word in ("!channel", "!everyone"):
                found.add("@everyone")
            elif word == "!here":
                found.add("@here")
            elif word.startswith("@"):
                found.add(f"user:{word[1:]}")
            elif word.startswith("!subteam^"):
                found.add(f"role:{word[9:]}")
    return found


def _block(block: dict[str, Any]) -> list[str]:
    kind = block["type"]
    if kind == "section":
        fields = block.get("fields", [])
        wrong = ["empty section"] if not fields and "text" not in block else []
        wrong += _text(block["text"], 3000) if "text" in block else []
        wrong += ["fields"] if len(fields) > 10 else []
        return wrong + [w for one in fields for w in _text(one, 2000)]
    if kind == "context":
        elements = block["elements"]
        wrong = [] if 1 <= len(elements) <= 10 else ["context"]
        return wrong + [w for one in elements for w in _text(one, 2000)]
    if kind == "actions":
        elements = block["elements"]
        wrong = [] if 1 <= len(elements) <= 25 else ["actions"]
        return wrong + [w for one in elements for w in _button(one)]
    return [f"block {kind}"]


def _button(button: dict[str, Any]) -> list[str]:
    label = button["text"]
    wrong = [] if button["type"] == "button" else ["no button"]
    wrong += [] if label["type"] == "plain_text" else ["label"]
    wrong += _length("label", label["text"], 75)
    if "url" not in button:  # one that acts is known again by its value
        wrong += _length("action_id", button["action_id"], 255)
        return wrong + _length("value", button["value"], 2000)
    parts = urlsplit(button["url"])
    good = parts.scheme in ("http", "https") and "." in parts.netloc
    return wrong + ([] if good and len(button["url"]) <= 3000 else ["button's url"])


def _text(one: dict[str, Any], limit: int) -> list[str]:
    wrong = _length("text object", one["text"], limit)
    if one["type"] == "mrkdwn" and one.get("verbatim") is not True:
        wrong.append("Slack would look for mentions by itself")
    return wrong


def _length(name: str, text: str, limit: int) -> list[str]:
    if not 1 <= len(text.strip()) <= len(text) <= limit:
        return [f"{name} of {len(text)}"]
    return []


def _escapes(text: str) -> list[str]:
    wrong = [f"bare &: {text[:40]}"] if re.search(r"&(?!amp;|lt;|gt;)", text) else []
    good = re.compile(r"https?://|!date\^\d+\^|!channel$|!here$|@[UW]|!subteam")
    found = ANGLED.findall(text)
    wrong += [f"<{inside[:40]}>" for inside in found if not good.match(inside)]
    rest = ANGLED.sub("", text)
    wrong += ["a bare <"] if "<" in rest else []
    wrong += ["an odd number of fences"] if text.count("```") % 2 else []
    return wrong


def _strings(node: object) -> Iterator[str]:
    """Every text and address of a block."""
    if isinstance(node, dict):
        for name, child in node.items():
            if name in ("text", "url", "alt_text") and isinstance(child, str):
                yield child
            else:
                yield from _strings(child)
    elif isinstance(node, list):
        for child in node:
            yield from _strings(child)
