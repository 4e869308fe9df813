"""Sources: listed, made, rotated, revoked, deleted."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from pydantic import Field

from tocsin import presenting, shapes
from tocsin.api.operation import Answer, Call, Nothing, Operation
from tocsin.api.reach import Reach
from tocsin.events import Frozen
from tocsin.rules.config import DestinationName
from tocsin.settings import Scope
from tocsin.sources import create_source, delete_source, revoke_old_key, rotate_key


class NewSource(Frozen):
    """A name of its own, and what its key may do."""

    name: DestinationName
    scopes: Annotated[frozenset[Scope], Field(min_length=1)] = frozenset({Scope.INGEST})


_ONE = "/v1/sources/{name}"


def operations(reach: Reach) -> list[Operation[Any, Any]]:
    """The operations on sources."""
    return [
        Operation(
            "GET",
            "/v1/sources",
            "List sources, with the first characters of their keys.",
            partial(_list, reach),
            Scope.ADMIN,
            Nothing,
            Nothing,
            shapes.SourceList,
        ),
        Operation(
            "POST",
            "/v1/sources",
            "Make one. Its key is shown this once.",
            partial(_create, reach),
            Scope.ADMIN,
            Nothing,
            NewSource,
            shapes.SourceWithKey,
            201,
        ),
        Operation(
            "POST",
            f"{_ONE}/rotate",
            "Give it a second key; both are live until the old one is revoked.",
            partial(_rotate, reach),
            Scope.ADMIN,
            Nothing,
            Nothing,
            shapes.SourceWithKey,
        ),
        Operation(
            "POST",
            f"{_ONE}/revoke",
            "Revoke the older of its two keys.",
            partial(_revoke, reach),
            Scope.ADMIN,
            Nothing,
            Nothing,
            shapes.SourceShape,
        ),
        Operation(
            "DELETE",
            _ONE,
            "Delete it and its keys. The last admin stays.",
            partial(_delete, reach),
            Scope.ADMIN,
            Nothing,
            Nothing,
            None,
            204,
        ),
    ]


def _list(reach: Reach, _: Call[Nothing, Nothing]) -> Answer:
    known = reach.settings.fresh().sources
    return Answer(
        {"sources": [presenting.source(known[name]) for name in sorted(known)]}
    )


def _create(reach: Reach, call: Call[Nothing, NewSource]) -> Answer:
    made, key = create_source(
        call.body.name, call.body.scopes, desk=reach.settings, clock=reach.clock
    )
    return Answer(presenting.source_with_key(made, key), status=201)


def _rotate(reach: Reach, call: Call[Nothing, Nothing]) -> Answer:
    name = call.params["name"]
    made, key = rotate_key(name, desk=reach.settings, clock=reach.clock)
    return Answer(presenting.source_with_key(made, key))


def _revoke(reach: Reach, call: Call[Nothing, Nothing]) -> Answer:
    name = call.params["name"]
    left = revoke_old_key(name, desk=reach.settings, clock=reach.clock)
    return Answer(presenting.source(left))


def _delete(reach: Reach, call: Call[Nothing, Nothing]) -> Answer:
    delete_source(call.params["name"], desk=reach.settings, clock=reach.clock)
    return Answer(status=204)
