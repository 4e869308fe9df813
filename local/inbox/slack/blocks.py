"""Blocks: the kinds a message may hold, and the limits of each.

https://docs.slack.dev/reference/block-kit/blocks
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final
from urllib.parse import urlsplit

from local.inbox.slack.refusal import Json

BLOCKS: Final = 50
ATTACHMENT_BLOCKS: Final = 20
SECTION: Final = 3000
FIELDS: Final = 10
FIELD: Final = 2000
HEADER: Final = 150
CONTEXT: Final = 10
ACTIONS: Final = 25
LABEL: Final = 75
URL: Final = 3000
ALT: Final = 2000
ID: Final = 255
VALUE: Final = 2000
_STYLES: Final = ("primary", "danger")

Faults = Iterator[str]


def faults_of(blocks: object, limit: int, path: str = "/blocks") -> Faults:
    """What is wrong with a list of blocks, each with its JSON pointer."""
    if not isinstance(blocks, list):
        yield _told("must be an array", path)
        return
    if len(blocks) > limit:
        yield _told(f"no more than {limit} items allowed", path)
    seen: set[str] = set()
    for index, block in enumerate(blocks):
        here = f"{path}/{index}"
        if not isinstance(block, dict):
            yield _told("must be an object", here)
            continue
        yield from _block(block, here)
        name = block.get("block_id")
        if isinstance(name, str) and name in seen:
            yield _told("block_id already exists", f"{here}/block_id")
        seen.add(str(name))


def _block(block: Json, path: str) -> Faults:
    read = _KINDS.get(str(block.get("type")))
    if read is None:
        yield _told(f"unsupported type: {block.get('type')}", f"{path}/type")
        return
    if len(str(block.get("block_id", ""))) > ID:
        yield _told(f"must be less than {ID + 1} characters", f"{path}/block_id")
    yield from read(block, path)


def _section(block: Json, path: str) -> Faults:
    fields = block.get("fields")
    if block.get("text") is None and not fields:
        yield _told("missing required field: text", path)
    if block.get("text") is not None:
        yield from _text(block["text"], SECTION, f"{path}/text")
    for here, field in _items(fields, f"{path}/fields"):
        yield from _text(field, FIELD, here)
    if isinstance(fields, list) and len(fields) > FIELDS:
        yield _told(f"no more than {FIELDS} items allowed", f"{path}/fields")


def _header(block: Json, path: str) -> Faults:
    yield from _text(block.get("text"), HEADER, f"{path}/text", plain=True)


def _context(block: Json, path: str) -> Faults:
    elements = block.get("elements")
    yield from _count(elements, CONTEXT, f"{path}/elements")
    for here, one in _items(elements, f"{path}/elements"):
        if isinstance(one, dict) and one.get("type") == "image":
            yield from _image(one, here)
        else:
            yield from _text(one, SECTION, here)


def _actions(block: Json, path: str) -> Faults:
    elements = block.get("elements")
    yield from _count(elements, ACTIONS, f"{path}/elements")
    seen: set[str] = set()
    for here, one in _items(elements, f"{path}/elements"):
        if not isinstance(one, dict) or one.get("type") != "button":
            yield _told("unsupported type", f"{here}/type")
            continue
        yield from _button(one, here)
        name = str(one.get("action_id", ""))
        if name and name in seen:
            yield _told("action_id already exists", f"{here}/action_id")
        seen.add(name)


def _button(button: Json, path: str) -> Faults:
    yield from _text(button.get("text"), LABEL, f"{path}/text", plain=True)
    if button.get("url") is not None:
        yield from _url(button["url"], f"{path}/url")
    for name, limit in (("action_id", ID), ("value", VALUE)):
        if len(str(button.get(name, ""))) > limit:
            yield _told(f"must be less than {limit + 1} characters", f"{path}/{name}")
    if button.get("style") not in (None, *_STYLES):
        yield _told(f"must be one of {', '.join(_STYLES)}", f"{path}/style")


def _image(block: Json, path: str) -> Faults:
    yield from _url(block.get("image_url"), f"{path}/image_url")
    alt = block.get("alt_text")
    if not isinstance(alt, str) or len(alt) > ALT:
        yield _told(f"must be a text of at most {ALT}", f"{path}/alt_text")


def _divider(_block: Json, _path: str) -> Faults:
    yield from ()


def _text(one: object, limit: int, path: str, *, plain: bool = False) -> Faults:
    if not isinstance(one, dict):
        yield _told("must provide an object", path)
        return
    kinds = ("plain_text",) if plain else ("plain_text", "mrkdwn")
    if one.get("type") not in kinds:
        yield _told(f"must be one of {', '.join(kinds)}", f"{path}/type")
    text = one.get("text")
    if not isinstance(text, str) or not text:
        yield _told("must be more than 0 characters", f"{path}/text")
    elif len(text) > limit:
        yield _told(f"must be less than {limit + 1} characters", f"{path}/text")
    allowed = {
        "type",
        "text",
        "emoji" if one.get("type") == "plain_text" else "verbatim",
    }
    for name in sorted(one.keys() - allowed):
        yield _told("no such field", f"{path}/{name}")


def _url(url: object, path: str) -> Faults:
    good = isinstance(url, str) and 0 < len(url) <= URL
    try:
        parts = urlsplit(str(url))
        good = good and parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        good = False
    if not good or "." not in str(parts.hostname):
        yield _told("invalid url", path)


def _count(items: object, limit: int, path: str) -> Faults:
    if not isinstance(items, list) or not items:
        yield _told("must have at least 1 item", path)
    elif len(items) > limit:
        yield _told(f"no more than {limit} items allowed", path)


def _items(items: object, path: str) -> Iterator[tuple[str, Any]]:
    for index, one in enumerate(items if isinstance(items, list) else ()):
        yield f"{path}/{index}", one


def _told(what: str, path: str) -> str:
    return f"{what} [json-pointer:{path}]"


_KINDS: Final[dict[str, Callable[[Json, str], Faults]]] = {
    "section": _section,
    "header": _header,
    "context": _context,
    "actions": _actions,
    "image": _image,
    "divider": _divider,
}
