"""Signing: how a source's calls must be signed, and with which secrets. Write-only."""

from __future__ import annotations

from dataclasses import replace

from tocsin.desk import Desk
from tocsin.errors import Conflict
from tocsin.live import wait_until_live
from tocsin.ports import Clock, Vault
from tocsin.settings import Scope, Signature, SigningSecret, Source
from tocsin.sources import drop_secrets, named

LIVE_SECRETS = 2


def sign_source(
    name: str, scheme: str, secret: str, *, desk: Desk, vault: Vault, clock: Clock
) -> Source:
    """From now on its calls must be signed. A second secret of the same scheme is live
    beside the first; another scheme takes the place of all.

    Raises `NotFound` or `Conflict`.
    """
    old = named(name, desk.fresh())
    if old.scopes != {Scope.INGEST}:
        raise Conflict(f"{name} may do more than ingest, and signs hooks only")
    kept = old.signature if old.signature and old.signature.scheme == scheme else None
    secrets = kept.secrets if kept else ()
    if len(secrets) >= LIVE_SECRETS:
        raise Conflict(
            f"{name} has two secrets already; once nobody signs with the older one:"
            f" POST /v1/sources/{name}/signature/revoke"
        )
    # A place of its own for each: a write that loses leaves the others working.
    made_at = clock.now()
    reference = vault.put(f"{name}/{made_at}-{clock.entropy().hex()}", secret)
    made = SigningSecret(name, reference, made_at)
    new = replace(old, signature=Signature(scheme, (*secrets, made)))
    try:
        desk.put_source(new, old=old)
    except Conflict:
        vault.drop(reference)
        raise
    wait_until_live(clock)
    if kept is None:
        drop_secrets(old.signature, vault)
    return new


def revoke_old_secret(name: str, *, desk: Desk, vault: Vault, clock: Clock) -> Source:
    """Keep the newest secret only. Raises `NotFound` or `Conflict`."""
    old = named(name, desk.fresh())
    if old.signature is None or len(old.signature.secrets) < LIVE_SECRETS:
        raise Conflict(f"{name} has no older secret to sign with")
    *gone, newest = old.signature.secrets
    new = replace(old, signature=replace(old.signature, secrets=(newest,)))
    desk.put_source(new, old=old)
    wait_until_live(clock)
    drop_secrets(Signature(old.signature.scheme, tuple(gone)), vault)
    return new


def unsign_source(name: str, *, desk: Desk, vault: Vault, clock: Clock) -> Source:
    """A key is enough again, and the secrets are forgotten. Raises `NotFound` or
    `Conflict`."""
    old = named(name, desk.fresh())
    new = replace(old, signature=None)
    if old.signature is not None:
        desk.put_source(new, old=old)
        wait_until_live(clock)
        drop_secrets(old.signature, vault)
    return new
