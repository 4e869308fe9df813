"""Interacting: presses and commands that providers pass on, checked, done, answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tocsin.acknowledge import Means
from tocsin.channels.discord import interactions as discord
from tocsin.errors import NotFound, Unauthorized
from tocsin.intake.asymmetric import ed25519_fits, is_ed25519_key
from tocsin.ports import Archive, SettingsBook
from tocsin.pressing import press
from tocsin.searching import Wanted, search
from tocsin.settings import Settings

TOLERANCE_S = 300
LOOKED_BACK_MS = 30 * 86_400_000
_READ = 200


def interact(
    channel: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    settings: SettingsBook,
    archive: Archive,
    means: Means,
) -> dict[str, Any]:
    """The answer to POST /v1/interactions/{channel}; header names in lower case.

    Raises `NotFound`, `Unauthorized`, `Malformed` or `Unavailable`.
    """
    if channel != "discord":
        raise NotFound("no interactions are taken here; there are: discord")
    now, current = means.clock.now(), settings.current()
    among = _signed_for(headers, body, current, now)
    came = discord.read(body)
    if came.ping:
        return discord.pong()
    if came.pressed:
        why = press(came.pressed, actor=came.actor, among=among, means=means)
        return discord.told(why) if why else discord.accepted()
    if came.command == "tocsin status":
        return discord.told(_status(came.place, among, archive, now))
    return discord.told(discord.UNKNOWN)


def _signed_for(
    headers: Mapping[str, str], body: bytes, settings: Settings, now: int
) -> frozenset[str]:
    """The destinations whose application signed these very bytes, just now."""
    told = headers.get(discord.TIMESTAMP, "")
    if not (told.isascii() and told.isdigit() and len(told) <= 12):
        raise Unauthorized("the signed time is missing, or no number of seconds")
    if abs(now // 1000 - int(told)) > TOLERANCE_S:
        raise Unauthorized("the signed time is more than five minutes off")
    signature = _bytes_of(headers.get(discord.SIGNATURE, ""))
    content = told.encode() + body
    keys = _keys(settings)
    fitting = {key for key in set(keys.values()) if _fits(key, signature, content)}
    if not fitting:
        raise Unauthorized("the signature fits no application's public_key")
    return frozenset(name for name, key in keys.items() if key in fitting)


def _keys(settings: Settings) -> dict[str, str]:
    """The public keys, by destination."""
    return {
        name: each.settings["public_key"]
        for name, each in settings.destinations.items()
        if each.channel == "discord" and each.settings.get("public_key")
    }


def _fits(key: str, signature: bytes, content: bytes) -> bool:
    known = _bytes_of(key)
    return is_ed25519_key(known) and ed25519_fits(known, signature, content)


def _bytes_of(told: str) -> bytes:
    try:
        return bytes.fromhex(told)
    except ValueError:
        return b""


def _status(place: str, among: frozenset[str], archive: Archive, now: int) -> str:
    """What is open, of what was told in this channel: others hear nothing of it."""
    wanted = Wanted(now - LOOKED_BACK_MS, now + 1, states=frozenset({"firing"}))
    found, cursor = search(wanted, limit=_READ, cursor="", archive=archive)
    here = [
        row
        for row in found
        if any(
            row.deliveries[name].place == place
            for name in among & row.deliveries.keys()
        )
    ]
    return discord.listed(here, more=bool(cursor))
