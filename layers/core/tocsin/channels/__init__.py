"""Channels: one module or folder per kind of endpoint, all of it and nothing elsewhere.

Adding one takes two new files (the channel, its test) and a line here.
"""

from __future__ import annotations

from importlib import import_module
from typing import cast

from tocsin.errors import Fault, Invalid
from tocsin.ports import Aws, Channel

_MODULES = {
    "apprise": "tocsin.channels.apprise",
    "discord": "tocsin.channels.discord",
    "email": "tocsin.channels.email",
    "pagerduty": "tocsin.channels.pagerduty",
    "slack": "tocsin.channels.slack",
    "sms": "tocsin.channels.sms",
    "teams": "tocsin.channels.teams",
    "telegram": "tocsin.channels.telegram",
    "webhook": "tocsin.channels.webhook",
    "whatsapp": "tocsin.channels.whatsapp",
}
# Those that are, or may be, a service of AWS, and so sign as we do.
_ON_AWS = frozenset({"email", "sms"})


def channel(name: str, base: str | None = None, aws: Aws | None = None) -> Channel:
    """The channel of that name, its module imported only now.

    `base` makes it call a stand-in instead of the provider; given on local stacks only.
    Raises `Invalid`, naming the known channels.
    """
    module = _MODULES.get(name)
    if module is None:
        known = ", ".join(sorted(_MODULES))
        raise Invalid(
            "no such channel", [Fault("channel", f"not a channel; known: {known}")]
        )
    opened = import_module(module).open_channel
    return cast("Channel", opened(base, aws) if name in _ON_AWS else opened(base))
