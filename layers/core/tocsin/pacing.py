"""Pacing: not calling a provider before it wants to be called again."""

from __future__ import annotations

from dataclasses import field

from tocsin.values import dataclass

EVERYWHERE = "*"


@dataclass(slots=True)
class Pace:
    """A process's own memory of when each destination may be called again (ms).

    `key_of_channel` blocks are kept under a name no destination can have, since a
    limit on our address holds for every destination of that channel.
    """

    _not_before: dict[str, int] = field(default_factory=dict)

    def hold(self, name: str, until: int) -> None:
        """No call before `until`; never shortens a longer hold."""
        self._not_before[name] = max(until, self._not_before.get(name, 0))

    def wait(self, names: tuple[str, ...], now: int) -> int:
        """How long (ms) until all of these may be called."""
        return max(0, *(self._not_before.get(name, 0) - now for name in names))


def address_of(channel: str) -> str:
    """The name under which a limit of our whole address is kept."""
    return f"{EVERYWHERE}{channel}"
