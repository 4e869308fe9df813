"""Interacting: presses and commands that providers pass on, checked, done, answered.

One module per provider, imported when one of its calls comes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, cast

from tocsin.acknowledge import Means
from tocsin.errors import NotFound
from tocsin.interacting.came import Came
from tocsin.ports import Archive, Channel, SettingsBook, Vault

_MODULES = {
    "discord": "tocsin.interacting.discord",
    "slack": "tocsin.interacting.slack",
    "telegram": "tocsin.interacting.telegram",
}


def interact(
    channel: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    settings: SettingsBook,
    archive: Archive,
    vault: Vault,
    channels: Callable[[str], Channel],
    means: Means,
) -> dict[str, Any] | None:
    """The answer to POST /v1/interactions/{channel}, None = nothing but that it came;
    header names in lower case.

    Raises `NotFound`, `Unauthorized`, `Malformed` or `Unavailable`.
    """
    module = _MODULES.get(channel)
    if module is None:
        known = ", ".join(sorted(_MODULES))
        raise NotFound(f"no interactions are taken here; there are: {known}")
    came = Came(headers, body, settings.current(), archive, vault, channels, means)
    answered = import_module(module).interact(came)
    return cast("dict[str, Any] | None", answered)
