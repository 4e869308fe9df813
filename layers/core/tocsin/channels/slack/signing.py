"""Signing: what Slack signs presses with, and which destinations have buttons.

https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tocsin.errors import Fault, Invalid

_SECRET = re.compile(r"[!-~]{16,200}")
_FORM = (
    "not a Signing Secret: 32 characters, from the app's page Basic Information,"
    " App Credentials"
)
_HOOK = (
    "an incoming webhook cannot edit what it has posted, so its buttons are links: put"
    " the destination with a bot's token and channel_id first"
)


def check(settings: Mapping[str, Any], secret: str) -> None:
    """Raises `Invalid`, which never repeats the secret."""
    if _SECRET.fullmatch(secret) is None:
        raise Invalid(f"secret: {_FORM}", [Fault("secret", _FORM)])
    if not settings.get("channel_id"):
        raise Invalid(_HOOK, [Fault("", _HOOK)])
