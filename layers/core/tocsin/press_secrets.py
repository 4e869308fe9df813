"""Press secrets: with what a provider signs presses of a destination's buttons.

While a destination has one, its messages have buttons that act; without, they have
links. Write-only, and two at a time, so that a secret can be changed without a gap.
"""

from __future__ import annotations

from dataclasses import replace

from tocsin.configuring import Channels
from tocsin.desk import Desk, Upsert
from tocsin.destinations import forget, named
from tocsin.errors import Conflict, Fault, Invalid
from tocsin.live import wait_until_live
from tocsin.ports import Clock, Presser, Vault
from tocsin.settings import Destination, SigningSecret

LIVE_SECRETS = 2
_OURS = "presses"


def put_secret(
    name: str,
    secret: str,
    *,
    desk: Desk,
    vault: Vault,
    channels: Channels,
    clock: Clock,
) -> Destination:
    """From now on presses signed with it count; a second one is live beside the first.

    Raises `NotFound`, `Invalid` (the channel's own words) or `Conflict`.
    """
    old = named(name, desk.fresh())
    channel = channels(old.channel)
    if not isinstance(channel, Presser):
        raise Invalid(*_without_buttons(old.channel))
    channel.check_signing(old.settings, secret)
    if len(old.signing) >= LIVE_SECRETS:
        raise Conflict(
            f"{name} has two secrets already; once nothing signs with the older one:"
            f" POST /v1/destinations/{name}/signature/revoke"
        )
    # A place of its own for each: a write that loses leaves the others working.
    made_at = clock.now()
    place = f"{_OURS}/{name}/{made_at}-{clock.entropy().hex()}"
    made = SigningSecret(name, vault.put(place, secret), made_at)
    new = replace(old, signing=(*old.signing, made))
    try:
        desk.put_destination(Upsert(old, new))
    except Conflict:
        vault.drop(made.secret)
        raise
    wait_until_live(clock)
    return new


def revoke_older(name: str, *, desk: Desk, vault: Vault, clock: Clock) -> Destination:
    """Keep the newest only. Raises `NotFound` or `Conflict`."""
    old = named(name, desk.fresh())
    if len(old.signing) < LIVE_SECRETS:
        raise Conflict(f"{name} has no older secret that presses are signed with")
    return _keep(old, old.signing[-1:], desk=desk, vault=vault, clock=clock)


def take_away(name: str, *, desk: Desk, vault: Vault, clock: Clock) -> Destination:
    """Links again instead of buttons. Raises `NotFound` or `Conflict`."""
    old = named(name, desk.fresh())
    if not old.signing:
        return old
    return _keep(old, (), desk=desk, vault=vault, clock=clock)


def _keep(
    old: Destination,
    kept: tuple[SigningSecret, ...],
    *,
    desk: Desk,
    vault: Vault,
    clock: Clock,
) -> Destination:
    new = replace(old, signing=kept)
    desk.put_destination(Upsert(old, new))
    wait_until_live(clock)
    forget([each for each in old.signing if each not in kept], vault)
    return new


def _without_buttons(channel: str) -> tuple[str, list[Fault]]:
    reason = f"the buttons of {channel} lead to links: there is nothing to sign"
    if channel == "discord":
        reason = "Discord signs with its application's key: put its public_key instead"
    return reason, [Fault("", reason)]
