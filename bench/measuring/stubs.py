"""Stubs at the ports' outer edge: what is left is Tocsin's own work.

They stand in for the low-level AWS clients and for the provider's socket. Packing,
unpacking, judging, rendering and encoding are the real ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bench.measuring.canned import Answers
from bench.measuring.discord import ANSWER
from tocsin.channels._http import Response


class StubClient:
    """A client whose answers are at hand, already parsed."""

    def __init__(self, items: Sequence[Mapping[str, Any]], secret: str) -> None:
        self._answers = Answers(items, secret)

    def __getattr__(self, name: str) -> Any:
        operation = "".join(word.capitalize() for word in name.split("_"))
        return lambda **asked: self._answers.to(operation, asked)


class StubHttp:
    """`Http` whose every call is answered at once."""

    def call(self, *_: object, **__: object) -> Response:
        """A message was posted."""
        return Response(200, {"content-type": "application/json"}, ANSWER)

    def deadline(self) -> float:
        """By when the answer must be there: it always is."""
        return 0.0
