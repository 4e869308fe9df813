"""Chaos: kills the process before or after its k-th call to the outside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Killed(BaseException):
    """The process is gone. Not an Exception: nothing may catch it and go on."""


class Chaos:
    """Counts external calls; at the fatal one, and ever after, raises `Killed`."""

    def __init__(self, fatal: int | None = None, *, after: bool = False) -> None:
        self.fatal = fatal
        self.after = after
        self.calls: list[str] = []
        self.dead = False

    def revive(self) -> None:
        """A new process: nothing kills this one."""
        self.fatal, self.dead = None, False

    def around(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(*args: Any, **kwargs: Any) -> Any:
            self._die_if(self.dead)
            self.calls.append(name)
            fatal = len(self.calls) == self.fatal
            self._die_if(fatal and not self.after)
            result = call(*args, **kwargs)
            self._die_if(fatal or self.dead)
            return result

        return guarded

    def _die_if(self, condition: bool) -> None:
        if condition:
            self.dead = True
            raise Killed

    def wrap(self, port: Any, *names: str) -> Any:
        """The port, with these of its methods counted."""
        return _Wrapped(port, self, frozenset(names))


class _Wrapped:
    def __init__(self, port: Any, chaos: Chaos, names: frozenset[str]) -> None:
        self._port, self._chaos, self._names = port, chaos, names

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        if name in self._names:
            return self._chaos.around(name, found)
        return found
