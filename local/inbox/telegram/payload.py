"""The parameters of a call: JSON, form or query; read strictly."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import web

from local.inbox.shelf import Upload
from local.inbox.store import Json
from local.inbox.telegram.entities import ParseError, parse, units, web_address
from local.inbox.telegram.refusal import Refusal, bad

TEXT: Final = 4096
CAPTION: Final = 1024
GROUP: Final = (2, 10)
PHOTO: Final = 10_000_000
FILE: Final = 50_000_000
PHOTOS: Final = ("image/png", "image/jpeg", "image/webp")
BUTTONS: Final = 100
PER_ROW: Final = 8
KEYBOARD: Final = 10_000
_KNOWN: Final = frozenset(
    {"chat_id", "message_id", "message_thread_id", "text", "parse_mode", "entities"}
    | {"link_preview_options", "disable_notification", "protect_content"}
    | {"reply_parameters", "reply_markup", "media"}
)
_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f]|[\u2028-\u202e]")
# Telegram finds these by itself, outside of code.
_LIVE: Final = re.compile(
    r"(?<!\w)(?P<mention>@[A-Za-z0-9_]{2,32})\b"
    r"|(?<![\w/<>])(?P<bot_command>/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?)(?![\w/<>])"
)


@dataclass(slots=True)
class Draft:
    """The words of a message as they will be shown."""

    text: str
    entities: list[Json]
    keyboard: list[list[Json]]
    warnings: list[str] = field(default_factory=list)


async def read_parameters(request: web.Request) -> tuple[Json, dict[str, Upload]]:
    """(all that was given, wherever, the files). What is not readable counts as not
    given."""
    given: Json = dict(request.query)
    if request.content_type == "application/json":
        try:
            body = json.loads(await request.read() or b"{}")
        except ValueError:
            body = {}
        return given | (body if isinstance(body, dict) else {}), {}
    files: dict[str, Upload] = {}
    for key, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            content = value.file.read()
            files[key] = Upload(value.filename, value.content_type, content)
        else:
            given[key] = str(value)
    return given, files


def read_files(method: str, given: Json, files: dict[str, Upload]) -> list[Upload]:
    """What sendPhoto, sendDocument or sendMediaGroup brings. Raises Refusal."""
    if method != "sendmediagroup":
        kind = method.removeprefix("send")
        if kind not in files:
            raise bad(f"there is no {kind} in the request")
        return [_checked(kind, files[kind])]
    media = _json(given.get("media"))
    if not isinstance(media, list) or not GROUP[0] <= len(media) <= GROUP[1]:
        raise bad("media group must include 2-10 items")
    kinds = {str(one.get("type")) for one in media}
    if len(kinds) > 1 or not kinds <= {"photo", "document"}:
        raise bad("media of different types cannot be sent as an album")
    found = []
    for one in media:
        name = str(one.get("media", "")).removeprefix("attach://")
        if name not in files:
            raise bad("wrong file identifier/HTTP URL specified")
        found.append(_checked(str(one["type"]), files[name]))
    return found


def _checked(kind: str, upload: Upload) -> Upload:
    if not upload.content:
        raise bad("file must be non-empty")
    if kind == "photo" and upload.kind not in PHOTOS:
        raise bad("IMAGE_PROCESS_FAILED")
    if len(upload.content) > (PHOTO if kind == "photo" else FILE):
        raise Refusal(413, "Request Entity Too Large")
    return upload


def read_caption(given: Json) -> Draft:
    """The same of a file: it may say nothing. Raises Refusal."""
    moved = {("text" if key == "caption" else key): told for key, told in given.items()}
    if not str(given.get("caption") or "").strip():
        return Draft("", [], _keyboard(given.get("reply_markup")))
    draft = read_message(moved)
    if units(draft.text) > CAPTION:
        raise bad("message caption is too long")
    return draft


def read_message(given: Json) -> Draft:
    """Text, looks and buttons of sendMessage or editMessageText. Raises Refusal."""
    text, entities = _formatted(given)
    text, entities = _trimmed(text, entities)
    if not text:
        raise bad("message text is empty")
    if units(text) > TEXT:
        raise bad("message is too long")
    unknown = sorted(given.keys() - _KNOWN)
    return Draft(
        text,
        sorted(
            [*entities, *_found(text, entities)], key=lambda one: int(one["offset"])
        ),
        _keyboard(given.get("reply_markup")),
        [f"ignored: {name}" for name in unknown],
    )


def flag(given: Json, name: str) -> bool:
    """Whether a switch is on."""
    return str(given.get(name, "")).lower() in ("true", "1")


def _formatted(given: Json) -> tuple[str, list[Json]]:
    text = given.get("text")
    if not isinstance(text, str):
        return "", []
    if text.encode("utf-8", "replace") != text.encode("utf-8", "surrogatepass"):
        raise bad("strings must be encoded in UTF-8")
    text = _CONTROL.sub(lambda found: " " if found[0] < "\x7f" else "", text)
    mode = str(given.get("parse_mode") or "")
    if not mode:
        return text, _given_entities(given.get("entities"), text)
    if mode.lower() != "html":
        raise bad("unsupported parse_mode")
    try:
        parsed = parse(text)
    except ParseError as error:
        raise bad(f"can't parse entities: {error}") from None
    return parsed.text, parsed.entities


def _given_entities(given: object, text: str) -> list[Json]:
    entities = _json(given) or []
    if not isinstance(entities, list):
        raise bad("can't parse MessageEntity: expected an array")
    for one in entities:
        if not isinstance(one, dict) or not {"type", "offset", "length"} <= set(one):
            raise bad("can't parse MessageEntity: Can't find field")
        if one["offset"] + one["length"] > units(text):
            raise bad("entity ends after the end of the text")
    return entities


def _trimmed(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """Without the white space around it, which nobody would see."""
    ahead = units(text) - units(text.lstrip())
    kept = text.strip()
    size = units(kept)
    moved = []
    for one in entities:
        start = max(0, one["offset"] - ahead)
        end = min(size, one["offset"] + one["length"] - ahead)
        if end > start:
            moved.append({**one, "offset": start, "length": end - start})
    return kept, moved


def _found(text: str, entities: list[Json]) -> list[Json]:
    """Mentions and commands, unless they stand in code or in a link."""
    closed = [
        (one["offset"], one["offset"] + one["length"])
        for one in entities
        if one["type"] in ("code", "pre", "text_link", "text_mention")
    ]
    found = []
    for match in _LIVE.finditer(text):
        start, length = units(text[: match.start()]), units(match[0])
        if not any(start < end and start + length > first for first, end in closed):
            found.append({"type": match.lastgroup, "offset": start, "length": length})
    return found


def _keyboard(given: object) -> list[list[Json]]:
    markup = _json(given)
    if markup is None:
        return []
    rows = markup.get("inline_keyboard") if isinstance(markup, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad("object expected as reply markup")
    buttons = [_button(button) for row in rows for button in row]
    size = len(json.dumps(markup, ensure_ascii=False).encode("utf-8", "replace"))
    wide = any(len(row) > PER_ROW for row in rows)
    if len(buttons) > BUTTONS or wide or size > KEYBOARD:
        raise bad("reply markup is too long")
    return [row for row in rows if row]


def _button(button: object) -> Json:
    if not isinstance(button, dict) or not str(button.get("text") or "").strip():
        raise bad('can\'t parse inline keyboard button: Field "text" must be non-empty')
    url, data = button.get("url"), button.get("callback_data")
    if (url is None) == (data is None):
        raise bad("text buttons are unallowed in the inline keyboard")
    if url is not None and not web_address(str(url)):
        raise bad(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
    if data is not None and not 1 <= len(str(data).encode()) <= 64:
        raise bad("BUTTON_DATA_INVALID")
    return button


def _json(given: object) -> Any:
    """A parameter that is JSON in JSON, or JSON in a string."""
    if not isinstance(given, str):
        return given
    try:
        return json.loads(given)
    except ValueError:
        raise bad("can't parse reply keyboard markup JSON object") from None
