"""Telegram: presses in a bot's chats, with the secret token of the bot's webhook.

The token is the same for all chats of a bot, and whoever reads one of them can send any
name of a button from there: so a press acts only on what was told in its own chat.
https://core.telegram.org/bots/api#callbackquery
"""

from __future__ import annotations

import hmac
from typing import Any

from tocsin.channels.telegram import interactions as telegram
from tocsin.delivery import Delivery
from tocsin.errors import Unauthorized
from tocsin.interacting.came import Came
from tocsin.pressing import press

CHANNEL = "telegram"


def interact(call: Came) -> dict[str, Any] | None:
    """See `interacting.interact`. What is no press is of no concern to us."""
    among = _named_by(call)
    came = telegram.read(call.body)
    if not came.query:
        return None

    def here(delivery: Delivery) -> bool:
        """In the chat where it stands, or the one that it is for."""
        own = call.settings.destinations[delivery.destination].settings
        names = {delivery.place, str(own.get("chat", "")).lower()}
        return bool(names & came.chats)

    actor, means = came.actor, call.means
    why = press(came.pressed, actor=actor, among=among, means=means, here=here)
    return telegram.answered(came.query, why)


def _named_by(call: Came) -> frozenset[str]:
    """The destinations whose secret token came along, compared in constant time."""
    given = call.headers.get(telegram.HEADER, "").encode("utf-8", "replace")
    fitting = set()
    for name, secrets in call.secrets(CHANNEL):
        fits = False
        for secret in secrets:
            fits |= hmac.compare_digest(given, secret.encode())
        if fits:
            fitting.add(name)
    if not fitting:
        raise Unauthorized("the secret token is missing, or no Telegram destination's")
    return frozenset(fitting)
