"""Updates: presses are posted to the webhook that the bot has set, with its secret.

https://core.telegram.org/bots/api#setwebhook
https://core.telegram.org/bots/api#callbackquery
"""

from __future__ import annotations

import itertools
import json
import re
import time
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from local.inbox.pressing import NoSuchButton, Pressed, post, shown
from local.inbox.store import Arrival, Json
from local.inbox.telegram.refusal import bad
from local.inbox.telegram.visit import Visit

USER: Final = 777000777
LOOPBACK: Final = ("127.0.0.1", "localhost")
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{1,256}", re.ASCII)
_UNHEARD: Final = "The bot has set no webhook: its buttons wait for an answer for ever."
_updates = itertools.count(int(time.time()))


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where a bot wants its updates."""

    url: str
    secret: str = field(repr=False, default="")


class Updates:
    """The webhooks of all bots, by bot."""

    def __init__(self) -> None:
        self._webhooks: dict[int, Webhook] = {}

    def set(self, visit: Visit) -> bool:
        """setWebhook: https anywhere, and http on this machine, as no other Telegram
        takes it. An empty address takes it away. Raises Refusal."""
        url = str(visit.given.get("url") or "")
        secret = str(visit.given.get("secret_token") or "")
        parts = urlsplit(url)
        local = parts.scheme == "http" and parts.hostname in LOOPBACK
        if url and parts.scheme != "https" and not local:
            raise bad("bad webhook: An HTTPS URL must be provided for webhook")
        if secret and not _SECRET.fullmatch(secret):
            raise bad("secret token contains unallowed characters")
        self._webhooks.pop(visit.bot, None)
        if url:
            self._webhooks[visit.bot] = Webhook(url, secret)
        return True

    def info(self, visit: Visit) -> Json:
        """GetWebhookInfo."""
        known = self._webhooks.get(visit.bot)
        return {
            "url": known.url if known else "",
            "has_custom_certificate": False,
            "pending_update_count": 0,
        }

    def clear(self) -> None:
        """No bot has a webhook."""
        self._webhooks.clear()

    async def press(self, arrival: Arrival, button: str, user: str) -> Pressed:
        """Post the update; the answer may itself be a call, that of answering it."""
        if button not in _names(arrival):
            raise NoSuchButton
        webhook = self._webhooks.get(arrival.message["from"]["id"])
        if webhook is None or urlsplit(webhook.url).hostname not in LOOPBACK:
            return Pressed(0, _UNHEARD)
        query = str(time.time_ns())
        update = {
            "update_id": next(_updates),
            "callback_query": {
                "id": query,
                "from": {"id": USER, "is_bot": False, "username": user},
                "message": arrival.message,
                "chat_instance": "1",
                "data": button,
            },
        }
        headers = {"Content-Type": "application/json"}
        if webhook.secret:
            headers["X-Telegram-Bot-Api-Secret-Token"] = webhook.secret
        status, told = await post(webhook.url, json.dumps(update).encode(), headers)
        return Pressed(status, _answered(told, query))


def _names(arrival: Arrival) -> set[str]:
    keyboards = [
        message.get("reply_markup", {}).get("inline_keyboard", [])
        for message in shown(arrival)
    ]
    return {
        str(one["callback_data"])
        for keyboard in keyboards
        for row in keyboard
        for one in row
        if "callback_data" in one
    }


def _answered(told: Any, query: str) -> str:
    """The words of `answerCallbackQuery`, if this press is what it answers."""
    answers = isinstance(told, dict) and told.get("method") == "answerCallbackQuery"
    if not answers or str(told.get("callback_query_id")) != query:
        return ""
    return str(told.get("text") or "")[:200]
