"""Embeds: their limits, and the form in which Discord keeps and returns them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from local.inbox.discord.form import WEB_OR_ATTACHMENT, Form, Json, Path

EMBEDS: Final = 10
TOTAL: Final = 6000
TITLE: Final = 256
DESCRIPTION: Final = 4096
FIELDS: Final = 25
FIELD_NAME: Final = 256
FIELD_VALUE: Final = 1024
FOOTER: Final = 2048
AUTHOR: Final = 256
COLOUR_MAX: Final = 0xFFFFFF

_EMBED_KEYS: Final = frozenset(
    [
        "title",
        "type",
        "description",
        "url",
        "timestamp",
        "color",
        "footer",
        "image",
        "thumbnail",
        "author",
        "fields",
        "video",
        "provider",
        "flags",
    ]
)
_FIELD_KEYS: Final = frozenset({"name", "value", "inline"})


def read_embeds(form: Form, path: Path, value: object) -> list[Json]:
    """Check all embeds of a message and return them as Discord would keep them."""
    embeds = [read_embed(form, p, e) for p, e in form.records(path, value, EMBEDS)]
    if sum(embed_size(embed) for embed in embeds) > TOTAL:
        told = f"Embed size exceeds maximum size of {TOTAL}"
        form.refuse(path, "MAX_EMBED_SIZE_EXCEEDED", told)
    return _without_doubles(form, [e for e in embeds if _shown(form, e)])


def embed_size(embed: Json) -> int:
    """What counts towards the 6000: words only, no addresses and no times."""
    words = [embed.get("title"), embed.get("description")]
    words += [embed.get("footer", {}).get("text"), embed.get("author", {}).get("name")]
    for field in embed.get("fields", []):
        words += [field["name"], field["value"]]
    return sum(len(word) for word in words if word)


def read_embed(form: Form, path: Path, given: Json) -> Json:
    """Check one embed."""
    form.unknown(path, given, _EMBED_KEYS)
    embed: Json = {
        "type": "rich",
        "title": form.text((*path, "title"), given.get("title"), TITLE),
        "description": form.text(
            (*path, "description"), given.get("description"), DESCRIPTION
        ),
        "url": form.url((*path, "url"), given.get("url")),
        "color": form.integer((*path, "color"), given.get("color"), 0, COLOUR_MAX),
        "timestamp": _timestamp(form, (*path, "timestamp"), given.get("timestamp")),
        "fields": _fields(form, (*path, "fields"), given.get("fields")),
        "author": _author(form, (*path, "author"), given.get("author")),
        "footer": _footer(form, (*path, "footer"), given.get("footer")),
        "image": _picture(form, (*path, "image"), given.get("image")),
        "thumbnail": _picture(form, (*path, "thumbnail"), given.get("thumbnail")),
    }
    return {key: part for key, part in embed.items() if part not in (None, [], {})}


def _fields(form: Form, path: Path, value: object) -> list[Json]:
    fields = []
    for here, given in form.records(path, value, FIELDS):
        form.unknown(here, given, _FIELD_KEYS)
        name = form.text((*here, "name"), given.get("name"), FIELD_NAME, required=True)
        words = form.text(
            (*here, "value"), given.get("value"), FIELD_VALUE, required=True
        )
        inline = form.boolean((*here, "inline"), given.get("inline"))
        fields.append({"name": name or "", "value": words or "", "inline": inline})
    return fields


def _author(form: Form, path: Path, value: object) -> Json | None:
    given = form.record(path, value)
    if not given:
        return None
    author = {
        "name": form.text((*path, "name"), given.get("name"), AUTHOR, required=True),
        "url": form.url((*path, "url"), given.get("url")),
        "icon_url": form.url(
            (*path, "icon_url"), given.get("icon_url"), WEB_OR_ATTACHMENT
        ),
    }
    return {key: part for key, part in author.items() if part is not None}


def _footer(form: Form, path: Path, value: object) -> Json | None:
    given = form.record(path, value)
    if not given:
        return None
    footer = {
        "text": form.text((*path, "text"), given.get("text"), FOOTER, required=True),
        "icon_url": form.url(
            (*path, "icon_url"), given.get("icon_url"), WEB_OR_ATTACHMENT
        ),
    }
    return {key: part for key, part in footer.items() if part is not None}


def _picture(form: Form, path: Path, value: object) -> Json | None:
    given = form.record(path, value)
    if not given:
        return None
    url = form.url((*path, "url"), given.get("url"), WEB_OR_ATTACHMENT)
    if url is None:
        form.required((*path, "url"))
    return {"url": url}


def _timestamp(form: Form, path: Path, value: object) -> str | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        told = f"Could not parse {value}. Should be ISO8601."
        form.refuse(path, "DATE_TIME_TYPE_PARSE", told)
        return None
    if moment.tzinfo is None:
        form.warn("an embed's timestamp names no zone and is read as UTC")
        moment = moment.replace(tzinfo=UTC)
    return moment.isoformat()


def _shown(form: Form, embed: Json) -> bool:
    if embed.keys() - {"type", "color", "url", "timestamp"}:
        return True
    form.warn("an embed without words or pictures is not shown")
    return False


def _without_doubles(form: Form, embeds: list[Json]) -> list[Json]:
    seen: set[str] = set()
    kept = []
    for embed in embeds:
        url = embed.get("url")
        if url in seen:
            form.warn("of several embeds with the same url only the first is shown")
            continue
        if url:
            seen.add(url)
        kept.append(embed)
    return kept
