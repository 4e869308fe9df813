"""Channels: what the settings of each are called, so that secrets are asked for by name
and never shown. A channel not listed here can be used all the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Secret:
    """A setting that must not be seen. `begins` tells it from its alternatives."""

    name: str
    told: str
    begins: str = ""
    optional: bool = False


@dataclass(frozen=True)
class Kind:
    """`either`: one of the secrets is enough. `needs`: settings asked for."""

    secrets: tuple[Secret, ...]
    needs: Mapping[str, str]
    either: bool = False

    def secret_for(self, text: str) -> Secret:
        """Which of the secrets this text is."""
        for each in self.secrets:
            if each.begins and text.startswith(each.begins):
                return each
        return self.secrets[0]


_URL = Secret("url", "URL", begins="https://")

KINDS: Mapping[str, Kind] = {
    "discord": Kind((Secret("url", "Webhook URL", begins="https://"),), {}),
    "slack": Kind(
        (
            Secret("url", "Webhook URL, or a bot's token", begins="https://"),
            Secret("token", "Bot token", begins="xox"),
        ),
        {},
        either=True,
    ),
    "telegram": Kind((Secret("token", "Bot token"),), {"chat": "Chat (id or @name)"}),
    "email": Kind(
        (Secret("password", "Password, or nothing", optional=True),),
        {"host": "Mail server", "from": "From", "to": "To"},
    ),
    "webhook": Kind((_URL, Secret("secret", "Signing secret", begins="whsec_")), {}),
    "whatsapp": Kind(
        (Secret("token", "Access token"),),
        {"phone_number_id": "Phone number id", "to": "To (+41…)"},
    ),
    "pagerduty": Kind((Secret("routing_key", "Integration key"),), {}),
    "teams": Kind((Secret("url", "The workflow's address", begins="https://"),), {}),
    "sms": Kind((), {"number": "Number (+41…)"}),
    "apprise": Kind((Secret("url", "Apprise URL"),), {}),
}
_SES = Kind((), {"from": "From", "to": "To"})
_UNKNOWN = Kind(
    (
        _URL,
        Secret("token", "Token"),
    ),
    {},
    either=True,
)
_SECRET_WORDS = ("url", "token", "password", "secret", "key", "headers")


def kind_of(channel: str, settings: Mapping[str, object] | None = None) -> Kind:
    """What is known of a channel; mail through SES has no secret."""
    if channel == "email" and (settings or {}).get("via") == "ses":
        return _SES
    return KINDS.get(channel, _UNKNOWN)


def is_secret(channel: str, setting: str) -> bool:
    """Whether a setting should not stand in a shell's history."""
    named = {each.name for each in kind_of(channel).secrets}
    return setting in named or any(word in setting for word in _SECRET_WORDS)
