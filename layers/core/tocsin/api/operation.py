"""Operations: a call of the API as a value, from which it is served and described."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import field
from functools import cached_property
from typing import Any, Generic, TypeVar

from tocsin.events import Frozen
from tocsin.settings import Scope, Source
from tocsin.values import dataclass


class Nothing(Frozen):
    """No query parameters, or no body."""


Q = TypeVar("Q", bound=Frozen)
B = TypeVar("B", bound=Frozen)


@dataclass(frozen=True, slots=True)
class Request:
    """What came in, before anything is believed of it. Header names are lower case."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Call(Generic[Q, B]):
    """A request that was admitted and is well-formed. `caller` is None where no key is
    needed and none was given."""

    request: Request
    params: Mapping[str, str]
    query: Q
    body: B
    caller: Source | None

    @property
    def actor(self) -> str:
        """Who is calling, for the audit trail."""
        return self.caller.name if self.caller else ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes out: `content` is JSON unless it is text, or bytes as they are."""

    content: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    media: str = "application/json"


@dataclass(frozen=True)
class Operation(Generic[Q, B]):
    """One method on one path (`{name}` stands for a part of it).

    scope     the caller's key must have it; None = no key is needed
    open      a key may be missing; one that is given must still have the scope
    body      the model of the JSON body; None = `run` reads `request.body` itself
    returns   the type of the answer's content, read by the OpenAPI document
    """

    method: str
    path: str
    does: str
    run: Callable[[Call[Q, B]], Answer]
    scope: Scope | None
    query: type[Q]
    body: type[B] | None
    returns: Any = None
    status: int = 200
    open: bool = False
    media: tuple[str, ...] = ("application/json",)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        parts = re.split(r"\{(\w+)\}", self.path)
        texts = [
            f"(?P<{part}>[^/]+)" if index % 2 else re.escape(part)
            for index, part in enumerate(parts)
        ]
        return re.compile("".join(texts))

    def params_of(self, path: str) -> dict[str, str] | None:
        """The named parts of a path, or None when it is another one."""
        found = self._pattern.fullmatch(path)
        return found.groupdict() if found else None
