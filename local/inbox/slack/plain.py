"""A Slack message as plain text, and whom it pings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from local.inbox.slack.payload import Draft
from local.inbox.slack.refusal import Json

_ANGLED: Final = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")
_MARKS: Final = re.compile(
    r"(?<![\w\u034f])([*_~])(?=\S)([^\n]+?)(?<![\s\u034f])\1(?!\w)"
)
_UNSEEN: Final = re.compile("[\u034f\u200b]")


def plain_text(draft: Draft) -> str:
    """Every visible word in reading order, one part a line."""
    lines = [_block(block) for block in draft.blocks] or [shown(draft.text)]
    for one in draft.attachments:
        blocks = one.get("blocks")
        text = str(one.get("text") or one.get("fallback") or "")
        lines += [_block(block) for block in blocks] if blocks else [shown(text)]
    return "\n".join(line for line in lines if line)


def pings(draft: Draft) -> Json:
    """Who is pinged. A mention beside a bar may reach nobody: it counts all the same,
    since what is not meant should not be written."""
    text = "\n".join(draft.mrkdwn())
    words = [match[1] for match in _ANGLED.finditer(text)]
    return {
        "everyone": any(word in ("!channel", "!here", "!everyone") for word in words),
        "users": _named(words, "@"),
        "roles": _named(words, "!subteam^"),
        "silent": False,
        "looked": 0,
    }


def shown(mrkdwn: str) -> str:
    """A mrkdwn text as it reads."""
    text = _MARKS.sub(r"\2", _MARKS.sub(r"\2", mrkdwn.replace("```", "")))
    text = _UNSEEN.sub("", _ANGLED.sub(_inside, text))
    for entity, char in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(entity, char)
    return text.strip("\n")


def _inside(match: re.Match[str]) -> str:
    target, label = match[1], match[2]
    if target.startswith("!date^"):
        return label or target
    if target.startswith(("!", "@")):
        return "@" + target.lstrip("!@").removeprefix("subteam^")
    return f"{label} ({target})" if label else target


def _named(words: list[str], sign: str) -> list[str]:
    found = [w[len(sign) :] for w in words if w.startswith(sign)]
    return list(dict.fromkeys(found))


def _block(block: Json) -> str:
    return "\n".join(filter(None, _parts(block)))


def _parts(node: Json) -> Iterator[str]:
    text = node.get("text")
    if isinstance(text, str):
        yield text if node.get("type") == "plain_text" else shown(text)
    elif isinstance(text, dict):
        words = "".join(_parts(text))
        url = node.get("url")
        yield f"[{words}] ({url})" if url else words
    for one in node.get("fields", []):
        yield "".join(_parts(one)).replace("\n", ": ", 1)
    for one in node.get("elements", []):
        yield from _parts(one)
    if node.get("type") == "image":
        yield str(node.get("alt_text", ""))
