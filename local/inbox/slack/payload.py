"""What a post says: read strictly, refused in Slack's words.

https://docs.slack.dev/reference/methods/chat.postMessage
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from local.inbox.slack.blocks import ATTACHMENT_BLOCKS, BLOCKS, faults_of
from local.inbox.slack.refusal import Json, Refusal

TEXT: Final = 40_000
ATTACHMENTS: Final = 100
BLOCK_SUM: Final = 13_200
TS: Final = re.compile(r"\d{10}\.\d{6}", re.ASCII)
_KNOWN: Final = {
    "text",
    "blocks",
    "attachments",
    "unfurl_links",
    "unfurl_media",
    "metadata",
    "parse",
    "link_names",
    "mrkdwn",
}
_OF_BOTS: Final = {
    "channel",
    "ts",
    "thread_ts",
    "reply_broadcast",
    "username",
    "icon_emoji",
    "icon_url",
}


@dataclass(slots=True)
class Draft:
    """A message that Slack takes. `warnings` are mistakes that it forgives."""

    text: str
    blocks: list[Json]
    attachments: list[Json]
    warnings: list[str] = field(default_factory=list)

    def mrkdwn(self) -> list[str]:
        """Every text in which Slack would look for mentions, as it is shown."""
        inner = [block for one in self.attachments for block in one.get("blocks", [])]
        found = [] if self.blocks else [self.text]
        for block in (*self.blocks, *inner):
            objects = [block.get("text"), *block.get("fields", [])]
            objects += block.get("elements", []) if block["type"] == "context" else []
            found += [o["text"] for o in objects if o and o.get("type") == "mrkdwn"]
        found += [str(one.get("text", "")) for one in self.attachments]
        return [text for text in found if text]


def read(body: Json, *, bot: bool) -> Draft:
    """Check a post. Raises Refusal."""
    if not bot and "channel" in body:
        raise Refusal("channel_not_found")
    text = body.get("text") or ""
    blocks, attachments = body.get("blocks") or [], body.get("attachments") or []
    if not isinstance(text, str) or not isinstance(attachments, list):
        raise Refusal("invalid_payload" if not bot else "invalid_arguments")
    if not text.strip() and not blocks and not attachments:
        raise Refusal("no_text")
    _check_blocks(blocks)
    _check_attachments(attachments)
    draft = Draft(text[:TEXT], blocks, attachments)
    _check_sum(draft)
    draft.warnings += _warnings(body, text, bot=bot)
    return draft


def thread_of(body: Json) -> str | None:
    """The ts of the thread that is answered. Raises Refusal."""
    ts = body.get("thread_ts")
    if ts is not None and (not isinstance(ts, str) or not TS.fullmatch(ts)):
        raise Refusal("invalid_thread_ts")
    return ts


def _check_blocks(blocks: object) -> None:
    faults = list(faults_of(blocks, BLOCKS))
    if faults:
        raise Refusal("invalid_blocks", *faults)


def _check_attachments(attachments: list[Json]) -> None:
    if len(attachments) > ATTACHMENTS:
        raise Refusal("too_many_attachments")
    for index, one in enumerate(attachments):
        path = f"/attachments/{index}/blocks"
        if not isinstance(one, dict):
            raise Refusal("invalid_attachments", f"must be an object [{path}]")
        if "blocks" in one:
            faults = list(faults_of(one["blocks"], ATTACHMENT_BLOCKS, path))
            if faults or not one["blocks"]:
                raise Refusal("invalid_attachments", *faults)
        elif not one.get("text") and not one.get("fallback"):
            raise Refusal("no_text")
    count = sum(len(one.get("blocks", [])) for one in attachments)
    if count > BLOCKS:
        raise Refusal("invalid_attachments", f"{count} blocks in all attachments")


def _check_sum(draft: Draft) -> None:
    blocks = [*draft.blocks, *(one.get("blocks") for one in draft.attachments)]
    if sum(map(len, _strings(blocks))) > BLOCK_SUM:
        raise Refusal("msg_blocks_too_long")


def _strings(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        for name, child in node.items():
            if name in ("text", "url", "image_url") and isinstance(child, str):
                yield child
            else:
                yield from _strings(child)
    elif isinstance(node, list):
        for child in node:
            yield from _strings(child)


def _warnings(body: Json, text: str, *, bot: bool) -> Iterator[str]:
    known = _KNOWN | _OF_BOTS if bot else _KNOWN
    for name in sorted(body.keys() - known):
        yield f"ignored: {name}"
    if len(text) > TEXT:
        yield f"text is cut at {TEXT} characters"
    if not text.strip():
        yield "no top-level text: lists and screen readers have nothing to show"
    if body.get("link_names"):
        yield "link_names is on: words of strangers can mention people"
    if body.get("parse") == "full":
        yield "parse is full: words of strangers can mention people"
