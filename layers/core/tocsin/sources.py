"""Sources: made, rotated, bounded, deleted. A key is shown once, when it is made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from tocsin.desk import Desk
from tocsin.errors import Conflict, NotFound
from tocsin.keys import make_key
from tocsin.live import wait_until_live
from tocsin.ports import Clock, Vault
from tocsin.settings import Key, Scope, Settings, Signature, Source

LIVE_KEYS = 2


def create_source(
    name: str, scopes: Iterable[Scope], *, desk: Desk, clock: Clock
) -> tuple[Source, str]:
    """(the source, its key). Raises `Conflict` when the name is taken."""
    if name in desk.fresh().sources:
        raise Conflict(f"a source is already named {name}; rotate its key instead")
    text, key = _new_key(clock)
    source = Source(name, frozenset(scopes), (key,))
    desk.put_source(source, old=None)
    wait_until_live(clock)
    return source, text


def rotate_key(name: str, *, desk: Desk, clock: Clock) -> tuple[Source, str]:
    """Give it a second key, beside the first. Raises `NotFound` or `Conflict`."""
    old = named(name, desk.fresh())
    if len(old.keys) >= LIVE_KEYS:
        raise Conflict(
            f"{name} has two keys already; once nobody uses the older one:"
            f" POST /v1/sources/{name}/revoke"
        )
    text, key = _new_key(clock)
    new = replace(old, keys=(*old.keys, key))
    desk.put_source(new, old=old)
    wait_until_live(clock)
    return new, text


def revoke_old_key(name: str, *, desk: Desk, clock: Clock) -> Source:
    """Keep the newest key only. Raises `NotFound`; `Conflict` when it has but one."""
    old = named(name, desk.fresh())
    if len(old.keys) < LIVE_KEYS:
        raise Conflict(f"{name} has one key only; rotate first, or delete the source")
    new = replace(old, keys=old.keys[-1:])
    desk.put_source(new, old=old)
    wait_until_live(clock)
    return new


def bound_source(
    name: str, bounds: Mapping[str, Any], *, desk: Desk, clock: Clock
) -> Source:
    """Change its `types`, `rate` or `options`. Raises `NotFound` or `Conflict`."""
    old = named(name, desk.fresh())
    new = replace(old, **bounds)
    desk.put_source(new, old=old)
    wait_until_live(clock)
    return new


def delete_source(name: str, *, desk: Desk, vault: Vault, clock: Clock) -> Source:
    """Delete it, its keys and what it signs with.

    Raises `NotFound`, or `Conflict` for the last admin.
    """
    settings = desk.fresh()
    old = named(name, settings)
    remains = None
    if Scope.ADMIN in old.scopes:
        remains = _other_admin(old, settings)
        if remains is None:
            raise Conflict(f"{name} is the last source that can administer")
    desk.delete_source(old, remains=remains)
    wait_until_live(clock)
    drop_secrets(old.signature, vault)
    return old


def named(name: str, settings: Settings) -> Source:
    """The source. Raises `NotFound`."""
    found = settings.sources.get(name)
    if found is None:
        raise NotFound("no source has this name")
    return found


def drop_secrets(signature: Signature | None, vault: Vault) -> None:
    """Forget the secrets of a signature that is no longer asked for."""
    for each in signature.secrets if signature else ():
        vault.drop(each.secret)


def _new_key(clock: Clock) -> tuple[str, Key]:
    return make_key(clock.entropy() + clock.entropy(), clock.now())


def _other_admin(source: Source, settings: Settings) -> Source | None:
    return next(
        (
            other
            for other in settings.sources.values()
            if other.name != source.name and Scope.ADMIN in other.scopes
        ),
        None,
    )
