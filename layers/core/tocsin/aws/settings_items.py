"""Settings as items: each value is one JSON document, which is also what is compared.

The hot read is one Query over the partition CONFIG, so the history of the routing file
lives in a partition of its own.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable
from dataclasses import asdict, fields
from functools import lru_cache
from typing import Any

from pydantic import ValidationError

from tocsin.aws.items import Item, key, number, text
from tocsin.desk import NO_EDITION, Edition
from tocsin.errors import Unavailable
from tocsin.rules.config import Config
from tocsin.rules.criteria import Match
from tocsin.rules.policy import Upkeep
from tocsin.rules.silencing import Recurring, Silence
from tocsin.settings import (
    Destination,
    Key,
    Scope,
    Settings,
    Signature,
    SigningSecret,
    Source,
)

PARTITION = "CONFIG"
HISTORY = "CONFIG_HISTORY"
ROUTING = "ROUTING"
_DESTINATION = "DESTINATION#"
_SOURCE = "SOURCE#"
_SILENCE = "SILENCE#"
_DAY = 86_400
_ALWAYS = ("name", "scopes", "keys")
_KEPT = ("name", "channel", "settings", "secret", "secret_version", "hint")


def encode(value: Destination | Source) -> str:
    """The document of a value: canonical, so that equal values are equal texts.

    What is not asked for is left out: a row from before it could be asked for is still
    the text of the value read from it.
    """
    plain = asdict(value)
    if isinstance(value, Destination):
        plain["upkeep"] = value.upkeep.dump()
        plain = {name: each for name, each in plain.items() if each or name in _KEPT}
    if isinstance(value, Source):
        plain["scopes"] = sorted(value.scopes)
        plain = {name: each for name, each in plain.items() if each or name in _ALWAYS}
    return json.dumps(plain, sort_keys=True, separators=(",", ":"))


def key_of(value: Destination | Source | Silence) -> Item:
    """Where a value is kept."""
    if isinstance(value, Silence):
        return key(PARTITION, _SILENCE + value.id)
    prefix = _DESTINATION if isinstance(value, Destination) else _SOURCE
    return key(PARTITION, prefix + value.name)


def silence_item(silence: Silence) -> Item:
    """A silence, which leaves the table a day after its end."""
    recurring = silence.recurring
    plain = {
        **{field.name: getattr(silence, field.name) for field in fields(silence)},
        "match": silence.match.model_dump(mode="json", exclude_unset=True),
        "recurring": recurring and recurring.model_dump(mode="json", by_alias=True),
    }
    item = {**key_of(silence), "document": text(json.dumps(plain, sort_keys=True))}
    if silence.ends_at is not None:
        item["expires"] = number(silence.ends_at // 1000 + _DAY)
    return item


def settings_of(items: Iterable[Item], known: Settings | None) -> Settings:
    """One snapshot. Of `known`, the routing file is kept when its ETag is the same."""
    config, etag = Config(), NO_EDITION
    destinations: dict[str, Destination] = {}
    sources: dict[str, Source] = {}
    silences: list[Silence] = []
    for item in items:
        sort = item["sk"]["S"]
        if sort == ROUTING:
            etag = item["version"]["N"]
            unchanged = known is not None and known.etag == etag
            config = known.config if known and unchanged else _config(item)
        elif sort.startswith(_DESTINATION):
            destination = _destination(json.loads(item["document"]["S"]))
            destinations[destination.name] = destination
        elif sort.startswith(_SOURCE):
            source = _source(json.loads(item["document"]["S"]))
            sources[source.name] = source
        elif sort.startswith(_SILENCE):
            silences.append(_silence(item["document"]["S"]))
    return Settings(config, etag, destinations, sources, tuple(silences))


def routing_item(config: Config, version: int) -> Item:
    """The routing file as the functions read it: JSON, without its history."""
    document = json.dumps(config.dump(), ensure_ascii=False, separators=(",", ":"))
    return {
        **key(PARTITION, ROUTING),
        "document": text(document),
        "version": number(version),
    }


def edition_key(version: int) -> Item:
    """Editions sort by their version."""
    return key(HISTORY, f"{version:010d}")


def edition_item(edition: Edition, version: int) -> Item:
    """The routing file in its own words, packed, since people write comments."""
    return {
        **edition_key(version),
        "text": {"B": zlib.compress(edition.text.encode())},
        "media": text(edition.media),
        "actor": text(edition.actor),
        "at": number(edition.at),
    }


def edition_of(item: Item) -> Edition:
    """The edition that was kept."""
    packed: bytes = item["text"]["B"]
    return Edition(
        text=zlib.decompress(packed).decode(),
        media="yaml" if item["media"]["S"] == "yaml" else "json",
        actor=item["actor"]["S"],
        at=int(item["at"]["N"]),
        etag=str(int(item["sk"]["S"])),
    )


def _config(item: Item) -> Config:
    try:
        return Config.model_validate_json(item["document"]["S"])
    except ValidationError as error:
        # Written by a newer version: to guess would be to route wrongly.
        raise Unavailable("the stored routing file is not readable") from error


def _destination(plain: dict[str, Any]) -> Destination:
    upkeep = Upkeep.model_validate(plain.pop("upkeep", {}))
    signing = tuple(SigningSecret(**each) for each in plain.pop("signing", ()))
    return Destination(**plain, upkeep=upkeep, signing=signing)


@lru_cache(maxsize=512)
def _silence(document: str) -> Silence:
    """Read once, since what is made ready for matching is kept with it."""
    plain = json.loads(document)
    recurring = plain["recurring"]
    try:
        plain["match"] = Match.model_validate(plain["match"])
        plain["recurring"] = recurring and Recurring.model_validate(recurring)
        return Silence(**plain)
    except (TypeError, ValidationError) as error:
        raise Unavailable("a stored silence is not readable") from error


def _source(plain: dict[str, Any]) -> Source:
    return Source(
        name=plain["name"],
        scopes=frozenset(Scope(scope) for scope in plain["scopes"]),
        keys=tuple(Key(**each) for each in plain["keys"]),
        types=tuple(plain.get("types", ())),
        rate=plain.get("rate", 0),
        signature=_signature(plain["signature"]) if "signature" in plain else None,
        options=plain.get("options", {}),
    )


def _signature(plain: dict[str, Any]) -> Signature:
    secrets = tuple(SigningSecret(**each) for each in plain["secrets"])
    return Signature(plain["scheme"], secrets)
