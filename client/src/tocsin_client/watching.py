"""Watching: telling of exceptions that pass by."""

from __future__ import annotations

import functools
import inspect
import logging
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, cast

from tocsin_client.failures import failure, is_news

if TYPE_CHECKING:
    from typing import TypeVar

    from typing_extensions import Self

    F = TypeVar("F", bound=Callable[..., Any])

logger = logging.getLogger("tocsin_client")
Post = Callable[..., Any]


class Watch:
    """A decorator, or a block with `with` or `async with`. What is raised goes on."""

    def __init__(self, post: Post, keys: Mapping[str, Any], where: str = "") -> None:
        self._post = post
        self._keys = dict(keys)
        self._only = self._keys.pop("only", Exception)
        self._where = where

    def __call__(self, function: F) -> F:
        """The same function, watched."""
        where = f"{function.__module__}.{function.__qualname__}"
        watch = Watch(self._post, {**self._keys, "only": self._only}, where)
        return cast("F", _watched(function, watch))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if isinstance(error, self._only):
            tell(self._post, error, self._where or _place(trace), self._keys)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.__exit__(kind, error, trace)


def tell(post: Post, error: BaseException, where: str, keys: Mapping[str, Any]) -> None:
    """Tell of an exception once, and never raise another over it."""
    try:
        if is_news(error):
            post(**failure(error, where, keys))
    except Exception as other:  # noqa: BLE001 - the first one is what matters
        logger.warning("an exception could not be told of: %s", other)


def _watched(function: Callable[..., Any], watch: Watch) -> Callable[..., Any]:
    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def later(*args: Any, **kwargs: Any) -> Any:
            with watch:
                return await function(*args, **kwargs)

        return later
    if inspect.isasyncgenfunction(function):

        @functools.wraps(function)
        async def each_later(*args: Any, **kwargs: Any) -> Any:
            made = function(*args, **kwargs)
            with watch:
                try:
                    async for each in made:
                        yield each
                finally:
                    await made.aclose()

        return each_later
    if inspect.isgeneratorfunction(function):

        @functools.wraps(function)
        def each(*args: Any, **kwargs: Any) -> Any:
            with watch:
                return (yield from function(*args, **kwargs))

        return each

    @functools.wraps(function)
    def now(*args: Any, **kwargs: Any) -> Any:
        with watch:
            return function(*args, **kwargs)

    return now


def _place(trace: TracebackType | None) -> str:
    """The module and function that hold the block."""
    if trace is None:
        return "a block"
    frame = trace.tb_frame
    return f"{frame.f_globals.get('__name__', '?')}.{frame.f_code.co_name}"
