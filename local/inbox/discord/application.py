"""The application that made a webhook: it signs presses with a key of its own.

https://docs.discord.com/developers/interactions/overview
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from local.inbox.discord.hooks import GUILD, Hooks
from local.inbox.pressing import FAILED, NoSuchButton, Pressed, post, shown
from local.inbox.store import Arrival

ID: Final = "1400000000000000001"
USER: Final = "1500000000000000001"
INTERACTIONS: Final = "/v1/interactions/discord"
# The same after every restart, and of no use anywhere else.
_KEY: Final = Ed25519PrivateKey.from_private_bytes(
    hashlib.sha256(b"the application of the local inbox").digest()
)
_COMPONENT, _BUTTON = 3, 2
_MESSAGE = 4


class Application:
    """The one application there is. `api` gives where the stack's API answers."""

    def __init__(self, hooks: Hooks, api: Callable[[], str]) -> None:
        self._hooks = hooks
        self._api = api

    @property
    def told(self) -> dict[str, str]:
        """What its page General Information shows."""
        key = _KEY.public_key().public_bytes_raw().hex()
        return {"application_id": ID, "public_key": key}

    async def press(self, arrival: Arrival, button: str, user: str) -> Pressed:
        """Tell the API, signed."""
        if button not in _custom_ids(shown(arrival)):
            raise NoSuchButton
        body = json.dumps(self._interaction(arrival, button, user)).encode()
        at = str(int(time.time()))
        headers = {
            "Content-Type": "application/json",
            "X-Signature-Timestamp": at,
            "X-Signature-Ed25519": _KEY.sign(at.encode() + body).hex(),
        }
        status, told = await post(self._api() + INTERACTIONS, body, headers)
        if status != 200 or not isinstance(told, dict):
            return Pressed(status, FAILED)
        words = told["data"]["content"] if told.get("type") == _MESSAGE else ""
        return Pressed(status, str(words))

    def _interaction(self, arrival: Arrival, button: str, user: str) -> dict[str, Any]:
        thread = (arrival.thread or {}).get("id")
        who = {"id": USER, "username": user, "global_name": user, "discriminator": "0"}
        return {
            "id": str(time.time_ns()),
            "application_id": ID,
            "type": _COMPONENT,
            "token": "of-a-press-in-the-inbox",
            "version": 1,
            "guild_id": GUILD,
            "channel_id": thread or self._hooks.channel_of(arrival.webhook),
            "data": {"custom_id": button, "component_type": _BUTTON},
            "member": {"user": who, "roles": [], "permissions": "0"},
            "message": {"id": arrival.id},
        }


def _custom_ids(node: Any) -> set[str]:
    """Every button of the message that acts, however deep."""
    if isinstance(node, list):
        return {name for one in node for name in _custom_ids(one)}
    if not isinstance(node, dict):
        return set()
    own = {str(node["custom_id"])} if node.get("custom_id") else set()
    return (
        own | _custom_ids(node.get("components")) | _custom_ids(node.get("accessory"))
    )
