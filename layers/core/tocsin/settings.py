"""Settings: what operators decided about routes, destinations and sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tocsin.rules.config import Config


class Scope(StrEnum):
    """What a key may do. `admin` includes `operate`; nothing includes `ingest`."""

    INGEST = "ingest"
    OPERATE = "operate"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Destination:
    """A named endpoint of one channel. Its secret lives elsewhere, under `secret`;
    `secret_version` is raised when the secret changes, so that caches notice;
    `hint` tells people which secret it is, without telling the secret."""

    name: str
    channel: str
    settings: Mapping[str, Any]
    secret: str = ""
    secret_version: int = 0
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Key:
    """A key as we keep it: SHA-256 in hex, and its first characters as a hint."""

    digest: str
    hint: str
    made_at: int


@dataclass(frozen=True, slots=True)
class Source:
    """Who may call us: a name, scopes, and one or two live keys (for rotation)."""

    name: str
    scopes: frozenset[Scope]
    keys: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything at one moment. `etag` names the version of the routing file."""

    config: Config
    etag: str = ""
    destinations: Mapping[str, Destination] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)
