"""Destinations: put, deleted, tried, asked after. Secrets go in and never come out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from tocsin.configuring import Channels
from tocsin.desk import Desk, Upsert
from tocsin.errors import Conflict, Fault, Invalid, NotFound
from tocsin.live import wait_until_live
from tocsin.ports import Channel, Clock, HealthBook, Target, Vault
from tocsin.rules.policy import PLAIN_UPKEEP, Upkeep
from tocsin.settings import Destination, Settings, SigningSecret
from tocsin.validation import invalid
from tocsin.values import dataclass

# What we put into the vault ourselves, apart from what people keep there.
_HOSTED = frozenset({"http", "https", "ses", "smtp"})
_OURS = "put/"


def put_destination(
    name: str,
    channel: str,
    given: Mapping[str, Any],
    *,
    upkeep: Upkeep = PLAIN_UPKEEP,
    desk: Desk,
    vault: Vault,
    signing_vault: Vault,
    channels: Channels,
    clock: Clock,
) -> Destination:
    """Make or replace a destination; without a secret, the one it had is kept.

    Raises `Invalid` (the channel's own words) or `Conflict`.
    """
    settings, secret = channels(channel).split(given)
    known = desk.fresh().destinations
    _require_audit(name, upkeep, known)
    old = known.get(name)
    if secret:
        new = _with_secret(name, channel, settings, secret, vault, clock)
    elif old is not None and old.channel == channel:
        kept = (old.secret, old.secret_version, old.hint)
        new = Destination(name, channel, settings, *kept)
    else:
        reason = "its secret is missing: the `url` of most channels, a bot's `token`"
        raise Invalid(f"destination {name}: {reason}", [Fault("", reason)])
    signing = old.signing if old is not None and old.channel == channel else ()
    new = replace(new, upkeep=upkeep, signing=signing)
    try:
        desk.put_destination(Upsert(old, new))
    except Conflict:
        if secret:
            vault.drop(new.secret)
        raise
    wait_until_live(clock)
    if old is not None and old.secret != new.secret:
        _drop(old, vault)
    if old is not None and not signing:
        forget(old.signing, signing_vault)
    return new


def delete_destination(
    name: str, *, desk: Desk, vault: Vault, signing_vault: Vault, clock: Clock
) -> Destination:
    """Delete it and its secrets. Raises `NotFound`; `Conflict` while it is used."""
    settings = desk.fresh()
    old = named(name, settings)
    users = list(_users(name, settings))
    if users:
        raise Conflict(
            f"destination {name} is used by {', '.join(users)}; change this first"
            " (PUT /v1/config, or PUT /v1/destinations/… for an audit)"
        )
    desk.delete_destination(old)
    wait_until_live(clock)
    _drop(old, vault)
    forget(old.signing, signing_vault)
    return old


def forget(secrets: Iterable[SigningSecret], signing_vault: Vault) -> None:
    """Nothing is signed with these any more."""
    for each in secrets:
        signing_vault.drop(each.secret)


def named(name: str, settings: Settings) -> Destination:
    """The destination. Raises `NotFound` telling which there are."""
    found = settings.destinations.get(name)
    if found is None:
        known = ", ".join(sorted(settings.destinations)) or "none yet"
        raise NotFound(f"no destination has this name; there are: {known}")
    return found


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A destination with what is needed to talk to it."""

    channel: Channel
    target: Target


def reach(
    name: str,
    *,
    settings: Settings,
    vault: Vault,
    channels: Channels,
    health: HealthBook,
) -> Endpoint:
    """Raises `NotFound` (the destination, or its secret) or `Unavailable`."""
    destination = named(name, settings)
    secret = vault.secret(destination) if destination.secret else ""
    learnt = health.health([name])[name].learnt
    hears = bool(destination.signing)
    target = Target(name, destination.settings, secret, learnt, hears=hears)
    return Endpoint(channels(destination.channel), target)


def _require_audit(name: str, upkeep: Upkeep, known: Mapping[str, Destination]) -> None:
    """A mirror needs somebody else to mirror to."""
    audit = upkeep.audit_to
    if audit is None or (audit in known and audit != name):
        return
    others = ", ".join(sorted(known.keys() - {name})) or "none yet"
    reason = f"should name another destination; there are: {others}"
    raise invalid([Fault("audit_to", reason)])


def _users(name: str, settings: Settings) -> Iterator[str]:
    """Who would miss it."""
    for route in settings.config.routes:
        if any(name == used for _, used in route.named_destinations()):
            yield f"the route {route.name}"
    if any(name == used for _, used in settings.config.defaults.named_destinations()):
        yield "the defaults"
    for other in settings.destinations.values():
        if other.upkeep.audit_to == name:
            yield f"the audit of {other.name}"


def _with_secret(
    name: str,
    channel: str,
    settings: Mapping[str, Any],
    secret: str,
    vault: Vault,
    clock: Clock,
) -> Destination:
    """Every secret has a place of its own: a write that loses or crashes half-way
    leaves the old one working, and no cache can take one for the other."""
    version = clock.now()
    reference = vault.put(f"{_OURS}{name}/{version}", secret)
    return Destination(name, channel, settings, reference, version, hint_of(secret))


def _drop(old: Destination, vault: Vault) -> None:
    if old.secret.startswith(f"{_OURS}{old.name}/"):
        vault.drop(old.secret)


def hint_of(secret: str) -> str:
    """Which secret it is, for people: host and first number of an address, no more; of
    a scheme in which a token may stand for the host, the scheme."""
    try:
        parts = urlsplit(secret)
    except ValueError:
        return "set"
    if not parts.hostname:
        return "set"
    if parts.scheme not in _HOSTED:
        return parts.scheme
    numbers = [part for part in parts.path.split("/") if part.isdigit()]
    return " ".join([parts.hostname, *numbers[:1]])
