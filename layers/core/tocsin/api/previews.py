"""Previews: how an event, a notification or a digest would be told. Nothing is sent."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

from tocsin.api.operation import Answer, Call, Nothing, Operation
from tocsin.api.preview_shapes import (
    Imagined,
    PreviewList,
    WaitList,
    WaitLists,
    Where,
    Whose,
)
from tocsin.api.reach import Reach
from tocsin.settings import Scope


def operations(reach: Reach) -> list[Operation[Any, Any]]:
    """The operations that show without sending."""
    return [
        Operation(
            "POST",
            "/v1/preview",
            "Show how an event would be told, as each provider would be handed it."
            " Sends and keeps nothing; proposed templates can be tried.",
            partial(_later, "imagine", reach),
            Scope.OPERATE,
            Nothing,
            Imagined,
            PreviewList,
        ),
        Operation(
            "GET",
            "/v1/notifications/{id}/preview",
            "Show how a notification is told now, as each provider would be handed it.",
            partial(_later, "show", reach),
            Scope.OPERATE,
            Where,
            Nothing,
            PreviewList,
        ),
        Operation(
            "GET",
            "/v1/digests",
            "Show what waits for any destination, and as what it would be told.",
            partial(_later, "wait_all", reach),
            Scope.OPERATE,
            Nothing,
            Nothing,
            WaitLists,
        ),
        Operation(
            "GET",
            "/v1/digests/preview",
            "Show what waits for a destination, and as what it would be told.",
            partial(_later, "wait", reach),
            Scope.OPERATE,
            Whose,
            Nothing,
            WaitList,
        ),
    ]


def _later(name: str, reach: Reach, call: Call[Any, Any]) -> Answer:
    # Only these calls need what every channel makes of a message.
    answers = import_module("tocsin.api.preview_answers")
    answer: Callable[[Reach, Call[Any, Any]], Answer] = getattr(answers, name)
    return answer(reach, call)
