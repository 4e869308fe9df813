"""Flood limits as Telegram states them; it answers with the seconds to wait.

https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
"""

from __future__ import annotations

import math
from typing import Any, Final

from local.inbox.quotas import Quota, Windows
from local.inbox.telegram.chats import Chat

PER_CHAT: Final = Quota(1, 1.0)
PER_GROUP: Final = Quota(20, 60.0)
PER_BOT: Final = Quota(30, 1.0)


class Pacer:
    """Every limit, each switchable."""

    def __init__(self) -> None:
        self.limits: dict[str, Windows] = {
            "telegram_per_chat": Windows(PER_CHAT),
            "telegram_per_group": Windows(PER_GROUP),
            "telegram_per_bot": Windows(PER_BOT),
        }

    def configure(self, name: str, quota: Quota | None) -> None:
        """Change one limit."""
        self.limits[name].configure(quota)

    def settings(self) -> dict[str, Any]:
        """The limits in force."""
        return {
            name: None if quota is None else [quota.limit, quota.seconds]
            for name, quota in ((n, w.quota) for n, w in self.limits.items())
        }

    def wait(self, bot: int, chat: Chat, now: float) -> int:
        """Seconds to wait, 0 for a message that may pass and is counted."""
        keys: list[tuple[str, object]] = [
            ("telegram_per_bot", bot),
            ("telegram_per_chat", (bot, chat.id)),
        ]
        if chat.crowded:
            keys.append(("telegram_per_group", (bot, chat.id)))
        for name, key in keys:
            stands = self.limits[name].look(key, now)
            if stands is not None and not stands.allowed:
                return max(1, math.ceil(stands.reset_after))
        for name, key in keys:
            self.limits[name].take(key, now)
        return 0
