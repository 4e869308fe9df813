"""What an operator says of a Telegram destination: the bot, the chat, and how loudly.

https://core.telegram.org/bots/api#authorizing-your-bot
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationError

from tocsin.channels import _complaints
from tocsin.channels._settings import parted
from tocsin.errors import Fault, Invalid
from tocsin.events import Frozen
from tocsin.severity import Severity, parse_severity

GENERAL = 1  # the topic that is the chat itself: naming it gets the message refused
ALWAYS, NEVER = "always", "never"
_TOKEN = re.compile(r"\d{1,20}:[A-Za-z0-9_-]{35}", re.ASCII)
_CHAT_ID = re.compile(r"-?[1-9]\d{0,15}", re.ASCII)
_CHAT_NAME = re.compile(r"@[A-Za-z][A-Za-z0-9_]{3,31}", re.ASCII)
_BOT_FORM = (
    "not a bot token; write it as BotFather shows it: digits, a colon, 35 characters"
)
_CHAT_FORM = "not a chat; write its id (-1001234567890) or, for a public one, its @name"
_SIGN = re.compile(r"[A-Za-z0-9_-]{16,256}", re.ASCII)
_SIGN_FORM = (
    "not a secret token: 16 to 256 letters, digits, _ and -, as `openssl rand -hex 32`"
    " makes one"
)
_SILENT_FORM = f"a severity, {ALWAYS!r} or {NEVER!r}"


def token_of(secret: object) -> str:
    """Read a bot token. Raises ValueError, whose text never repeats it."""
    token = secret.strip() if isinstance(secret, str) else ""
    if _TOKEN.fullmatch(token) is None:
        raise ValueError(_BOT_FORM)
    return token


def _chat(value: object) -> str:
    known = isinstance(value, str | int) and not isinstance(value, bool)
    text = str(value).strip() if known else ""
    if _CHAT_ID.fullmatch(text) or _CHAT_NAME.fullmatch(text):
        return text
    raise ValueError(_CHAT_FORM)


def _silent(value: object) -> str:
    text = value.strip().lower() if isinstance(value, str) else ""
    if text in (ALWAYS, NEVER):
        return text
    try:
        return parse_severity(text).value
    except ValueError:
        raise ValueError(f"neither {_SILENT_FORM}") from None


class Settings(Frozen):
    """All that may be said besides `token`. `silent`: what is less severe than this
    arrives without a sound."""

    chat: Annotated[str, BeforeValidator(_chat)]
    topic: Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)] | None = None
    silent: Annotated[str, BeforeValidator(_silent)] = Severity.MEDIUM.value

    @property
    def loud_from(self) -> int:
        """The lowest rank that makes a sound."""
        if self.silent in (ALWAYS, NEVER):
            return 100 if self.silent == ALWAYS else 0
        return Severity(self.silent).rank


def split(given: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """(settings to keep, bot token or ""). Raises `Invalid`."""
    return parted(
        given, Settings, faults_of, channel="Telegram", hidden="token", read=token_of
    )


def check_secret_token(secret: str) -> None:
    """What Telegram can send along with updates. Raises `Invalid`, which never repeats
    it. https://core.telegram.org/bots/api#setwebhook"""
    if _SIGN.fullmatch(secret) is None:
        raise Invalid(f"secret: {_SIGN_FORM}", [Fault("secret", _SIGN_FORM)])


def faults_of(error: ValidationError) -> list[Fault]:
    """Field and reason of each, without the values that were given."""
    words = {
        "extra_forbidden": "not a setting of Telegram destinations",
        "missing": f"is missing: {_CHAT_FORM.partition('; ')[2]}",
    }
    return _complaints.faults_of(error, words)
