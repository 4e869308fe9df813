"""Settings: what operators decided about routes, destinations and sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from typing import Any

from tocsin.rules.config import Config
from tocsin.rules.deciding import Rules
from tocsin.rules.policy import PLAIN_UPKEEP, Upkeep
from tocsin.rules.silencing import Silence
from tocsin.values import dataclass


class Scope(StrEnum):
    """What a key may do. `admin` includes `operate`; nothing includes `ingest`."""

    INGEST = "ingest"
    OPERATE = "operate"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class SigningSecret:
    """A secret that somebody signs calls to us with. It lives elsewhere, under
    `secret`; `name` is the source's or the destination's, `secret_version` the moment
    it was put (ms)."""

    name: str
    secret: str
    secret_version: int


@dataclass(frozen=True, slots=True)
class Destination:
    """A named endpoint of one channel. Its secret lives elsewhere, under `secret`;
    `secret_version` is raised when the secret changes, so that caches notice;
    `hint` tells people which secret it is, without telling the secret; `upkeep` is how
    we serve it, which its channel never hears of; `signing` are one or two live secrets
    (for rotation) with which its provider signs presses of buttons."""

    name: str
    channel: str
    settings: Mapping[str, Any]
    secret: str = ""
    secret_version: int = 0
    hint: str = ""
    upkeep: Upkeep = PLAIN_UPKEEP
    signing: tuple[SigningSecret, ...] = ()


@dataclass(frozen=True, slots=True)
class Key:
    """A key as we keep it: SHA-256 in hex, and its first characters as a hint."""

    digest: str
    hint: str
    made_at: int


@dataclass(frozen=True, slots=True)
class Signature:
    """How a source's calls must be signed: one or two live secrets (for rotation)."""

    scheme: str
    secrets: tuple[SigningSecret, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """Who may call us: a name, scopes, and one or two live keys (for rotation).

    types      globs of the event types it may send; none = any
    rate       events it may send in a minute; 0 = no limit
    signature  how its calls must be signed; None = the key is enough
    options    what adapters are told about its calls, by adapter
    """

    name: str
    scopes: frozenset[Scope]
    keys: tuple[Key, ...]
    types: tuple[str, ...] = ()
    rate: int = 0
    signature: Signature | None = None
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def bounded(self) -> bool:
        """Whether more is asked of its events than a key."""
        return bool(self.types or self.rate or self.signature)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything at one moment. `etag` names the version of the routing file."""

    config: Config
    etag: str = ""
    destinations: Mapping[str, Destination] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)
    silences: tuple[Silence, ...] = ()

    def rules(self, factor: float = 1.0) -> Rules:
        """What deciding needs of them. `factor`: how much faster its clocks run."""
        upkeeps = {name: each.upkeep for name, each in self.destinations.items()}
        return Rules(self.config, upkeeps, self.silences, factor)
