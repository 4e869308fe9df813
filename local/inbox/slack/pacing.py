"""Slack's pace: about one message a second and channel, with short bursts.

https://docs.slack.dev/apis/web-api/rate-limits
"""

from __future__ import annotations

from math import ceil
from typing import Final

from local.inbox.quotas import Quota, Windows
from local.inbox.slack.refusal import Json

PER_CHANNEL: Final = Quota(5, 5.0)
NAME: Final = "slack_per_channel"


class Pacer:
    """The one limit, which can be switched off."""

    def __init__(self) -> None:
        self.limits: dict[str, Windows] = {NAME: Windows(PER_CHANNEL)}

    def configure(self, name: str, quota: Quota | None) -> None:
        """Change it. Raises ValueError for a name that is none."""
        if name not in self.limits:
            raise ValueError(f"unknown limit {name!r}; known: {NAME}")
        self.limits[name].configure(quota)

    def settings(self) -> Json:
        """What is in force."""
        quota = self.limits[NAME].quota
        return {NAME: None if quota is None else [quota.limit, quota.seconds]}

    def wait(self, channel: str, now: float) -> int:
        """Whole seconds to wait; 0 lets the message through."""
        grant = self.limits[NAME].take(channel, now)
        return 0 if grant is None or grant.allowed else max(ceil(grant.reset_after), 1)
