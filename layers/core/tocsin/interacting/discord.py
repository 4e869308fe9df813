"""Discord: presses and commands, signed with the key of an application.

Whoever has the address of one of its webhooks can post a button of any name there: so a
press acts only on what was told in its own channel.
"""

from __future__ import annotations

from typing import Any

from tocsin.channels.discord import interactions as discord
from tocsin.delivery import Delivery
from tocsin.errors import Unauthorized
from tocsin.intake.asymmetric import ed25519_fits, is_ed25519_key
from tocsin.interacting.came import Came
from tocsin.pressing import press
from tocsin.searching import Wanted, search
from tocsin.settings import Settings

TOLERANCE_S = 300
LOOKED_BACK_MS = 30 * 86_400_000
_READ = 200


def interact(call: Came) -> dict[str, Any]:
    """See `interacting.interact`."""
    among = _signed_for(call)
    came = discord.read(call.body)
    if came.ping:
        return discord.pong()
    if came.pressed:
        return _pressed(came, among, call)
    if came.command == "tocsin status":
        return discord.told(_status(came.place, among, call))
    return discord.told(discord.UNKNOWN)


def _pressed(
    came: discord.Interaction, among: frozenset[str], call: Came
) -> dict[str, Any]:
    def here(delivery: Delivery) -> bool:
        """In the channel or thread where it stands, where that was told."""
        return not delivery.place or delivery.place == came.place

    actor, means = came.actor, call.means
    why = press(came.pressed, actor=actor, among=among, means=means, here=here)
    return discord.told(why) if why else discord.accepted()


def _signed_for(call: Came) -> frozenset[str]:
    """The destinations whose application signed these very bytes, just now."""
    told = call.headers.get(discord.TIMESTAMP, "")
    if not (told.isascii() and told.isdigit() and len(told) <= 12):
        raise Unauthorized("the signed time is missing, or no number of seconds")
    if abs(call.now // 1000 - int(told)) > TOLERANCE_S:
        raise Unauthorized("the signed time is more than five minutes off")
    signature = _bytes_of(call.headers.get(discord.SIGNATURE, ""))
    content = told.encode() + call.body
    keys = _keys(call.settings)
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


def _status(place: str, among: frozenset[str], call: Came) -> str:
    """What is open, of what was told in this channel: others hear nothing of it."""
    since = call.now - LOOKED_BACK_MS
    wanted = Wanted(since, call.now + 1, states=frozenset({"firing"}))
    found, cursor = search(wanted, limit=_READ, cursor="", archive=call.archive)
    here = [
        row
        for row in found
        if any(
            row.deliveries[name].place == place
            for name in among & row.deliveries.keys()
        )
    ]
    return discord.listed(here, more=bool(cursor))
