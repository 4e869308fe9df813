"""The service itself: its health, its OpenAPI document, its docs page."""

from __future__ import annotations

from functools import partial
from typing import Any

from tocsin import __version__, presenting, shapes
from tocsin.api import docs_page
from tocsin.api.openapi import document_of
from tocsin.api.operation import Answer, Call, Nothing, Operation
from tocsin.api.reach import Reach
from tocsin.settings import Scope

_COUNTED = 100


def operations(
    reach: Reach, others: list[Operation[Any, Any]]
) -> list[Operation[Any, Any]]:
    """The operations on the service; the document describes these and `others`."""
    own: list[Operation[Any, Any]] = []
    described = [*others]
    own += [
        Operation(
            "GET",
            "/v1/health",
            "Is it alive? With a key: how are the destinations, how many letters dead?",
            partial(_health, reach),
            Scope.OPERATE,
            Nothing,
            Nothing,
            shapes.Liveness | shapes.ServiceHealth,
            open=True,
        ),
        Operation(
            "GET",
            "/v1/openapi.json",
            "This document.",
            lambda _: Answer(document_of(described)),
            None,
            Nothing,
            Nothing,
            dict[str, Any],
        ),
        Operation(
            "GET",
            "/docs",
            "This document, for people.",
            lambda _: docs_page.answer(document_of(described)),
            None,
            Nothing,
            Nothing,
            None,
            media=("text/html",),
        ),
    ]
    described += own
    return own


def _health(reach: Reach, call: Call[Nothing, Nothing]) -> Answer:
    if call.caller is None:
        return Answer({"status": "ok"})
    names = sorted(reach.settings.current().destinations)
    known = reach.health.health(names)
    now = reach.clock.now()
    ill = any(each.disabled_at or each.blocked_until > now for each in known.values())
    dead, more = reach.archive.dead(limit=_COUNTED, cursor="")
    answer: shapes.ServiceHealth = {
        "status": "degraded" if ill else "ok",
        "version": __version__,
        "dead_letters": len(dead),
        "more_dead_letters": bool(more),
        "destinations": {name: presenting.health(known.get(name)) for name in names},
    }
    return Answer(answer)
