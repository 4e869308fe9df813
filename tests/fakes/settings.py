"""Settings and secrets in dicts: what DynamoDB, SSM and Secrets Manager do for us."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tests.fakes.ledger import FakeHealthBook
from tocsin.desk import EDITIONS_KEPT, NO_EDITION, Edition, Upsert
from tocsin.errors import Conflict, Invalid, NotFound, Outdated
from tocsin.ports import HealthBook, Holder
from tocsin.rules.config import Config
from tocsin.rules.silencing import Silence
from tocsin.settings import Destination, Settings, Source


class FakeSettings:
    """`ports.SettingsBook` and `desk.Desk`. Never stale: nothing is cached."""

    def __init__(
        self, settings: Settings | None = None, health: HealthBook | None = None
    ) -> None:
        self.settings = settings or Settings(Config(), NO_EDITION)
        self.kept: list[Edition] = []
        self.health = health

    def current(self) -> Settings:
        return self.settings

    def fresh(self) -> Settings:
        return self.settings

    def put_config(
        self,
        config: Config,
        edition: Edition,
        *,
        after: str,
        upserts: Sequence[Upsert] = (),
    ) -> str:
        if after != self.settings.etag:
            raise Outdated("another routing file was put live meanwhile")
        for upsert in upserts:
            self._check(upsert)
        etag = str(int(after) + 1)
        for upsert in upserts:
            self.put_destination(upsert)
        self.settings = replace(self.settings, config=config, etag=etag)
        self.kept = [replace(edition, etag=etag), *self.kept][:EDITIONS_KEPT]
        return etag

    def editions(self, limit: int = EDITIONS_KEPT) -> list[Edition]:
        return self.kept[:limit]

    def put_destination(self, upsert: Upsert) -> None:
        self._check(upsert)
        new = upsert.new
        self._destinations({**self.settings.destinations, new.name: new})
        self._forget(new.name)

    def delete_destination(self, old: Destination) -> None:
        self._check(Upsert(old, old))
        left = {**self.settings.destinations}
        del left[old.name]
        self._destinations(left)
        self._forget(old.name)

    def put_source(self, new: Source, *, old: Source | None) -> None:
        if self.settings.sources.get(new.name) != old:
            raise Conflict(f"source {new.name}: it changed")
        self._sources({**self.settings.sources, new.name: new})

    def delete_source(self, old: Source, *, remains: Source | None) -> None:
        known = self.settings.sources
        if known.get(old.name) != old:
            raise Conflict(f"source {old.name}: it changed")
        if remains is not None and known.get(remains.name) != remains:
            raise Conflict(f"source {old.name}: it changed")
        self._sources({name: each for name, each in known.items() if name != old.name})

    def put_silence(self, new: Silence) -> None:
        known = self.settings.silences
        if any(each.id == new.id for each in known):
            raise Conflict(f"silence {new.id}: it changed")
        listed = sorted([*known, new], key=lambda each: each.id)
        self.settings = replace(self.settings, silences=tuple(listed))

    def delete_silence(self, old: Silence) -> None:
        left = tuple(each for each in self.settings.silences if each.id != old.id)
        if left == self.settings.silences:
            raise Conflict(f"silence {old.id}: it changed")
        self.settings = replace(self.settings, silences=left)

    def _check(self, upsert: Upsert) -> None:
        if self.settings.destinations.get(upsert.new.name) != upsert.old:
            raise Conflict(f"destination {upsert.new.name}: it changed")

    def _destinations(self, known: dict[str, Destination]) -> None:
        self.settings = replace(self.settings, destinations=known)

    def _sources(self, known: dict[str, Source]) -> None:
        self.settings = replace(self.settings, sources=known)

    def _forget(self, name: str) -> None:
        if isinstance(self.health, FakeHealthBook):
            self.health.known.pop(name, None)


class FakeVault:
    """`ports.Vault`."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def secret(self, holder: Holder) -> str:
        if holder.secret not in self.kept:
            raise NotFound(f"{holder.name} has no secret")
        return self.kept[holder.secret]

    def put(self, name: str, secret: str) -> str:
        if len(secret.encode()) > 4096:
            raise Invalid("a secret can hold at most 4096 bytes")
        self.kept[name] = secret
        return name

    def drop(self, reference: str) -> None:
        self.kept.pop(reference, None)


class FakeFirstKeys:
    """`gatekeeper.FirstKeys` of a stack whose keys are adopted already."""

    def __init__(self, book: FakeSettings) -> None:
        self.book = book
        self.asked = 0

    def adopt(self) -> Settings:
        self.asked += 1
        return self.book.fresh()
