"""Silences: listed, made, ended early."""

from __future__ import annotations

from functools import partial
from typing import Any

from tocsin import presenting, shapes
from tocsin.api.operation import Answer, Call, Nothing, Operation
from tocsin.api.reach import Reach
from tocsin.settings import Scope
from tocsin.silences import NewSilence, create_silence, end_silence, listed

_ALL = "/v1/silences"


def operations(reach: Reach) -> list[Operation[Any, Any]]:
    """The operations on silences."""
    return [
        Operation(
            "GET",
            _ALL,
            "List silences, the latest first.",
            partial(_list, reach),
            Scope.OPERATE,
            Nothing,
            Nothing,
            shapes.SilenceList,
        ),
        Operation(
            "POST",
            _ALL,
            "Tell nobody of certain events for a while. Answered when it holds.",
            partial(_create, reach),
            Scope.OPERATE,
            Nothing,
            NewSilence,
            shapes.SilenceShape,
            201,
        ),
        Operation(
            "DELETE",
            f"{_ALL}/{{id}}",
            "End one early.",
            partial(_end, reach),
            Scope.OPERATE,
            Nothing,
            Nothing,
            None,
            204,
        ),
    ]


def _list(reach: Reach, _: Call[Nothing, Nothing]) -> Answer:
    now = reach.clock.now()
    found = listed(desk=reach.settings)
    return Answer({"silences": [presenting.silence(each, now) for each in found]})


def _create(reach: Reach, call: Call[Nothing, NewSilence]) -> Answer:
    made = create_silence(
        call.body, author=call.actor, desk=reach.settings, clock=reach.clock
    )
    return Answer(presenting.silence(made, reach.clock.now()), status=201)


def _end(reach: Reach, call: Call[Nothing, Nothing]) -> Answer:
    end_silence(call.params["id"], desk=reach.settings, clock=reach.clock)
    return Answer(status=204)
