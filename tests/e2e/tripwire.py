"""A tripwire: counts every call out of this process, and ends it at a chosen one."""

from __future__ import annotations

import http.client
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any, Final

KILLED: Final = 77
_NUMBER: Final = "_number_of_its_call"
_TARGET: Final = "x-amz-target"  # what AWS is asked to do


class Tripwire:
    """Sits in `http.client`, below botocore as below the channels, so that no call
    passes it by. At call number `fatal` the process ends without a farewell: before
    anything of it is sent or, with `after`, as soon as its answer is here.
    """

    def __init__(self, fatal: int | None = None, *, after: bool = False) -> None:
        self.fatal = fatal
        self.after = after
        self.calls: list[str] = []
        self._armed = False
        self._lock = Lock()

    @contextmanager
    def armed(self) -> Iterator[None]:
        """Calls made meanwhile are Tocsin's; others are those of AWS around it."""
        self._armed = True
        try:
            yield
        finally:
            self._armed = False

    def stretch(self) -> None:
        """Put it up, once and for all in this process."""
        kind: Any = http.client.HTTPConnection
        kind.putrequest = self._before(kind.putrequest)
        kind.putheader = self._beside(kind.putheader)
        kind.getresponse = self._behind(kind.getresponse)

    def _before(self, put: Callable[..., Any]) -> Callable[..., Any]:
        def putrequest(
            connection: Any, method: str, url: str, *args: Any, **kwargs: Any
        ) -> Any:
            if self._armed:
                with self._lock:
                    self.calls.append(f"{method} {connection.port}{url}")
                    number = len(self.calls)
                setattr(connection, _NUMBER, number)
                if number == self.fatal and not self.after:
                    os._exit(KILLED)
            return put(connection, method, url, *args, **kwargs)

        return putrequest

    def _beside(self, put: Callable[..., Any]) -> Callable[..., Any]:
        def putheader(connection: Any, name: Any, *values: Any) -> Any:
            number = getattr(connection, _NUMBER, 0)
            if self._armed and number and _text(name).lower() == _TARGET:
                self.calls[number - 1] = _text(values[0])
            return put(connection, name, *values)

        return putheader

    def _behind(self, get: Callable[..., Any]) -> Callable[..., Any]:
        def getresponse(connection: Any, *args: Any, **kwargs: Any) -> Any:
            answer = get(connection, *args, **kwargs)
            if self._armed and getattr(connection, _NUMBER, 0) == self.fatal:
                os._exit(KILLED)
            return answer

        return getresponse


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
