"""Reception: who posts to a hook is found out, then what was posted is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from tocsin.credentials import credential
from tocsin.errors import NotFound, Unauthorized, Unavailable
from tocsin.gatekeeper import Gatekeeper
from tocsin.intake.batch import Batch
from tocsin.intake.hooks import Call, reader_of
from tocsin.intake.signatures import Signed, verify
from tocsin.keys import require
from tocsin.ports import Clock, Vault
from tocsin.settings import Scope, Source
from tocsin.values import dataclass


@dataclass(frozen=True, slots=True)
class Hook:
    """A call of `POST /v1/hooks/{adapter}[/{token}]`; header names in lower case."""

    adapter: str
    token: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    query: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Reception:
    """What came, and from whom. `digest` is of what was signed; "" = nothing was."""

    source: Source
    batch: Batch
    digest: str = ""


def receive(
    hook: Hook, *, gatekeeper: Gatekeeper, vault: Vault, clock: Clock
) -> Reception:
    """Identify, verify, read; nothing is read for a stranger.

    Raises one of `Refused`, or `Unavailable`.
    """
    source, signed = identify(hook, gatekeeper=gatekeeper, vault=vault, clock=clock)
    options = source.options.get(hook.adapter, {})
    headers = signed.headers if signed else hook.headers
    call = Call(headers, hook.body, hook.query, options)
    batch = reader_of(hook.adapter)(call)
    return Reception(source, batch, signed.digest if signed else "")


def identify(
    hook: Hook, *, gatekeeper: Gatekeeper, vault: Vault, clock: Clock
) -> tuple[Source, Signed | None]:
    """Who calls, and what was signed, where the source signs.

    Raises `Unauthorized`, `Forbidden` or `Unavailable`.
    """
    source = _source(hook, gatekeeper)
    require(source, Scope.INGEST)
    return source, _signed(source, hook, vault, clock)


def _source(hook: Hook, gatekeeper: Gatekeeper) -> Source:
    """By key. Who signs may be called by name in the path, since most who sign can send
    no key, and a name in an address that is shown around gives nothing away."""
    found = gatekeeper.known(credential(hook.headers, hook.token))
    if found is None and hook.token:
        named = gatekeeper.named(hook.token)
        found = named if named is not None and named.signature else None
    if found is None:
        raise Unauthorized("this key is not known")
    return found


def _signed(source: Source, hook: Hook, vault: Vault, clock: Clock) -> Signed | None:
    if source.signature is None:
        return None
    try:
        secrets = [vault.secret(each) for each in source.signature.secrets]
    except NotFound as error:
        raise Unavailable(f"a signing secret of {source.name} is missing") from error
    scheme = source.signature.scheme
    return verify(scheme, hook.headers, hook.body, secrets, clock.now())
