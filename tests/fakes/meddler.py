"""Meddling: something else happens, once, just before a call to a port."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Meddler:
    """The port, but `act` runs just before call number `at` of the method `name`."""

    def __init__(
        self, port: Any, name: str, act: Callable[[], object], *, at: int = 1
    ) -> None:
        self._port, self._name, self._act = port, name, act
        self._left = at

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        return self._meddled(found) if name == self._name else found

    def _meddled(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def meddled(*args: Any, **kwargs: Any) -> Any:
            self._left -= 1
            if self._left == 0:
                self._act()
            return call(*args, **kwargs)

        return meddled


class Broken:
    """The port, but the methods `names` raise `error`."""

    def __init__(self, port: Any, error: Exception, *names: str) -> None:
        self._port, self._error, self._names = port, error, names

    def __getattr__(self, name: str) -> Any:
        if name not in self._names:
            return getattr(self._port, name)

        def fail(*_: Any, **__: Any) -> Any:
            raise self._error

        return fail
